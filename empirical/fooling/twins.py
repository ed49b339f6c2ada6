"""Twins of a trained unit: another network with the same visualization that disagrees on a natural image.

For a unit u, an image x, and a value v strictly between m and M, the twin is, with the distance of ℓ1::

    v > u(x):  max(u(z), v − k·‖z − x‖)        v < u(x):  min(u(z), v + k·‖z − x‖)

that is, u with a cone put over (or under) x: one more ReLU on top of the network, max(p, q) = p + ReLU(q − p). It takes
the value v at x. Whatever k is, the one extremum that the cone could change stays: it never comes nearer to M (or to m)
than v. With k large enough the twin is u itself at every other given image and at both visualizations. So its least and
greatest values over the whole cube are those of u, at the same visualizations. In floating point too, all of this is
exact, bit for bit: of two numbers, `max` returns one.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.fooling.cones import Changed, Cone, Readout
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Run, Settings, maximize
from fvproof.empirical.measurement.prediction import end_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization

SHARE = 0.95
"""Without a value asked for, the twin goes so far from m to M, or from M to m: to the side on which the unit is not."""

MARGIN = 2
"""How many times steeper the cone is than it must be; rounding is far smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """A unit's twin, ready to be run, visualized and saved.

    Attributes
    ----------
    model
        A network that gives the activations of the unit's layer, of which one unit is the twin.
    unit
        The twin, as a unit of that network.
    control
        The same network without the cone: the original unit, under the same name.
    index
        The place of x among the given images.
    original, value
        u(x), and v, which the twin has there instead.
    radius
        The twin is u at every point farther than this from x, in ℓ1, where u is at least (or at most) what it is on the
        given images.
    """

    model: Model
    unit: Unit
    control: Model
    index: int
    original: float
    value: float
    radius: float


@dataclass(frozen=True, slots=True)
class TwinCheck:
    """What a twin does on the given images and on the visualizations, beside the original, in the same forward passes.

    Attributes
    ----------
    at_image
        The twin's activation of x.
    others, agreeing
        The number of other given images, and on how many of them twin and original are equal bit for bit.
    largest_difference
        Of twin and original on the other images.
    minimum, maximum
        The twin's activations of the two visualizations.
    same_visualization
        Whether these are equal to the original's bit for bit.
    """

    at_image: float
    others: int
    agreeing: int
    largest_difference: float
    minimum: float
    maximum: float
    same_visualization: bool


@dataclass(frozen=True, slots=True, eq=False)
class TwinEnd:
    """What the optimiser finds on a twin and on the original, at one end, from the same start.

    Attributes
    ----------
    end
        "min" or "max".
    original, twin
        The two records.
    largest_difference
        Of the two images, over all pixels; 0 if they are the same.
    """

    end: Literal["min", "max"]
    original: Run
    twin: Run
    largest_difference: float


def build_twin(
    readout: Readout, channel: int, phi: Visualization, images: ImageSet, index: int, value: float | None = None
) -> Twin:
    """Return a network with the same visualization that has another value at one of the given images.

    Parameters
    ----------
    readout
        The network up to the unit's layer.
    channel
        The unit.
    phi
        Its visualization.
    images
        Natural images; the twin agrees with the unit on all of them but one.
    index
        The place of that one, x.
    value
        v, strictly between m and M and not u(x); by default near the end from which u(x) is farther.

    Raises
    ------
    DomainError
        If there is no such unit or image, v is not strictly between m and M, v = u(x), or x is given twice or is one of
        the visualizations.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> images, model = digits_images(), load_model("digits-small")
    >>> phi = Visualization(np.zeros(64), np.ones(64), -50, 50)
    >>> twin = build_twin(Readout(model, "logits"), 3, phi, images, index=7, value=12.5)
    >>> twin.model(images.batch(7, 8))[0, 3].item()
    12.5

    Source: fvproof, after the memorising networks of Geirhos et al., ICML 2024, section 4.
    """
    if not 0 <= index < len(images):
        raise DomainError(f"the image must be one of 0 to {len(images) - 1}, not {index}")
    image = images.batch(index, index + 1)[0]
    own, distances = _surroundings(readout, channel, images, image)
    ends = torch.from_numpy(end_images(phi, images.shape))
    others = np.concatenate([np.delete(distances, index), (ends - image).abs().flatten(1).sum(1).numpy()])
    known = np.concatenate([np.delete(own, index), [float(phi.minimum), float(phi.maximum)]])
    target = _target(phi, float(own[index]), value)
    if not others.all():
        raise DomainError(f"image {index} must be given once, and be neither visualization")
    lifts = target > own[index]
    height = max(0.0, float(target - known.min() if lifts else known.max() - target))
    radius = float(others.min()) / MARGIN
    slope = (1 if lifts else -1) * height / radius
    cones = {name: Cone(image, channel, at, slope) for name, at in (("twin", target), ("control", -np.inf * slope))}
    models = {name: _changed(readout, cone, name) for name, cone in cones.items()}
    return Twin(models["twin"], Unit("unit", channel), models["control"], index, float(own[index]), target, radius)


def _surroundings(readout: Readout, channel: int, images: ImageSet, image: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return the unit's activation of every image, and every image's distance in ℓ1 from the one."""
    device, own, distances = device_of(readout.model), [], []
    with frozen(readout.network), torch.no_grad():
        for batch in images.batches():
            found = readout(batch.to(device))
            if not 0 <= channel < found.shape[1]:
                raise DomainError(f"layer {readout.layer!r} has units 0 to {found.shape[1] - 1}, not {channel}")
            own.append(found[:, channel].float().cpu().numpy())
            distances.append((batch - image).abs().flatten(1).sum(1).numpy())
    return np.concatenate(own), np.concatenate(distances)


def _target(phi: Visualization, own: float, value: float | None) -> float:
    """Return v as a float32: what was asked for, or far on the other side."""
    low, high = float(phi.minimum), float(phi.maximum)
    default = low + (SHARE if own < float(phi.middle) else 1 - SHARE) * (high - low)
    target = float(np.float32(default if value is None else value))
    if not low < target < high:
        raise DomainError(f"the twin's value must lie strictly between {low:.6g} and {high:.6g}, not at {target:.6g}")
    if target == own:
        raise DomainError(f"the twin's value must differ from the unit's own, {own:.6g}")
    return target


def _changed(readout: Readout, cone: Cone, name: str) -> Model:
    """Return the network with the cone on top."""
    network = Changed(readout, cone).to(device_of(readout.model)).eval()
    return Model(f"{name} of {readout.model.name}", network, readout.model.shape)


def check_twin(twin: Twin, phi: Visualization, images: ImageSet) -> TwinCheck:
    """Return what the twin does on the given images and on the visualizations, compared bit for bit to the original.

    Parameters
    ----------
    twin, phi, images
        From `build_twin`, and what it was given.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> images, phi = digits_images(), Visualization(np.zeros(64), np.ones(64), -50, 50)
    >>> twin = build_twin(Readout(load_model("digits-small"), "logits"), 3, phi, images, index=7)
    >>> found = check_twin(twin, phi, images)
    >>> found.agreeing, found.others, found.same_visualization
    (449, 449, True)
    """
    ends = ImageSet(end_images(phi, images.shape))
    changed, original = (_activations(model, twin.unit.channel, images) for model in (twin.model, twin.control))
    shown, shown_before = (_activations(model, twin.unit.channel, ends) for model in (twin.model, twin.control))
    others = np.arange(len(images)) != twin.index
    return TwinCheck(
        at_image=float(changed[twin.index]),
        others=int(others.sum()),
        agreeing=int((changed == original)[others].sum()),
        largest_difference=float(np.abs(changed - original)[others].max(initial=0)),
        minimum=float(shown[0]),
        maximum=float(shown[1]),
        same_visualization=bool((shown == shown_before).all()),
    )


def _activations(model: Model, channel: int, images: ImageSet) -> np.ndarray:
    """Return one unit's activation of every image."""
    device = device_of(model)
    with frozen(model.network), torch.no_grad():
        parts = [model(batch.to(device))[:, channel].cpu() for batch in images.batches()]
    return torch.cat(parts).numpy()


def visualize_twin(twin: Twin, settings: Settings) -> tuple[TwinEnd, TwinEnd]:
    """Return what the optimiser finds on the twin and on the original, from the same start: minimization, maximization.

    Parameters
    ----------
    twin
        From `build_twin`.
    settings
        Of the optimiser.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> images, phi = digits_images(), Visualization(np.zeros(64), np.ones(64), -50, 50)
    >>> twin = build_twin(Readout(load_model("digits-small"), "logits"), 3, phi, images, index=7)
    >>> [end.largest_difference for end in visualize_twin(twin, Settings(steps=4))]
    [0.0, 0.0]
    """
    ends = []
    for end in ("min", "max"):
        (found,), (before,) = (
            maximize(model, [twin.unit], settings, minimize=end == "min") for model in (twin.model, twin.control)
        )
        ends.append(TwinEnd(end, before, found, float(np.abs(found.image - before.image).max())))
    return ends[0], ends[1]
