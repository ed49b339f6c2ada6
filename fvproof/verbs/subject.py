"""The network that is looked at, and the images that it is measured on: `fv.model`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.images import ImageSet, load_images
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.zoo import EMBEDDED, load_model, model_of
from fvproof.theory.errors import DomainError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Images = ImageSet | Tensor | np.ndarray | Sequence[object] | str | Path
"""What a verb takes as images: a set, (N, C, H, W) in memory, or the path of a folder or an .npz file."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subject:
    """A network with the natural images that it is measured on; `fv.model` makes one.

    Attributes
    ----------
    model
        The network, and how it reads images.
    images
        None where none were given: verbs that need some then ask for them.
    """

    model: Model
    images: ImageSet | None = None

    @override
    def __repr__(self) -> str:
        shape = "×".join(map(str, self.model.shape))
        about = "no images" if self.images is None else f"{len(self.images)} images"
        return f"<Subject {self.model.name}: {shape}, {about}>"

    def __call__(self, images: Tensor) -> Tensor:
        """Return the network's output for float32 images in [0, 1], (N, C, H, W)."""
        return self.model(images)

    @property
    def natural(self) -> ImageSet:
        """The images.

        Raises
        ------
        DomainError
            If there are none.
        """
        if self.images is None:
            raise DomainError(f"{self.model.name} needs images to be measured on: give images=")
        return self.images


Given = Subject | Model | nn.Module | str | Path
"""What a verb takes as a network."""


def model(
    network: Given,
    *,
    images: Images | None = None,
    labels: "ArrayLike | None" = None,
    class_names: Sequence[str] | None = None,
    **reading: Any,  # noqa: ANN401  those of load_model and load_images
) -> Subject:
    """Return a network, ready to be looked at, with the natural images that it is measured on.

    Parameters
    ----------
    network
        A ``torch.nn.Module``, which is left as it is; or a name: ``"digits"`` (embedded), ``"torchvision:NAME"``,
        ``"timm:NAME"``, a torch export ``"net.pt2"``, ``"file.py:function"``.
    images
        (N, C, H, W): uint8 in 0..255 or floating point in [0, 1], an array or a tensor; or the path of a folder of
        class folders, or of an .npz file. The embedded networks bring their own.
    labels
        (N,), the number of the output unit of each image's class.
    class_names
        One per output.
    **reading
        How the network reads images: ``mean`` and ``std``, one number per channel, for images in [0, 1]; ``shape``,
        (C, H, W), where neither network nor images tell; ``weights``, a file, and ``device``, for a network that is
        named. How image files are read: ``limit``, ``crop``.

    Returns
    -------
    Subject
        What all other verbs take.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If there is no such network, or network, images and labels do not fit.

    Examples
    --------
    >>> import fvproof as fv
    >>> fv.model("digits-small")
    <Subject digits-small: 1×8×8, 450 images>
    >>> net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
    >>> fv.model(net, images=torch.rand(20, 3, 2, 2), labels=torch.arange(20) % 3)
    <Subject Sequential: 3×2×2, 20 images>
    """
    of_files = {name: reading.pop(name) for name in ("limit", "crop") if name in reading}
    if isinstance(network, Subject):
        found, images = network.model, network.images if images is None else images
    elif isinstance(network, Model):
        found = network
    elif isinstance(network, nn.Module):
        found = model_of(network, shape=reading.pop("shape", None) or _shape_of(network, images), **reading)
    else:
        found = load_model(str(network), **reading)
    if class_names is not None:
        found = replace(found, class_names=tuple(map(str, class_names)))
    return Subject(found, _natural(found, images, labels, of_files))


def subject_of(network: Given, images: Images | None = None, labels: "ArrayLike | None" = None) -> Subject:
    """Return what a verb is about: what it was given, with images of its own if some are given."""
    return network if isinstance(network, Subject) and images is None else model(network, images=images, labels=labels)


def shared_by(subject: Subject) -> Callable[[], tuple[Model, ImageSet | None]]:
    """Return a function that gives other processes the network and the images."""
    return partial(_both, subject.model, subject.images)


def _both(network: Model, images: ImageSet | None) -> tuple[Model, ImageSet | None]:
    """Return what was sent to a process."""
    return network, images


def _shape_of(network: nn.Module, images: Images | None) -> tuple[int, ...] | None:
    """Return the shape of one image, where the network does not state it and images in memory tell."""
    if hasattr(network, "input_shape"):
        return None
    shape = tuple(getattr(images, "shape", ()))
    return shape if isinstance(images, ImageSet) else shape[1:] if len(shape) == 4 else None


def _natural(
    found: Model, images: Images | None, labels: "ArrayLike | None", of_files: dict[str, Any]
) -> ImageSet | None:
    """Return the images as a set, brought to the network's shape if they are files."""
    match images:
        case None if found.name in EMBEDDED:
            return digits_images()
        case None:
            return None
        case ImageSet():
            return images if labels is None else replace(images, labels=_labels(labels))
        case str() | Path():
            read = load_images(images, found.shape, class_names=found.class_names, **of_files)
            return read if labels is None else replace(read, labels=_labels(labels))
        case _:
            pixels = images.detach().cpu().numpy() if isinstance(images, Tensor) else np.asarray(images)
            kept = pixels if pixels.dtype == np.uint8 else pixels.astype(np.float32)
            return ImageSet(kept, None if labels is None else _labels(labels))


def _labels(labels: "ArrayLike") -> np.ndarray:
    """Return labels as an array of int64."""
    return np.asarray(torch.as_tensor(labels).cpu(), np.int64)
