"""`fv.audit(..., domain="ball")`: what the most exciting stimulus on a ball tells of the order of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate
from typing_extensions import override

from fvproof.empirical.auditing.audit import UNITS_PER_LAYER
from fvproof.empirical.auditing.judgement import ORDER, SHARE
from fvproof.empirical.keeping.store import open_store
from fvproof.empirical.maximization.pictures import write_stimuli
from fvproof.empirical.measurement.ball import OnBall, on_ball, pink_noise, usual_radius
from fvproof.empirical.networks.layers import output_layer
from fvproof.empirical.networks.ridges import NoRidges, Ridges, ridges
from fvproof.empirical.networks.units import Unit, channel_counts
from fvproof.empirical.pages.wording import listed, number
from fvproof.theory.classes.ridge import ROW
from fvproof.theory.wording import percent
from fvproof.verbs.results import Result
from fvproof.verbs.subject import Subject
from fvproof.verbs.units import Units, units_of

SHOWN = 32
"""So many most exciting stimuli are on the sheet, and so many units in the text where each is measured by itself."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BallAuditResult(Result):
    """What the most exciting stimulus on a ball tells of the order of others, unit by unit.

    Attributes
    ----------
    found
        For each layer, see `fvproof.empirical.measurement.ball.OnBall`.
    model
        The network's name.
    stimuli
        What the order was measured on, in words.
    """

    found: tuple[OnBall, ...]
    model: str
    stimuli: str

    @property
    def certified(self) -> bool:
        """Whether the order is known by theorem for all units."""
        return all(one.certified for one in self.found)

    @property
    def trusted(self) -> bool:
        """Whether the order is known by theorem, or told in at least 75% of pairs for at least 90% of units."""
        met = [low >= ORDER for one in self.found for low in _lows(one)]
        return bool(np.mean(met) >= SHARE)

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units."""
        return tuple(unit for one in self.found for unit in one.units)

    @property
    def verdict(self) -> str:
        """What was found, as a sentence."""
        if self.certified:
            return (
                f"All {len(self.units):,} units are ridge functions, certified from the weights: of any two stimuli on "
                "the ball, the most exciting one tells which excites a unit more."
            )
        told = f"which of two stimuli excites a unit more in at least {ORDER:.0%} of pairs"
        which = f"for at least {SHARE:.0%} of units" if self.trusted else f"for fewer than {SHARE:.0%} of units"
        return f"Not known by theorem. As measured, the most exciting stimulus tells {told} {which}."

    @property
    @override
    def headline(self) -> str:
        word = "certified" if self.certified else "measured"
        return f"{self.model}: order on the ball {word}, {len(self.units)} units"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [row for one in self.found for row in _rows(one)]

    @property
    @override
    def text(self) -> str:
        word = "KNOWN BY THEOREM" if self.certified else "TRUSTED" if self.trusted else "NOT TRUSTED"
        return "\n\n".join([f"{word}\n{self.verdict}", *(_told(one, self.stimuli) for one in self.found)])

    @override
    def record(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "verdict": self.verdict,
            "certified": self.certified,
            "trusted": self.trusted,
            "stimuli": self.stimuli,
            "layers": [
                {
                    "layer": one.units[0].layer,
                    "radius": one.radius,
                    "certified": one.certified,
                    "link": list(one.link),
                    "reason": one.reason or None,
                    "pairs": one.pairs,
                    "units": _rows(one),
                }
                for one in self.found
            ],
        }

    @property
    @override
    def code(self) -> int:
        return 0 if self.trusted else 1

    @override
    def save(self, folder: str | Path) -> Path:
        """Write report.json, stimuli.npz with all most exciting stimuli, and sheet.png with the first of them."""
        place = open_store(Path(folder))
        (place / "report.json").write_text(self.to_json(), encoding="utf-8")
        stimuli: dict[str, Any] = {one.units[0].layer: one.most_exciting for one in self.found}
        np.savez_compressed(place / "stimuli.npz", **stimuli)
        shown = [stimulus for one in self.found for stimulus in one.most_exciting[:SHOWN]][:SHOWN]
        write_stimuli(shown, [str(unit) for one in self.found for unit in one.units[:SHOWN]], place / "sheet.png")
        return place


def audit_on_ball(subject: Subject, units: Units | None, radius: float | None, *, seed: int = 0) -> BallAuditResult:
    """Return what the most exciting stimulus on a ball tells of the order of others; see `fv.audit`."""
    model, given = subject.model, subject.images
    stimuli = pink_noise(model.shape, seed=seed) if given is None else given
    words = f"{len(stimuli)} stimuli{' of 1/f noise' if given is None else ''}"
    size = usual_radius(stimuli) if radius is None else radius
    asked = _every(subject) if units is None else units_of(units, model)
    layers = {layer: list(mates) for layer, mates in groupby(sorted(asked, key=_layer), key=_layer)}
    found = []
    for layer, mates in layers.items():
        told = ridges(model, layer)
        some = mates[:UNITS_PER_LAYER] if units is None and not _known(told) else mates
        found.append(on_ball(model, some, told, stimuli, size, seed=seed))
    return BallAuditResult(tuple(found), model.name, words)


def _known(told: Ridges | NoRidges) -> bool:
    """Whether all units of a layer are known to be ridge functions."""
    return isinstance(told, Ridges) and bool(told.certified.all())


def _layer(unit: Unit) -> str:
    """Return the layer of a unit."""
    return unit.layer


def _every(subject: Subject) -> list[Unit]:
    """Return all units of the output layer."""
    layer = output_layer(subject.model)
    return [Unit(layer, channel) for channel in range(channel_counts(subject.model, [layer])[layer])]


def _lows(one: OnBall) -> Sequence[float]:
    """Return for each unit in how many pairs the order is told, at least."""
    return [1.0] * len(one.units) if one.certified else [order.low for order in one.order]


def _rows(one: OnBall) -> list[dict[str, Any]]:
    """Return a row for each unit."""
    undecided = [None] * len(one.units) if one.undecided is None else one.undecided.tolist()
    return [
        {
            "unit": str(unit),
            "certified": one.certified,
            "response": float(one.responses[i]),
            "natural": float(one.natural[i]),
            "order": _finite(one.order[i].value),
            "order_low": _finite(one.order[i].low),
            "order_high": _finite(one.order[i].high),
            "undecided": undecided[i],
        }
        for i, unit in enumerate(one.units)
    ]


def _finite(value: float) -> float | None:
    """Return a number that JSON can hold."""
    return value if isfinite(value) else None


def _told(one: OnBall, stimuli: str) -> str:
    """Return what was found of a layer's units, in lines."""
    return _by_theorem(one, stimuli) if one.certified else _measured(one, stimuli)


def _by_theorem(one: OnBall, stimuli: str) -> str:
    """Return what is known, and that the network as it runs does the same."""
    assert one.undecided is not None
    assert one.turned is not None
    run = np.array([order.value for order in one.order])
    link = f"then {listed(one.link)}, which rise strictly" if one.link else "and nothing comes after"
    return "\n".join(
        [
            f"layer {one.units[0].layer}, {len(one.units):,} units, ball of radius {number(one.radius)} around grey",
            f"  from the stimulus to the unit: a weighted sum of pixels, {link}",
            "  so that f(x) ≤ f(y) if and only if ⟨b, x⟩ ≤ ⟨b, y⟩, b the most exciting stimulus, all counted from grey "
            f"(theorem {ROW.key})",
            f"  b is known up to {number(float(one.turned.max()))} of the radius (rounding in the weights, bounded)",
            f"  pairs of {stimuli} that are too near for that: {one.undecided.sum():,} of "
            f"{one.pairs * len(one.units):,}",
            f"  as the network runs, in float32: the same order in {percent(float(run.mean()), 5)} of pairs, of any "
            f"unit in {percent(float(run.min()), 3, rounded='down')} or more",
        ]
    )


def _measured(one: OnBall, stimuli: str) -> str:
    """Return what was measured."""
    heads = ("unit", "most exciting", "best stimulus", "pairs ordered", "low", "high")
    rows = [list(row.values()) for row in _rows(one)[:SHOWN]]
    table = tabulate([[row[0], *row[2:7]] for row in rows], heads, floatfmt=".3f", missingval="-")
    middle = float(np.median([order.value for order in one.order]))
    return "\n".join(
        [
            f"layer {one.units[0].layer}, {len(one.units):,} units, ball of radius {number(one.radius)} around grey",
            f"  not known by theorem: {one.reason}",
            f"  measured on {stimuli}: the median unit's order is told in {percent(middle)} of pairs; chance is 50%",
            "",
            table,
        ]
    )
