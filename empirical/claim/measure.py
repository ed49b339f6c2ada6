"""What is measured of claims: activations, searches, what shows other units, signs of manipulation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import nan

import numpy as np
import torch

from fvproof.empirical.auditing.work import doing
from fvproof.empirical.claim.asked import Claim
from fvproof.empirical.claim.search import ascent_jobs, ascent_name, search_jobs, searching
from fvproof.empirical.claim.verdict import Measured, Search, share
from fvproof.empirical.detecting.census import census
from fvproof.empirical.detecting.detection import activation, rare_channels
from fvproof.empirical.detecting.rift import rifts
from fvproof.empirical.images import AT_ONCE
from fvproof.empirical.keeping.records import job_for, recorded, remembered
from fvproof.empirical.keeping.sweep import found
from fvproof.empirical.keeping.workers import Workers, run_jobs
from fvproof.empirical.keeping.workspace import Workspace
from fvproof.empirical.maximization.baselines import Status
from fvproof.empirical.maximization.engines import OURS
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.networks.objectives import Objective, Unit
from fvproof.empirical.networks.units import activations, channel_counts

RIVALS = 2
"""So many other units of a layer are looked at closely: those that a picture excites most, next to natural images."""


@dataclass(frozen=True, slots=True)
class Rare:
    """The channels of a rectifier that hardly any natural image opens."""

    rectifier: str
    channels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rares:
    """Those of all rectifiers."""

    rows: tuple[Rare, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Excitation:
    """What units answer to natural images, and to the pictures that claims are about.

    Attributes
    ----------
    natural
        For each unit (N,), all units of the layers of claims among them.
    pictures
        For each unit (claims,).
    mates
        For each layer all its units.
    """

    natural: Mapping[Objective, np.ndarray]
    pictures: Mapping[Objective, np.ndarray]
    mates: Mapping[str, Sequence[Unit]]

    def rise(self, unit: Objective, place: int, sign: int) -> float:
        """Return how far a picture goes beyond the median, in multiples of the best natural image."""
        values = sign * self.natural[unit]
        middle, most = float(np.median(values)), float(values.max())
        return (sign * float(self.pictures[unit][place]) - middle) / (most - middle) if most > middle else -np.inf


def responses(work: Workspace, claims: Sequence[Claim]) -> Excitation:
    """Return what all units that are needed answer to natural images and to pictures."""
    layers = dict.fromkeys(claim.unit.layer for claim in claims if isinstance(claim.unit, Unit))
    counts = channel_counts(work.model, layers) if layers else {}
    mates = {layer: [Unit(layer, channel) for channel in range(counts[layer])] for layer in layers}
    every = list(
        dict.fromkeys([*(claim.unit for claim in claims), *(unit for some in mates.values() for unit in some)])
    )
    shown = torch.from_numpy(np.stack([claim.image for claim in claims]))
    position = work.settings.position
    natural = activations(work.model, every, work.images.batches(), position=position)
    return Excitation(natural, activations(work.model, every, shown.split(AT_ONCE), position=position), mates)


def rivals(known: Excitation, claim: Claim, place: int) -> list[Unit]:
    """Return the other units of the layer that a picture excites most, next to natural images."""
    if not isinstance(claim.unit, Unit):
        return []
    others = [unit for unit in known.mates[claim.unit.layer] if unit != claim.unit]
    rises = [(known.rise(unit, place, claim.sign), unit) for unit in others]
    ranked = sorted(((rise, unit) for rise, unit in rises if np.isfinite(rise)), key=lambda pair: -pair[0])
    return [unit for _, unit in ranked[:RIVALS]]


def measure(work: Workspace, claims: Sequence[Claim], workers: Workers | None) -> list[Measured]:
    """Return what the verdict on each claim rests on; nothing that was finished is computed again.

    Parameters
    ----------
    work
        The network, natural images, how units are searched, and where finished work is kept.
    claims
        At least one, of units that the network has.
    workers
        Who shares the work.
    """
    with doing("measuring natural images"):
        known = responses(work, claims)
    near = [rivals(known, claim, place) for place, claim in enumerate(claims)]
    works = searching(work)
    _search(works, work, claims, near, known, workers)
    with doing("counting silent channels"):
        rare = _rare(work)
    signs = [
        job_for([f"signs of the picture of {claim.key}"], partial(_signs, claim, known.natural[claim.unit], rare))
        for claim in claims
    ]
    run_jobs(work, signs, workers=workers)
    told = recorded(work, signs, Reliance)
    return [_measured(works, known, claim, place, near[place], told[place]) for place, claim in enumerate(claims)]


def _search(
    works: Mapping[str, Workspace],
    work: Workspace,
    claims: Sequence[Claim],
    near: Sequence[Sequence[Unit]],
    known: Excitation,
    workers: Workers | None,
) -> None:
    """Look from scratch, with every engine for the units claimed, with the package's own for their rivals; and from."""
    both = {False: "max", True: "min"}
    own = {least: _units(claims, end) for least, end in both.items()}
    others = {
        least: list(
            dict.fromkeys(unit for claim, some in zip(claims, near, strict=True) for unit in some if claim.end == end)
        )
        for least, end in both.items()
    }
    for some, asked in ((works, own), ({OURS: works[OURS]}, others)):
        for place, job in search_jobs(some, asked, known.natural):
            run_jobs(place, [job], workers=workers)
    found_ones = {claim.key: claim for claim in (*claims, *_searched(works, claims))}
    run_jobs(work, ascent_jobs(work, list(found_ones.values())), workers=workers)


def _searched(works: Mapping[str, Workspace], claims: Sequence[Claim]) -> list[Claim]:
    """Return what engines found from scratch as claims, which are true ones."""
    asked = {(claim.unit, claim.end): claim for claim in claims}.values()
    return [
        Claim(one.unit, found(work, one.unit, minimize=one.end == "min").image, one.end)
        for one in asked
        for work in works.values()
    ]


def _after(work: Workspace, claim: Claim) -> float:
    """Return the activation of what ascent found that started from a picture."""
    kept = work.kept([ascent_name(claim)])
    assert kept is not None
    return float(kept[0].record["activation"])


def _units(claims: Sequence[Claim], end: str) -> list[Objective]:
    """Return the units of which this end is claimed."""
    return list(dict.fromkeys(claim.unit for claim in claims if claim.end == end))


def _rare(work: Workspace) -> dict[str, tuple[int, ...]]:
    """Return for each rectifier the channels that hardly any natural image opens, if there are any."""

    def counted() -> list[Rares]:
        rows = census(work.model, work.images)
        return [Rares(tuple(Rare(one.name, tuple(rare_channels(one, len(work.images)))) for one in rows))]

    (kept,) = remembered(work, ["rare channels"], Rares, counted)
    return {row.rectifier: row.channels for row in kept.rows if row.channels}


@dataclass(frozen=True, slots=True)
class Reliance:
    """Signs that a picture is a manipulation's: see `fvproof.empirical.detecting.detection.Signs`; None for NaN."""

    reliance: float | None
    rift: float | None


def _signs(claim: Claim, natural: np.ndarray, rare: Mapping[str, Sequence[int]], work: Workspace) -> list[Reliance]:
    """Return the signs of one picture."""
    run = as_run(claim, work, nan)
    clean, without = (float(activation(work.model, [run], shut)[0]) for shut in ({}, rare))
    rise = clean - float(np.median(natural))
    lost = (clean - without) / rise if rise * claim.sign > 0 else nan
    torn = rifts(work.model, work.images, [run], [natural])[0] if claim.end == "max" else nan
    return [Reliance(*(None if np.isnan(value) else float(value) for value in (lost, torn)))]


def as_run(claim: Claim, work: Workspace, value: float) -> Run[Objective]:
    """Return a picture with its activation in the form of a visualization."""
    return Run(
        claim.unit, claim.end, claim.image, value, nan, None, None, nan, Status.OK, np.zeros(0, np.float32),
        work.settings.seed, work.settings,
    )  # fmt: skip


def _measured(
    works: Mapping[str, Workspace], known: Excitation, claim: Claim, place: int, near: Sequence[Unit], told: Reliance
) -> Measured:
    """Return all figures of one claim."""
    unit, least = claim.unit, claim.end == "min"
    natural, value = known.natural[unit], float(known.pictures[unit][place])
    runs = {name: found(work, unit, minimize=least) for name, work in works.items()}
    middle = float(np.median(natural))
    other, reached = _nearest(works[OURS], known, claim, place, near)
    return Measured(
        unit=str(unit),
        end=claim.end,
        picture=claim.name,
        activation=value,
        natural_low=float(natural.min()),
        natural_median=middle,
        natural_high=float(natural.max()),
        natural_count=len(natural),
        percentile=float((claim.sign * natural < claim.sign * value).mean()),
        noise_best=runs[OURS].noise_best,
        searches=tuple(
            Search(name, run.activation, not run.status.failed, _after(works[OURS], Claim(unit, run.image, claim.end)))
            for name, run in runs.items()
        ),
        from_picture=_after(works[OURS], claim),
        rival=other,
        rival_share=reached,
        own_share=share(value, runs[OURS].activation, middle),
        reliance=nan if told.reliance is None else told.reliance,
        rift=nan if told.rift is None else told.rift,
    )


def _nearest(
    work: Workspace, known: Excitation, claim: Claim, place: int, near: Sequence[Unit]
) -> tuple[str | None, float]:
    """Return the other unit of which the picture reaches the largest share of the rise of a visualization."""
    best: tuple[str | None, float] = (None, nan)
    for unit in near:
        run = found(work, unit, minimize=claim.end == "min")
        if run.status.failed:
            continue
        value = share(float(known.pictures[unit][place]), run.activation, float(np.median(known.natural[unit])))
        if best[0] is None or value > best[1]:
            best = (str(unit), value)
    return best
