"""What a network must be for anything here to hold of it: a function of one image, with layers and gradients.

Each network is tried on a few images before it is measured, and what is wrong is said in one sentence.
"""

import random
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn

from fvproof.empirical.networks.memory import out_of_memory
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.openness import require_layers
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.shapes import ONE, kind
from fvproof.theory.errors import DomainError, ShapeError

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet

PROBES = 4
"""Images on which a network is tried; very unlike one another, so that statistics of a batch are those of no image."""

REPEATS = 32
"""How often a network that draws random numbers is asked about one image; mostly they are of no effect."""

_SOUND: "WeakKeyDictionary[nn.Module, object]" = WeakKeyDictionary()
"""Networks that were found sound, with their modules, shape, and how they read images: they are not tried twice."""


def require_sound(model: Model) -> None:
    """Raise an error unless what the network says of an image depends on nothing else, and has gradients.

    It is run on one image alone, twice, and among others. Answers may differ by rounding: by 64 ε of the largest for
    the same batch, and by √ε for another one, where ε is the precision of the network's weights.

    Raises
    ------
    DomainError
        If the network is TorchScript, quantized, compiled or without numbers; if it takes one image at a time, answers
        otherwise the second time or in other company, changes its input, or lets no gradient through; or if there is no
        memory for one image.
    ShapeError
        If it does not take images of its shape.

    Examples
    --------
    >>> require_sound(Model("dropping", nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2)))
    """
    read = (model.normalize, model.shape, model.output, model.until, model.alone)
    about = (*read, model.class_names, [id(module) for module in model.network.modules()])
    if _SOUND.get(model.network) == about:
        return
    require_layers(model)
    images = _probes(model)
    with (
        frozen(model.network),
        warnings.catch_warnings(action="ignore"),
    ):  # the network's own, not about the user's work
        _require_function(model, images)
        _require_gradient(model, images[:1])
    _SOUND[model.network] = about


def require_fit(model: Model, images: "ImageSet") -> None:
    """Raise ShapeError unless images have the shape that the network takes."""
    if images.shape != model.shape:
        given = kind(images.shape) if len(images.shape) != len(model.shape) else ""
        these = f"{given} of {images.shape}" if given else str(images.shape)
        raise ShapeError(f"{model.name} takes {kind(model.shape)} of {tuple(model.shape)}, these are {these}")


def _probes(model: Model) -> Tensor:
    """Return images to try a network on: noise, dark noise, a dim slope, a white frame."""
    try:
        noise = torch.rand(PROBES, *model.shape, dtype=torch.float32, generator=torch.Generator().manual_seed(0))
    except RuntimeError as error:
        raise _unable(model, error) from error
    noise[1] *= 0.1
    noise[2] = torch.linspace(0, 0.5, noise[2].numel()).view_as(noise[2])
    noise[3] = 1 - (noise[3] > 0.9).float()
    return noise.to(device_of(model))


def _require_function(model: Model, images: Tensor) -> None:
    """Raise an error unless one image alone, twice, and among others gives the same."""
    kind = torch.get_default_dtype()
    with torch.no_grad():
        state = _random_state()
        alone = _answer_alone(model, images[0])
        if torch.get_default_dtype() != kind:
            raise DomainError(f"{model.name} sets torch's default type in its forward, for all others too: take it out")
        for _ in range(REPEATS if _random_state() != state else 1):
            _require_same(model, alone, _answer_alone(model, images[0]), 64, "two answers for one image", RESTLESS)
        try:
            among = _answer(model, images)
        except (Exception, SystemExit) as error:
            if out_of_memory(error):
                return
            raise DomainError(
                f"{model.name} must take batches of several images, as one tensor ({_sizes(model)}); with {PROBES} it "
                f"raises {type(error).__name__}: {_first_line(error)}"
            ) from error
    _require_rows(model, among, PROBES)
    if among.shape[1:] != alone.shape[1:]:
        raise DomainError(f"{model.name} must give every image an output of one shape, whatever the batch")
    _require_scores(model, among)
    because = _batch_norms(model.network) or MIXING
    _require_same(model, alone, among[:1], None, "another answer for an image alone than among others", because)
    with torch.no_grad():
        _answer_alone(model, images[-1])
        _require_same(
            model, alone, _answer_alone(model, images[0]), 64, "other answers after other images", REMEMBERING
        )


def _sizes(model: Model) -> str:
    """Return the shape of a batch in words."""
    return ", ".join(["N", *map(str, model.shape)])


def _answer_alone(model: Model, image: Tensor) -> Tensor:
    """Return the network's output for one image, or say why there is none."""
    try:
        output = _answer(model, image[None])
    except (Exception, SystemExit) as error:
        raise _unable(model, error) from error
    _require_rows(model, output, 1)
    return output


def _random_state() -> tuple[object, ...]:
    """Return what global random numbers are drawn from, to see whether a network draws any."""
    _, numbers, *rest = np.random.get_state()  # noqa: NPY002  what a network may draw from
    cuda = torch.cuda.get_rng_state().tolist() if torch.cuda.is_initialized() else []
    return random.getstate(), np.asarray(numbers).tobytes(), *rest, torch.get_rng_state().numpy().tobytes(), *cuda


RESTLESS = (
    "something in it is drawn anew or counted in each pass, such as F.dropout without training=self.training: write "
    "that, or take it out"
)

MIXING = "it mixes the images of a batch, such as by a mean over dimension 0: take statistics of each image alone"

REMEMBERING = "it keeps something of the images before, such as a state or a mean: reset that in each pass"


def _answer(model: Model, images: Tensor) -> Tensor:
    """Return the network's output; the images are not the network's to change."""
    given = images.clone()
    output = model(given)
    if not torch.equal(given, images):
        raise DomainError("it changes its input in place (write x = x - mean, not x -= mean)")
    return output


def _unable(model: Model, error: BaseException) -> Exception:
    """Return an error that says why a network cannot be run on one image."""
    if isinstance(error, DomainError):
        return DomainError(f"{model.name} must leave images as they are: {error}")
    if out_of_memory(error):
        return DomainError(f"out of memory: there must be room for {model.name} and one image {model.shape}")
    if "more than 1 value per channel when training" in str(error):
        because = _batch_norms(model.network) or "its forward puts layers in training mode: take that out"
        return DomainError(f"{model.name} takes no image alone: {because}")
    told = f"{model.name} does not take {ONE[len(model.shape)]} of shape {model.shape} (see --shape; in Python, shape=)"
    return ShapeError(f"{told}: {_first_line(error)}")


def _first_line(error: BaseException) -> str:
    """Return the first line of what an error says; its kind, if it says nothing."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _require_rows(model: Model, output: object, count: int) -> None:
    """Raise DomainError unless an output is one tensor of floating point numbers with a row per image."""
    wanted, images = f"{model.name} must return one tensor of floats with a row per image", _images(count)
    if not isinstance(output, Tensor):
        raise DomainError(f"{wanted}, not {type(output).__name__}: name one (--output; in Python, output=)")
    if output.layout != torch.strided:
        raise DomainError(f"{wanted}, not a sparse one: add .to_dense()")
    if output.is_complex():
        raise DomainError(f"{wanted}, not complex numbers ({output.dtype}): return their abs() or their real part")
    if not output.is_floating_point():
        raise DomainError(f"{wanted}, not {output.dtype}, which has no gradient: return the scores, before argmax or >")
    if output.ndim < 2 or len(output) != count or not output.numel():
        raise DomainError(f"{wanted}, not {output.dtype} of shape {tuple(output.shape)} for {images}")


def _require_scores(model: Model, output: Tensor) -> None:
    """Raise DomainError if there are names of classes, but not one for each output."""
    names = model.class_names
    if names is not None and len(names) not in output.shape[1:]:
        outputs = " x ".join(map(str, output.shape[1:]))
        raise DomainError(f"{model.name} must have a class name for each of its {outputs} outputs, not {len(names)}")


def _images(count: int) -> str:
    """Return a number of images in words."""
    return "one image" if count == 1 else f"{count} images"


def _require_same(model: Model, one: Tensor, other: Tensor, times: float | None, differ: str, because: str) -> None:
    """Raise DomainError if two answers differ by more than rounding."""
    epsilon = max((torch.finfo(tensor.dtype).eps for tensor in (one, *_floats(model))), default=1e-7)
    scale = torch.nan_to_num(one.float(), 0.0, 0.0, 0.0).abs().max().item()
    allowed = (epsilon * times if times else epsilon**0.5) * max(scale, 1e-30)
    if torch.isclose(one.float(), other.float(), rtol=0, atol=allowed, equal_nan=True).all():
        return
    place = (one.float() - other.float()).nan_to_num(torch.inf).abs().argmax()
    values = " and ".join(f"{part.flatten()[place].item():.6g}" for part in (one, other))
    raise DomainError(f"{model.name} gives {differ} ({values}): {because}")


def _floats(model: Model) -> Iterator[Tensor]:
    """Yield the parameters that are floating point numbers."""
    return (tensor for tensor in model.network.parameters() if tensor.is_floating_point())


def _batch_norms(network: nn.Module) -> str:
    """Return that an answer depends on the other images, and what to do, if batch norms are why; else nothing."""
    kind = nn.modules.batchnorm._BatchNorm
    found = next(
        ((name, one) for name, one in network.named_modules() if isinstance(one, kind) and _of_batch(one)), None
    )
    if found is None:
        return ""
    name, norm = found
    if norm.running_mean is None:
        return f"layer {name!r} takes the mean of the batch; train it with track_running_stats=True, or use GroupNorm"
    return f"layer {name!r} is in training mode: the network's forward or train() must not put it there"


def _of_batch(norm: nn.modules.batchnorm._BatchNorm) -> bool:
    """Return whether a layer takes its statistics from the batch: it has no others, or does not rest."""
    return norm.running_mean is None or norm.training


def _require_gradient(model: Model, image: Tensor) -> None:
    """Raise DomainError unless a gradient comes back through the network to the image."""
    try:
        with torch.enable_grad():
            given = image.clone().requires_grad_()
            total = model(given * 1.0).float().sum()
            found = torch.autograd.grad(total, given, allow_unused=True)[0] if total.requires_grad else None
    except Exception as error:
        if out_of_memory(error):
            raise DomainError(f"out of memory: there must be room for {model.name} and one image") from error
        raise DomainError(f"no gradient can be taken through {model.name}: {_first_line(error)}") from error
    if found is None:
        raise DomainError(
            f"no gradient comes back through {model.name}: its forward must not use torch.no_grad, detach or rounding"
        )
