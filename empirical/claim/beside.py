"""What stands beside a verdict and decides nothing: what the picture predicts, and the certified extremum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from fvproof.empirical.auditing.certified import Extrema, certifiable, certify_jobs, write_certificates
from fvproof.empirical.claim.asked import Claim
from fvproof.empirical.claim.measure import as_run, measure, responses
from fvproof.empirical.claim.verdict import Decision, Measured, decide
from fvproof.empirical.keeping.records import job_for, recorded
from fvproof.empirical.keeping.sweep import found, jobs
from fvproof.empirical.keeping.workers import Workers, run_jobs
from fvproof.empirical.keeping.workspace import Workspace
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.directions import Directions, Site, visit_directions
from fvproof.empirical.measurement.holdout import LEAST_IMAGES, decoder_layers, readings
from fvproof.empirical.measurement.prediction import visualization
from fvproof.empirical.networks.objectives import Unit, layers_of
from fvproof.empirical.networks.views import owners
from fvproof.theory.errors import DomainError

Interval = tuple[float, ...]
"""A value with the ends of its 95% interval; empty where it was not measured."""

TOP = 10
"""The images that excite a unit most are one in so many."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a picture tells about natural images.

    Attributes
    ----------
    order
        The share of pairs of natural images whose order a decoder tells that sees the picture, and what the package's
        engine finds at the other end.
    exemplars
        The same of natural images that excite the unit most and least, in the place of both.
    gain
        The former less the latter.
    contrast
        How much more alike the layer's answer to the picture is to its answers to the tenth of natural images that
        excite the unit most (at "min", least) than to those to the others: a difference of mean rank correlations.
        Near 0, it is processed like no images in particular.
    """

    order: Interval = ()
    exemplars: Interval = ()
    gain: Interval = ()
    contrast: Interval = ()


@dataclass(frozen=True, slots=True, eq=False)
class ClaimFindings:
    """Everything about one claim.

    Attributes
    ----------
    claim
        The unit and the picture.
    measured
        What the verdict rests on.
    decision
        The verdict with its reasons.
    told
        What the picture predicts; None if that was not asked for.
    certified
        The interval in which the true extremum over all images lies, certified; None where that cannot be had.
    """

    claim: Claim
    measured: Measured
    decision: Decision
    told: Told | None
    certified: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class AskedBeside:
    """What is asked of all claims beside the verdict.

    Attributes
    ----------
    predictions
        Whether to measure what the pictures predict.
    certify_s
        Seconds in which each true extremum is looked for; 0: not at all.
    """

    predictions: bool = True
    certify_s: float = 10.0


def examine(
    work: Workspace, claims: Sequence[Claim], asked: AskedBeside, folder: Path, workers: Workers | None
) -> list[ClaimFindings]:
    """Return what is found of claims; nothing that was finished is computed again.

    Parameters
    ----------
    work
        The network, natural images, how units are searched, and where finished work is kept.
    claims
        At least one, each of another unit, end or picture, of units that the network has.
    asked
        What else to look for.
    folder
        Where certificates go.
    workers
        Who shares the work.
    """
    known = measure(work, claims, workers)
    told = _told(work, claims, known, workers) if asked.predictions and len(work.images) >= LEAST_IMAGES else {}
    units = [unit for unit in dict.fromkeys(claim.unit for claim in claims) if isinstance(unit, Unit)]
    small = certifiable(work.model, units) if asked.certify_s > 0 else []
    given = certify_jobs(small, asked.certify_s)
    run_jobs(work, given, workers=workers)
    extrema = dict(zip(small, recorded(work, given, Extrema), strict=True))
    for unit, both in extrema.items():
        write_certificates(folder, work.model, unit, both)
    return [
        ClaimFindings(claim, one, decide(one), told.get(claim.key), _interval(claim, extrema))
        for claim, one in zip(claims, known, strict=True)
    ]


def _interval(claim: Claim, extrema: Mapping[Unit, Extrema]) -> tuple[float, float] | None:
    """Return where the true extremum lies that is claimed."""
    both = extrema.get(claim.unit) if isinstance(claim.unit, Unit) else None
    if both is None:
        return None
    end = both.maximum if claim.end == "max" else both.minimum
    return end.low, end.high


def _told(
    work: Workspace, claims: Sequence[Claim], known: Sequence[Measured], workers: Workers | None
) -> dict[str, Told]:
    """Return what each picture tells, by the claim's key; the other end is visualized first."""
    natural = responses(work, claims).natural
    for least, end in ((True, "max"), (False, "min")):
        units = list(dict.fromkeys(claim.unit for claim in claims if claim.end == end))
        run_jobs(work, jobs(work, units, natural, minimize=least), workers=workers)
    given = [
        job_for([f"what the picture of {claim.key} tells"], partial(_tells, claim, one.activation, natural[claim.unit]))
        for claim, one in zip(claims, known, strict=True)
    ]
    run_jobs(work, given, workers=workers)
    return dict(zip((claim.key for claim in claims), recorded(work, given, Told), strict=True))


def _tells(claim: Claim, value: float, natural: np.ndarray, work: Workspace) -> list[Told]:
    """Return what one picture tells."""
    contrast = _contrast(claim, natural, work)
    both = (found(work, claim.unit, minimize=claim.end == "max"), as_run(claim, work, value))
    low, high = both if claim.end == "max" else both[::-1]
    try:
        phi = visualization(low, high)
        layers = decoder_layers(work.model, owners(work.model.network, layers_of(claim.unit)))
        truth = {claim.unit: natural}
        made = readings(work.model, {claim.unit: phi}, work.images, truth, layers=layers, seed=work.settings.seed)
    except DomainError:  # the picture is less extreme than the other end, or the same
        return [Told(contrast=contrast)]
    read = made[claim.unit]
    return [
        Told(
            _as_interval(read.chosen.order),
            _as_interval(read.exemplars.chosen.order),
            _as_interval(read.exemplars.gain),
            contrast,
        )
    ]


def _as_interval(found: Estimate) -> Interval:
    """Return an estimate as three numbers; nothing where they are none."""
    values = (float(found.value), float(found.low), float(found.high))
    return values if np.isfinite(values).all() else ()


def _contrast(claim: Claim, natural: np.ndarray, work: Workspace) -> Interval:
    """Return how much more alike the layer's answers to the picture and to the most exciting images are."""
    site, shown = Site(layers_of(claim.unit)[-1], "spearman"), list[Tensor]()
    likeness = list[Tensor]()
    picture = torch.from_numpy(claim.image)[None]
    try:
        with tqdm(disable=True) as bar:
            visit_directions(work.model, [site], picture, lambda _, one: shown.append(one.explicit()), bar)
            visit_directions(work.model, [site], work.images, lambda _, some: likeness.append(_alike(some, shown)), bar)
    except DomainError:  # activations that are no numbers
        return ()
    alike = torch.cat(likeness).double().cpu().numpy()
    order = np.argsort(-claim.sign * natural, kind="stable")
    count = max(1, len(order) // TOP)
    return (float(alike[order[:count]].mean() - alike[order[count:]].mean()),) if len(order) > count else ()


def _alike(some: Directions, shown: Sequence[Tensor]) -> Tensor:
    """Return how alike some images are to the one that was shown."""
    return some.products(shown[0])[:, 0]
