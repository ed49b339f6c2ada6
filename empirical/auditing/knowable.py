"""What the theory grants to any decoder at natural images: its classes of functions, asked about real units.

The classes are asked, on the unit's own visualization and on whole images as exact points; nothing is typed in here.
The first row is what the unit is: a ReLU network, or a continuous function where the network bends otherwise. The other
rows are suppositions that favour the decoder:

- *as flat as possible*: Lipschitz with the least constant that the visualization allows, (M − m)/‖a − b‖ in ℓ1;
- *no steeper than at natural images*: Lipschitz with the steepest slope found there. The unit's own constant is at
  least that, and a larger constant leaves more open, so that no decoder that knows the constant can do better;
- *convex*, *affine*: with the visualizations moved to the nearest corners of the cube, where such units have them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fvproof.empirical.images import ImageSet, spread
from fvproof.empirical.networks.folding import quick_convolutions
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective
from fvproof.empirical.networks.piecewise import Kind, kind_of
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.readout import reading
from fvproof.empirical.networks.response_norm import quick_norms
from fvproof.empirical.networks.units import Position
from fvproof.empirical.shapes import laid_out
from fvproof.theory.classes.affine import Affine
from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.classes.black_box import BlackBox
from fvproof.theory.classes.continuous import Continuous
from fvproof.theory.classes.convex import Convex
from fvproof.theory.classes.lipschitz import Lipschitz
from fvproof.theory.classes.relu_network import ReluNetworks
from fvproof.theory.exact.norms import Norm
from fvproof.theory.tasks import Task, on_one_side, solvable
from fvproof.theory.visualization import Visualization

QUERIES = 64
"""Natural images that are asked about, at most."""

BATCH = 8
"""Images through which gradients go at once: what they need of memory grows with it."""

ROUNDING = 1e-9
"""A Lipschitz constant is enlarged by this share, so that rounding does not make the visualization infeasible."""

ITSELF: dict[Kind, FunctionClass] = {
    Kind.RELU: ReluNetworks(),
    Kind.CONTINUOUS: Continuous(),
    Kind.ANY: BlackBox(),
}
"""The class of functions that a unit is known to be of."""


@dataclass(frozen=True, slots=True)
class Knowable:
    """What any decoder can know about natural images from a visualization, if the unit is of some class of functions.

    Attributes
    ----------
    function_class, title
        Its name in the theory's table, and what a reader calls it.
    impossible
        Why no function of the class has this visualization; None where some have it.
    error
        The error that no decoder can avoid, as a share of the uninformed decoder's: mean over natural images.
    side, order
        Share of natural images for which the visualization settles the side, and of pairs for which it settles the
        order.
    """

    function_class: str
    title: str
    impossible: str | None
    error: float | None
    side: float | None
    order: float | None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What any decoder can know of a unit: one row per class of functions."""

    rows: tuple[Knowable, ...]


def slopes(model: Model, unit: Objective, images: torch.Tensor, *, position: Position = "mean") -> np.ndarray:
    """Return the largest partial derivative of the unit at each image: a lower bound of its Lipschitz constant in ℓ1.

    Parameters
    ----------
    model
        The network.
    unit
        Of any of its layers.
    images
        Float32 (N, C, H, W) in [0, 1].
    position
        What a unit with positions is read by.

    Returns
    -------
    numpy.ndarray
        (N,) float64.
    """
    found: list[torch.Tensor] = []
    quick = quick_norms(model.network)
    with (
        frozen(model.network),
        quick,
        quick_convolutions(),
        torch.enable_grad(),
        reading(model, [unit], position) as read,
    ):
        for batch in images.split(BATCH):
            pixels = laid_out(batch.to(device_of(model))).detach().clone().requires_grad_()
            (gradient,) = torch.autograd.grad(read(pixels, None).sum(), pixels)
            found.append(gradient.flatten(1).abs().amax(dim=1).double().cpu())
    return torch.cat(found).numpy()


def knowledge(
    model: Model, unit: Objective, phi: Visualization, images: ImageSet, *, position: Position = "mean"
) -> Knowledge:
    """Return what the best decoder can know of a unit at natural images, from its visualization.

    Parameters
    ----------
    model, unit
        The unit, whose slopes are measured.
    phi
        Its visualization, as arrays; m < M.
    images
        Natural images; `QUERIES` of them, evenly spaced, are asked about.
    position
        What a unit with positions is read by.
    """
    places = np.array(spread(len(images), QUERIES))
    queries = images.subset(places).batch()
    slope = float(slopes(model, unit, queries, position=position).max())
    return Knowledge(knowable(phi, list(queries.flatten(1).double().numpy()), slope, kind_of(model, unit)))


def knowable(
    phi: Visualization, points: Sequence[np.ndarray], slope: float, kind: Kind = Kind.RELU
) -> tuple[Knowable, ...]:
    """Return what the best decoder can know at the points, class of functions by class.

    Parameters
    ----------
    phi
        The unit's visualization, as arrays; m < M.
    points
        Points of the cube, one-dimensional arrays.
    slope
        A lower bound of the unit's Lipschitz constant in ℓ1.
    kind
        What the unit is known to be.
    """
    a, b = np.asarray(phi.argmin, np.float64), np.asarray(phi.argmax, np.float64)
    flattest = float(phi.spread) / float(np.abs(b - a).sum())
    corners = Visualization(np.rint(a), np.rint(b), phi.minimum, phi.maximum)
    asked: list[tuple[str, FunctionClass, Visualization]] = [
        (kind.value, ITSELF[kind], phi),
        ("no steeper than at natural images", Lipschitz(max(slope, flattest) * (1 + ROUNDING), Norm.L1), phi),
        ("as flat as its visualization allows", Lipschitz(flattest * (1 + ROUNDING), Norm.L1), phi),
        ("convex", Convex(), corners),
        ("affine", Affine(), corners),
    ]
    return tuple(_answer(title, kind, of, points) for title, kind, of in asked)


def _answer(title: str, kind: FunctionClass, phi: Visualization, points: Sequence[np.ndarray]) -> Knowable:
    """Return what one class leaves open at the points."""
    if broken := kind.violation(phi):
        return Knowable(kind.name, title, broken, None, None, None)
    sets = [kind.ambiguity(phi, point) for point in points]
    pairs = list(zip(points[::2], points[1::2], strict=False))
    return Knowable(
        kind.name,
        title,
        None,
        error=float(np.mean([float(2 * possible.radius / phi.spread) for possible in sets])),
        side=float(np.mean([on_one_side(possible, phi) for possible in sets])),
        order=float(np.mean([solvable(Task.ORDER, kind, phi, x, y) for x, y in pairs])) if pairs else None,
    )
