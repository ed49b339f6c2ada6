"""The network that is looked at, and the images that it is measured on: `fv.model`."""

import pickle
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from torch import Tensor, nn
from typing_extensions import TypeAliasType, Unpack, override

from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.executors import named_workers
from fvproof.empirical.keeping.workers import Workers
from fvproof.empirical.networks.layers import listed
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.preprocessing import span_of
from fvproof.empirical.networks.soundness import require_fit
from fvproof.empirical.networks.zoo import load_model, model_of
from fvproof.empirical.notices import heard_by, notify
from fvproof.theory.errors import DomainError
from fvproof.verbs.kinds import checked
from fvproof.verbs.listing import LayersResult
from fvproof.verbs.natural import Images, in_memory, natural_images, range_read, required
from fvproof.verbs.reading import (
    OF_IMAGES,
    OF_NAMES,
    OF_NETWORKS,
    HowItReads,
    numbers,
    require_known,
    with_axes,
    with_names,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Both = tuple[Model, ImageSet | None]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subject:
    """A network with the natural images that it is measured on; `fv.model` makes one.

    Attributes
    ----------
    model
        The network, and how it reads images.
    images
        None where none were given: verbs that need some then ask for them.
    load
        Gives other processes the same network and images; None to send them as they are.
    """

    model: Model
    images: ImageSet | None = None
    load: Callable[[], Both] | None = None

    @override
    def __repr__(self) -> str:
        return f"<Subject {self._about}>"

    @property
    def _about(self) -> str:
        """The network's name, its shape, and how many images there are."""
        shape = "×".join(map(str, self.model.shape))
        about = "no images" if self.images is None else f"{len(self.images)} images"
        return f"{self.model.name}: {shape}, {about}"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        found = self.layers()
        return f"<p><b>{escape(self._about)}</b></p>{found.in_table}"

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
        return required(self.model, self.images)

    def layers(self) -> LayersResult:
        """Return the layers: name, kind, shape of the output, and where its units lie.

        Examples
        --------
        >>> model("digits-small").layers()
        <LayersResult: digits-small: 6 layers, 138 units>
        """
        return LayersResult(tuple(listed(self.model)), self.model.name)


Given = TypeAliasType("Given", Subject | Model | nn.Module | str | Path)
"""What a verb takes as a network."""


@checked
def model(
    network: Given,
    *,
    images: Images | None = None,
    labels: "ArrayLike | None" = None,
    class_names: Sequence[str] | None = None,
    **reading: Unpack[HowItReads],
) -> Subject:
    """Return a network, ready to be looked at, with the natural images that it is measured on.

    Parameters
    ----------
    network
        A ``torch.nn.Module`` in any mode and on any device, which is left as it is; or a name: ``"digits"`` or
        ``"digits-small"`` (embedded, trained in seconds), ``"torchvision:NAME"``, ``"timm:NAME"``, a torch export
        ``"net.pt2"``, an ONNX file ``"net.onnx"``, ``"file.py:function"``, a function without arguments that returns a
        module.
    images
        (N, C, H, W), an array or a tensor, or a list of (C, H, W): uint8 in 0..255 or floating point in [0, 1], before
        they are standardized; signals (N, C, L) and volumes (N, C, D, H, W) are numbers in ``value_range``. Or the path
        of a folder of class folders, or of an .npz, .npy or .pt file; these are brought to the network's shape. The
        embedded networks bring their own.
    labels
        (N,) whole numbers, of each image's output unit; class folders bring their own.
    class_names
        One per output.
    **reading
        How the network reads images:

        - ``mean`` and ``std``, one number or one per channel, for images in ``value_range``: the network is given
          (image − mean) / std. By default nothing is done (torchvision's and timm's networks state their own).
        - ``value_range``, what black and white are to it: 255, or (-1, 1); by default (0, 1). ``bgr``: whether it
          reads blue, green, red.
        - ``shape``, (C, H, W), (C, L) of signals or (C, D, H, W) of volumes, where neither the network
          (``input_shape``) nor images in memory tell; by default (3, 224, 224).
        - ``output``, which of the tensors that the network returns counts, a dotted path such as ``"logits"`` or
          ``"heads.0"``; or the name of a layer, whose output then counts.
        - ``axes``, for layers by name the axis along which their units lie, where `Subject.layers` is wrong.
        - ``weights``, a file (safetensors, a state_dict, .npz), and ``device`` ("auto", "cpu", "cuda:1", ..) of a
          network that is named.

        Which images: ``limit``, at most so many; ``per_class``, so many of each class; ``crop`` (0.875), the share of
        the short side that is kept of files.

    Returns
    -------
    Subject
        What all other verbs take. Its ``layers()`` lists what can be looked at.

    Raises
    ------
    UnknownName
        If there is no such network or setting; near names are listed.
    DomainError, ShapeError
        If network, images, labels and names do not fit, or nothing can be measured on the network.

    Examples
    --------
    >>> import torch
    >>> import fvproof as fv
    >>> fv.model("digits-small")
    <Subject digits-small: 1×8×8, 450 images>
    >>> net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
    >>> fv.model(net, images=torch.rand(20, 3, 2, 2), labels=torch.arange(20) % 3, mean=0.5, std=0.2)
    <Subject Sequential: 3×2×2, 20 images>
    """
    require_known(reading, HowItReads.__annotations__)
    if images is None and isinstance(network, Subject):
        images = network.images
    if images is not None and not isinstance(images, str | Path):
        images = in_memory(images, labels, _range_of(network, reading))
        labels = None
    how = {name: value for name, value in reading.items() if name not in OF_IMAGES}
    taken: dict[str, Any] = {name: value for name, value in reading.items() if name in OF_IMAGES}
    found = with_axes(with_names(_network(network, images, how), class_names), reading.get("axes"))
    natural = natural_images(found, images, labels, **taken)
    if natural is not None:
        require_fit(found, natural)
        for sentence in natural.told:
            notify(sentence)
    again = None
    if isinstance(network, str | Path):
        given = {"images": images, "labels": labels, "class_names": class_names, **reading}
        again = partial(_again, Path.cwd(), network, given)
    return Subject(found, natural, again)


def _range_of(network: Given, reading: Mapping[str, Any]) -> tuple[float, float]:
    """Return what the network will read black and white as."""
    if isinstance(network, Subject | Model):
        return range_read(network.model if isinstance(network, Subject) else network)
    span = reading.get("value_range")
    return span_of(None if span is None else numbers("value_range", span))


def subject_of(network: Given, images: Images | None = None, labels: "ArrayLike | None" = None) -> Subject:
    """Return what a verb is about: what it was given, with images of its own if some are given."""
    return network if isinstance(network, Subject) and images is None else model(network, images=images, labels=labels)


def workers_for(executor: str, subject: Subject) -> Workers | None:
    """Return who shares the work, by name; see `fvproof.empirical.keeping.executors.named_workers`.

    Raises
    ------
    DomainError
        If there is no such executor, or the network cannot be sent to other processes.
    """
    return named_workers(executor, subject.load or shared_by(subject, sent=executor != "local"))


def shared_by(subject: Subject, *, sent: bool = False) -> Callable[[], Both]:
    """Return a function that gives other processes the network and the images as they are, if they can be sent."""
    if sent:
        try:
            pickle.dumps((subject.model, subject.images))
        except Exception as error:
            told = f"{subject.model.name} cannot be sent to other processes ({error})"
            raise DomainError(f'{told}: give it by name, as "file.py:function"') from error
    return partial(_both, subject.model, subject.images)


def _both(network: Model, images: ImageSet | None) -> Both:
    """Return what was sent to a process."""
    return network, images


def _again(folder: Path, network: str | Path, given: Mapping[str, Any]) -> Both:
    """Return a network that was named from a folder, and its images, in whatever process this is."""
    with chdir(folder), heard_by(lambda _: None):  # who asked has been told
        found = model(network, **given)
        return found.model, found.images


def _network(network: Given, images: object, how: Mapping[str, Any]) -> Model:
    """Return the network as something that can be looked at; `how` says how it reads images."""
    told = {name: value for name, value in how.items() if name != "axes" and value is not None}
    reads: dict[str, Any] = {
        name: told[name] if name in ("bgr", "output") else numbers(name, told[name])
        for name in OF_NETWORKS
        if name in told
    }
    if isinstance(network, str | Path):
        settings: dict[str, Any] = {"device": "auto", **told, **reads}
        return load_model(str(network), **settings)
    if not isinstance(network, get_args(Given.__value__)):
        raise DomainError(f"a network is a torch.nn.Module or a name, not {type(network).__name__}")
    for name in OF_NAMES:
        if name in told:
            raise DomainError(f"{name}= is for a network that is named: a module is looked at where it is, as it is")
    if isinstance(network, nn.Module):
        if isinstance(images, ImageSet) and not hasattr(network, "input_shape"):
            reads = {"shape": images.shape, **reads}
        return model_of(network, **reads)
    if reads:
        raise DomainError(f"{next(iter(reads))}= must be given with the module itself: {network!r} was made already")
    return network.model if isinstance(network, Subject) else network
