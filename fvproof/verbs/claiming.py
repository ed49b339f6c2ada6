"""`fv.claim`: whether pictures deserve to be called the visualizations of units."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from torch import Tensor
from typing_extensions import Unpack

from fvproof.empirical.auditing.audit import PIECES
from fvproof.empirical.claim.asked import Claim, picture_of
from fvproof.empirical.claim.beside import AskedBeside, ClaimFindings, examine
from fvproof.empirical.keeping.fingerprint import model_fingerprint
from fvproof.empirical.keeping.workers import hired
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.objectives import Objective
from fvproof.empirical.notices import notify
from fvproof.theory.errors import DomainError, FvproofError
from fvproof.verbs.cards import ClaimCard, Entry, read_card
from fvproof.verbs.claimed import ClaimResult, RefusedClaim, write_claims
from fvproof.verbs.folders import opened
from fvproof.verbs.kinds import checked
from fvproof.verbs.natural import Images
from fvproof.verbs.reading import require_known
from fvproof.verbs.subject import Given, Subject, subject_of, workers_for
from fvproof.verbs.subject import model as named_model
from fvproof.verbs.units import Units, objectives_of

OPTIONS = {"range": "value_range", "certify": "certify_s"}
"""What a card calls an option that Python calls otherwise."""


class ClaimOptions(TypedDict, total=False):
    """How claims are measured; see `fv.claim`."""

    minimize: bool
    steps: int
    seed: int
    certify_s: float
    predictions: bool
    executor: str


@checked
def claim(
    model: Given,
    units: Units | None = None,
    pictures: Any = None,  # noqa: ANN401  see `Pictures`
    *,
    images: Images | None = None,
    out: str | Path | None = None,
    **options: Unpack[ClaimOptions],
) -> ClaimResult:
    """Return whether pictures deserve to be called the visualizations of units: deserved, not deserved or undecided.

    Of a picture with activation a, and everything it is compared with, counts the share (a − μ) / (A − μ): μ is the
    unit's median over natural images, A the activation of what it is compared with. A picture deserves its claim if

    - no natural image and none of as many noise images as there are steps is more extreme;
    - it reaches of the best of four searches from scratch (the package's engine, one on pixels, one from noise, one
      without motions) the share that the weakest of them reaches, less a third of their spread, less 0.01, and at least
      0.6; and ascent that starts from it finds as little more as ascent from what these four found, by that measure;
    - it is not nearer to what another unit of the layer looks like, by more than 0.01;
    - less than 0.25 of its rise rests on channels that hardly any natural image opens, and its rift is below 0.3
      (`fv.detect`): no sign of a manipulation.

    It is not deserved if a natural image or noise beats it, if it reaches less than half of what a search finds, if it
    shows another unit rather (by 0.2), or if it bears signs of a manipulation (0.5, 0.3); and undecided otherwise, and
    with fewer than 20 natural images or 2 searches that succeed. The rule: `fvproof.empirical.claim.verdict.RULE`.

    Parameters
    ----------
    model
        What `fv.model` gives, or anything that it takes. Or a card, a path that ends in .toml, which says all that the
        other parameters say; only ``out`` and ``executor`` are then given beside it.
    units
        As for `fv.maximize`: one for each picture.
    pictures
        A picture, or one for each unit: (C, H, W) with the network's shape, uint8 or floating point in [0, 1], as
        arrays or tensors; runs of `fv.maximize`; picture files, or .npy files. Nothing is resized or coloured.
    images
        Natural images, as for `fv.model`; None for those that come with the model.
    out
        A folder for claims.json, claims.md, the pictures and certificates, in which finished work is kept: a call that
        was interrupted goes on from there. Nothing is left on disk without one.
    **options
        ``minimize``: the pictures are said to excite their units least (False). ``steps`` of each search (128),
        ``seed`` of all random numbers (0). ``predictions``: measure also what pictures tell about natural images
        (True). ``certify_s``: look so long for each certified extremum where there can be one (10; 0: not).
        ``executor`` as for `fv.maximize`.

    Returns
    -------
    ClaimResult
        ``.deserved``, ``.claims``, ``.markdown`` (for a model card), ``.code`` (0 deserved, 1 not, 3 undecided, 2 if a
        claim of several cannot be looked at: ``.refused`` says why, and the others are decided).

    Raises
    ------
    UnknownName
        There is no such layer, option, or key of a card.
    DomainError, ShapeError
        There are no images, numbers of units and pictures differ, or the only picture cannot be read or has another
        shape.

    Not claimed: that a picture which deserves its name predicts anything, which is measured beside; that nobody
    manipulated the network in a way that leaves no such signs; that a better search would not find more.

    Source: fvproof.

    Examples
    --------
    >>> import fvproof as fv
    >>> run = fv.maximize("digits-small", "logits:3", steps=64, seed=7).runs[0]
    >>> fv.claim("digits-small", "logits:3", run, steps=32, certify_s=0, predictions=False).headline
    'digits-small: 1 claim, deserved'
    >>> fv.claim("digits-small", "logits:4", run, steps=32, certify_s=0, predictions=False).code
    1
    """
    require_known(options, ClaimOptions.__annotations__)
    if isinstance(model, str | Path) and str(model).endswith(".toml"):
        if units is not None or pictures is not None or images is not None or set(options) - {"executor"}:
            raise DomainError(f"{model} says which network, images, units and pictures: give only out and executor")
        return claims_of(read_card(model), out=out, executor=options.get("executor", "local"))
    if units is None or pictures is None:
        raise DomainError("a claim is about a unit and a picture: give both")
    subject = subject_of(model, images)
    asked = _pairs(units, pictures, subject)
    end = "min" if options.get("minimize", False) else "max"
    given = [Entry(_named(unit, picture, end, i), "", str(unit), end) for i, (unit, picture) in enumerate(asked)]
    return _decided(subject, zip(given, asked, strict=True), out, options)


def claims_of(card: ClaimCard, *, out: str | Path | None = None, executor: str = "local") -> ClaimResult:
    """Return the verdicts on the claims of a card that has been read; see `claim`."""
    return _of_entries(card, card.entries, subject_of_card(card), out, executor)


def decide_one(card: ClaimCard, entry: Entry, subject: Subject, out: Path | None) -> ClaimFindings:
    """Return what is found of one claim of a card, or raise the sentence about it; see `claim`."""
    return _of_entries(card, [entry], subject, out, "local").claims[0]


def _of_entries(
    card: ClaimCard, entries: Sequence[Entry], subject: Subject, out: str | Path | None, executor: str
) -> ClaimResult:
    """Return the verdicts on some claims of a card."""
    pairs = [(entry, (entry.unit, card.path.parent / entry.picture)) for entry in entries]
    measuring = {OPTIONS.get(key, key): value for key, value in card.measuring.items()}
    return _decided(subject, pairs, out, {**measuring, "executor": executor})


def subject_of_card(card: ClaimCard) -> Subject:
    """Return the network that a card is about, with its images; paths start from the card's folder."""
    reading = {OPTIONS.get(key, key): value for key, value in card.reading.items()}
    with chdir(card.path.parent):
        return named_model(card.model, images=card.images, **reading)


def _pairs(units: Units, pictures: Any, subject: Subject) -> list[tuple[Any, Any]]:  # noqa: ANN401  see `claim`
    """Return units and pictures, one for one."""
    shown = _several(pictures, subject)
    named = list(units) if isinstance(units, Sequence) and not isinstance(units, str) else [units]
    if len(named) != len(shown):
        named = list(objectives_of(units, subject.model))
    if len(named) != len(shown):
        raise DomainError(f"there must be one picture for each unit: {len(named)} units, {len(shown)} pictures")
    return list(zip(named, shown, strict=True))


def _several(pictures: Any, subject: Subject) -> list[Any]:  # noqa: ANN401  see `claim`
    """Return one picture or several as a list."""
    if isinstance(pictures, np.ndarray | Tensor):
        return list(pictures) if pictures.ndim == len(subject.model.shape) + 1 else [pictures]
    return list(pictures) if isinstance(pictures, Sequence) and not isinstance(pictures, str) else [pictures]


def _named(unit: object, picture: object, end: str, place: int) -> str:
    """Return what a claim in memory is called."""
    return f"{unit} {end} {picture if isinstance(picture, str | Path) else f'picture {place + 1}'}"


def _decided(
    subject: Subject, given: Iterable[tuple[Entry, tuple[Any, Any]]], out: str | Path | None, options: Mapping[str, Any]
) -> ClaimResult:
    """Return the verdicts on the claims that can be looked at; a single one that cannot is an error."""
    settings = Settings(steps=options.get("steps", 128), seed=options.get("seed", 0))
    if not (seconds := options.get("certify_s", 10.0)) >= 0:
        raise DomainError(f"certify_s must be at least 0 seconds, received {seconds}")
    workers = workers_for(options.get("executor", "local"), subject)
    natural, (folder, held) = subject.natural, opened(out)
    work = workspace(subject.model, natural, settings, folder / PIECES, notify)
    claims, refused = _looked_at(subject, list(given))
    asked = AskedBeside(predictions=options.get("predictions", True), certify_s=seconds)
    with hired(workers) as same:
        found = examine(work, claims, asked, folder, same) if claims else []
    about = {
        "model": subject.model.name,
        "images": len(natural),
        "settings": {"steps": settings.steps, "seed": settings.seed},
        "network": model_fingerprint(subject.model)[:16],
    }
    result = ClaimResult(tuple(found), tuple(refused), about, folder, held)
    if out is not None:
        write_claims(result, folder)
    return result


def _looked_at(
    subject: Subject, given: Sequence[tuple[Entry, tuple[Any, Any]]]
) -> tuple[list[Claim], list[RefusedClaim]]:
    """Return the claims, and what is wrong with those that are none."""
    claims, refused = dict[str, Claim](), list[RefusedClaim]()
    for entry, (unit, picture) in given:
        try:
            if entry.problem:
                raise DomainError(entry.problem)
            (found,) = _one(unit, subject)
            end: Any = entry.end
            one = Claim(found, picture_of(picture, subject.model.shape), end, entry.name)
            if one.key in claims:
                raise DomainError(f"it is the same as {claims[one.key].name}")
            claims[one.key] = one
        except FvproofError as error:
            if len(given) == 1:
                raise
            refused.append(RefusedClaim(entry.name, str(error)))
    return list(claims.values()), refused


def _one(unit: Any, subject: Subject) -> list[Objective]:  # noqa: ANN401  text or an objective
    """Return the one unit that is meant."""
    found = objectives_of(unit, subject.model)
    if len(found) != 1:
        raise DomainError(f"a claim is about one unit, {unit} are {len(found)}")
    return found
