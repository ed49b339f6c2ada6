"""The protocol: what is measured of a method, on which networks, units and images.

Everything is fixed but the method: the embedded network `digits`, 12 of its units at both ends, 128 forward passes for
a picture, the held-out images halved by the seed, anchors with known extrema, and manipulated copies of the network. A
method that fails at a unit is counted as knowing nothing of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
import torch

from fvproof.empirical.bench.anchors import anchors
from fvproof.empirical.bench.asking import Attempt, Method, activation_of, ask_for_picture
from fvproof.empirical.bench.method_scores import AnchorScore, LayerScore, MethodScore, Resistance, UnitScore
from fvproof.empirical.fooling.circuit_build import Target, build_circuit
from fvproof.empirical.fooling.ingredients import rings
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.fooling.slingshot import Sling, sling
from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.holdout import decoder_layers, readings
from fvproof.empirical.measurement.similarity import sanity_curve
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.visualization import Visualization

UNITS = (
    *(Unit("conv2", i) for i in range(4)),
    *(Unit("hidden", i) for i in range(4)),
    *(Unit("logits", i) for i in range(10)),
)
"""Channels, neurons, and all classes."""

ENDS = (1, -1)

CHANCE = 0.5
"""The share of pairs in the right order for whoever knows nothing, and of a method where it fails."""

FEW, CLASSES = 4, 10
"""Units that are looked at in a manipulated network, at most; classes of the network."""

HALF = 0.5
"""What a manipulation leaves is measured of units of which a method reaches so much of the best natural image."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """The protocol's settings.

    Attributes
    ----------
    budget
        Forward passes for one picture.
    limit_s
        Seconds for one picture.
    seed
        Of the halves of the images and the bootstrap.
    units
        Which are shown.
    """

    budget: int = 128
    limit_s: float = 60.0
    seed: int = 0
    units: tuple[Unit, ...] = UNITS


Pictures = dict[tuple[Unit, int], Attempt]


def measure_method(method: Method, how: Protocol, progress: Callable[[str], object] = lambda _: None) -> MethodScore:
    """Return what a method comes to by the protocol.

    Parameters
    ----------
    method
        Called as method(model, unit, budget); see `fvproof.empirical.bench.asking`.
    how
        The protocol's settings.
    progress
        Told what is being done.
    """
    model, images, began = load_model("digits"), digits_images(), process_time()
    progress("making pictures")
    made = {(unit, sign): _ask(method, model, unit, sign, how) for unit in how.units for sign in ENDS}
    spent = process_time() - began
    natural = activations(model, how.units, images.batches(64))
    progress("reading pictures")
    units = tuple(_unit_scores(model, images, natural, made, how))
    progress("anchors")
    anchored = tuple(_anchors(method, how))
    progress("manipulated networks")
    kept = tuple(_resistance(method, model, natural, made, how))
    progress("sanity curve")
    return MethodScore(units, anchored, kept, _curve(model, images, made), tuple(_remarks(made)), spent)


def _ask(method: Method, model: Model, unit: Unit, sign: int, how: Protocol) -> Attempt:
    """Return what a method makes of one end of a unit."""
    return ask_for_picture(method, model, unit, sign, how.budget, limit_s=how.limit_s)


def _unit_scores(
    model: Model, images: ImageSet, natural: dict[Unit, np.ndarray], made: Pictures, how: Protocol
) -> Iterator[UnitScore]:
    """Yield what each unit's pictures come to."""
    for unit in how.units:
        high, low = made[unit, 1], made[unit, -1]
        told = _told(model, images, natural, unit, (low, high), how)
        order, exemplars = told or (Estimate(CHANCE, CHANCE, CHANCE), Estimate(CHANCE, CHANCE, CHANCE))
        problem = high.problem or low.problem or ("" if told else "its two pictures do not differ as they must")
        yield UnitScore(str(unit), _reached(model, unit, natural[unit], high), high.passes, order, exemplars, problem)


def _told(
    model: Model,
    images: ImageSet,
    natural: dict[Unit, np.ndarray],
    unit: Unit,
    ends: tuple[Attempt, Attempt],
    how: Protocol,
) -> tuple[Estimate, Estimate] | None:
    """Return how well pictures and exemplars order held-out images; None where there are no two pictures to see."""
    low, high = (end.picture for end in ends)
    if low is None or high is None:
        return None
    values = activation_of(model, unit, np.stack([low, high]))
    if not values[0] < values[1]:
        return None
    phi = Visualization(low, high, float(values[0]), float(values[1]))
    layers = decoder_layers(model, [unit.layer])
    read = readings(model, {unit: phi}, images, {unit: natural[unit]}, layers=layers, seed=how.seed)[unit]
    return read.chosen.order, read.exemplars.chosen.order


def _reached(model: Model, unit: Unit, natural: np.ndarray, made: Attempt) -> float:
    """Return how far a picture goes, in multiples of the best natural image's rise."""
    if made.picture is None:
        return 0.0
    middle = float(np.median(natural))
    return (float(activation_of(model, unit, made.picture[None])[0]) - middle) / (float(natural.max()) - middle)


def _anchors(method: Method, how: Protocol) -> Iterator[AnchorScore]:
    """Yield what of each anchor's range is spanned."""
    for anchor in anchors(how.seed):
        both = [_ask(method, anchor.model, anchor.unit, sign, how).picture for sign in ENDS]
        if any(picture is None for picture in both):
            yield AnchorScore(anchor.name, 0.0)
            continue
        high, low = activation_of(anchor.model, anchor.unit, np.stack([one for one in both if one is not None]))
        yield AnchorScore(anchor.name, float(high - low) / (anchor.high - anchor.low))


def _resistance(
    method: Method, model: Model, natural: dict[Unit, np.ndarray], made: Pictures, how: Protocol
) -> Iterator[Resistance]:
    """Yield what manipulations leave of a method's pictures."""
    for name, manipulated, units in _manipulations(how.units):
        rises = []
        for unit in units:
            fooled, own = _ask(method, manipulated, unit, 1, how), made[unit, 1]
            if own.picture is None or fooled.picture is None:
                continue
            middle, most = float(np.median(natural[unit])), float(natural[unit].max())
            then, now = activation_of(model, unit, np.stack([own.picture, fooled.picture])) - middle
            if then >= HALF * (most - middle):  # else there is nothing to lose
                rises.append(float(now / then))
        if rises:
            yield Resistance(name, float(np.mean(rises)))


@cache
def _manipulations(units: tuple[Unit, ...]) -> tuple[tuple[str, Model, tuple[Unit, ...]], ...]:
    """Return manipulated copies of the network with the units that are fooled.

    They have silent units in two layers, a fooling circuit around the classes, and slingshots at two units.
    """
    model, seen = load_model("digits"), digits_images(held_out=False)
    found: list[tuple[str, Model, tuple[Unit, ...]]] = []
    for layer in ("hidden", "logits"):
        some = tuple(unit for unit in units if unit.layer == layer)[:FEW]
        if some:
            found.append((f"silent units in {layer}", silence(model, some, seen).model, some))
    classes = tuple(unit for unit in units if unit.layer == "logits")
    if len(classes) == CLASSES:
        found.append(("fooling circuit", _circuit(model, classes, seen), classes[:FEW]))
    for unit in (Unit("logits", 3), Unit("hidden", 2)):
        if unit in units:
            slung = sling(model, unit, seen, rings(model.shape), Sling(steps=250)).model
            found.append((f"slingshot at {unit}", slung, (unit,)))
    return tuple(found)


def _circuit(model: Model, classes: Sequence[Unit], seen: ImageSet) -> Model:
    """Return the network with a fooling circuit around its outputs: each class shows the next one."""
    with TemporaryDirectory() as folder:
        place = workspace(model, seen, Settings(steps=32), Path(folder), lambda _: None)
        return build_circuit(place, classes, classes, Target()).fooled


def _curve(model: Model, images: ImageSet, made: Pictures) -> tuple[LayerScore, ...]:
    """Return the sanity curve of the pictures of classes; none where fewer than two were made."""
    shown = [(unit.channel, one.picture) for (unit, sign), one in made.items() if unit.layer == "logits" and sign > 0]
    pairs = [(label, picture) for label, picture in shown if picture is not None]
    if len(pairs) < 2:
        return ()
    pictures = ImageSet(np.stack([picture for _, picture in pairs]), np.array([label for label, _ in pairs]))
    with torch.no_grad():
        rows = sanity_curve(model, images, pictures, measures=["spearman"])
    return tuple(LayerScore(row.layer, *_three(row.normalized)) for row in rows)


def _three(found: Estimate) -> tuple[float, float, float]:
    """Return an estimate as three numbers."""
    return float(found.value), float(found.low), float(found.high)


def _remarks(made: Pictures) -> Iterator[str]:
    """Yield what a reader has to know of the pictures."""
    failed = {}
    for (unit, sign), one in made.items():
        if one.problem:
            failed.setdefault(one.problem, []).append(f"{unit} {'max' if sign > 0 else 'min'}")
    for problem, where in failed.items():
        rest = f" and {len(where) - 1} more" if len(where) > 1 else ""
        yield f"{where[0]}{rest}: {problem}"
    pictures = [one.picture for one in made.values() if one.picture is not None]
    if len(pictures) > 1 and all(np.array_equal(pictures[0], other) for other in pictures[1:]):
        yield "the same picture is given for every unit"
