"""Can feature visualizations of this model be trusted? All measurements on one model, and the verdict."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fvproof.empirical.auditing.certified import Extrema, beside, write_certificates
from fvproof.empirical.auditing.disagreement import disagreement
from fvproof.empirical.auditing.examples import examples
from fvproof.empirical.auditing.findings import Audit, End, Silence, UnitFindings
from fvproof.empirical.auditing.judgement import judge
from fvproof.empirical.auditing.knowable import Knowledge
from fvproof.empirical.auditing.work import certify, default_radii, doing, locate, read, seen, suspect, visualize
from fvproof.empirical.detecting.census import Rectifier, census
from fvproof.empirical.detecting.detection import rare_channels
from fvproof.empirical.images import ImageSet, spread
from fvproof.empirical.keeping.fingerprint import model_fingerprint
from fvproof.empirical.keeping.records import remembered
from fvproof.empirical.keeping.store import place
from fvproof.empirical.keeping.sweep import found, run_name
from fvproof.empirical.keeping.workers import Workers
from fvproof.empirical.keeping.workspace import Workspace, workspace
from fvproof.empirical.maximization.maximize import Run, Settings
from fvproof.empirical.measurement.bootstrap import LEVEL
from fvproof.empirical.measurement.class_curve import class_units, similarity_curve
from fvproof.empirical.measurement.holdout import Reading, require_enough
from fvproof.empirical.measurement.recognition import recognition
from fvproof.empirical.networks.layers import LEARNED, gives_output, layer_sizes, neuron_layers, output_layer
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective, layers_of
from fvproof.empirical.networks.probing import find_layer, frozen
from fvproof.empirical.networks.soundness import require_fit
from fvproof.empirical.networks.units import Unit, activations, channel_counts
from fvproof.empirical.networks.views import owners
from fvproof.empirical.pages.environment import versions
from fvproof.empirical.pages.wording import listed
from fvproof.theory.errors import DomainError

PIECES = "pieces"
"""The folder, in that of the report, where finished work is kept."""


UNITS_PER_LAYER = 8
"""Of the middle and of the output, where no units are named."""

BLOCKS = 4
"""In so many blocks of a transformer, evenly spaced, those of the middle lie."""


@dataclass(frozen=True, slots=True)
class Silences:
    """The census of all rectifiers."""

    rows: tuple[Silence, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """With what an audit is made.

    Attributes
    ----------
    report
        Called with a sentence for each file of finished work that is damaged, and if a process is lost.
    workers
        Who shares the work; None for this process alone.
    certify_s
        Each true extremum of a unit of a small network is looked for within so many seconds; 0 for none.
    radii
        How many reading radii are measured in all, each of one unit around one image; None for as many as take less
        than a third of the audit.
    """

    report: Callable[[str], object] = print
    workers: Workers | None = None
    certify_s: float = 10.0
    radii: int | None = None


ALONE = Means()


def audit(
    model: Model, images: ImageSet, units: Sequence[Objective], settings: Settings, folder: Path, means: Means = ALONE
) -> Audit:
    """Return everything that is measured on one model, and the verdict; nothing that was finished is computed again.

    Parameters
    ----------
    model
        The network.
    images
        Natural images, best with labels that are the numbers of output units.
    units
        At least one, of any layers.
    settings
        How they are visualized; the seed is also that of all other random numbers.
    folder
        Where finished work is kept, in its subfolder `PIECES`.
    means
        Who computes, and who is told.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If there is no such unit, there are too few images, or the folder cannot be written to.

    Source: the measurements are those of Geirhos et al., ICML 2024, sections 2 to 4, and fvproof's.
    """
    require_fit(model, images)
    require_enough(images)
    with frozen(model.network):  # whatever is built from it, too, is built from a network at rest
        return _measured(model, images, units, settings, folder, means)


def _measured(
    model: Model, images: ImageSet, units: Sequence[Objective], settings: Settings, folder: Path, means: Means
) -> Audit:
    """Return the audit of a network at rest."""
    work = workspace(model, images, settings, folder / PIECES, means.report)
    with doing("measuring natural images"):
        classes, problem = class_units(model, images)
        recognised, doubt = (None, None) if problem else recognition(model, images)
        every = list(dict.fromkeys([*units, *classes]))
        natural = activations(model, every, images.batches(), position=settings.position)
    visualize(work, units, every, natural, means.workers)
    readable = [unit for unit in units if seen(work, unit) is not None]
    told = read(work, readable, natural, means.workers)
    extrema = certify(work, units, means.workers, means.certify_s)
    for unit, both in extrema.items():
        write_certificates(folder, model, unit, both)
    radii = default_radii(len(units), settings.steps) if means.radii is None else means.radii
    places = locate(work, readable, means.workers, radii)
    with doing("counting silent channels"):
        silence = _silence(work)
    signs = suspect(work, units, natural, {row.rectifier: row.rare for row in silence}, means.workers)
    findings = tuple(
        replace(
            _unit(work, unit, natural[unit], told.get(unit), extrema.get(unit) if isinstance(unit, Unit) else None),
            whereabouts=places.get(unit),
            signs=signs[unit],
        )
        for unit in units
    )
    layers = owners(model.network, (name for unit in units for name in layers_of(unit)))
    with doing("comparing layers, building a twin"):
        try:
            curve = similarity_curve(work, images, [found(work, unit) for unit in classes], audited=layers)
        except DomainError as error:  # some layer gives no numbers
            curve, problem = (), str(error)
        twin = disagreement(work, findings)
    return Audit(
        model=model.name,
        image_count=len(images),
        units=findings,
        accuracy=recognised,
        curve=curve,
        twin=twin,
        silence=silence,
        verdict=judge(model.name, findings, curve, twin),
        settings={**settings.record(), "confidence": LEVEL, "network": model_fingerprint(model)[:16]},
        versions=versions(),
        notes=tuple(_notes(images, problem, doubt)),
        labelling=images.labelling,
    )


def default_units(model: Model) -> list[Unit]:
    """Return the first units of a layer in the middle of the network, and of its output layer.

    Of a transformer and its kin, the former are neurons, after their activation, of some blocks
    (`fvproof.empirical.networks.layers.neuron_layers`).

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> units = default_units(load_model("digits"))
    >>> len(units), str(units[0]), str(units[-1])
    (16, 'conv2:0', 'logits:7')
    """
    neurons, last = neuron_layers(model), output_layer(model)
    learned = [name for name in layer_sizes(model) if isinstance(find_layer(model.network, name), LEARNED)]
    inside = [neurons[place] for place in spread(len(neurons), BLOCKS)] or learned[(len(learned) - 1) // 2 :][:1]
    shares = dict.fromkeys(inside, UNITS_PER_LAYER // max(1, len(inside))) | {last: UNITS_PER_LAYER}
    counts = channel_counts(model, shares)
    return [Unit(layer, channel) for layer, share in shares.items() for channel in range(min(share, counts[layer]))]


def _unit(
    work: Workspace,
    unit: Objective,
    natural: np.ndarray,
    told: tuple[Reading, Knowledge] | None,
    extrema: Extrema | None,
) -> UnitFindings:
    """Return everything about one unit."""
    return UnitFindings(
        unit=unit,
        meaning=_meaning(work.model, unit),
        minimization=_end(work, found(work, unit, minimize=True), natural.min(), extrema),
        maximization=_end(work, found(work, unit), natural.max(), extrema),
        natural=natural,
        reading=None if told is None else told[0],
        examples=None if told is None else examples(work.images, natural, told[0].exemplars),
        knowable=() if told is None else told[1].rows,
        layers=tuple(owners(work.model.network, layers_of(unit))),
    )


def _meaning(model: Model, unit: Objective) -> str | None:
    """Return the name of the class that a unit stands for."""
    names = model.class_names or ()
    if not isinstance(unit, Unit) or unit.channel >= len(names) or not gives_output(model, unit.layer):
        return None
    return names[unit.channel]


def _end(work: Workspace, run: Run, natural_best: float, extrema: Extrema | None) -> End:
    """Return one visualization as it is reported."""
    file = place(Path(PIECES), work.key(run_name(run.unit, minimize=run.end == "min")))
    return End(
        image=run.image,
        activation=run.activation,
        activation_seen=run.activation_seen,
        natural_best=float(natural_best),
        noise_best=run.noise_best,
        status=str(run.status),
        succeeded=not run.status.failed,
        file=file.as_posix(),
        certified=None if extrema is None else beside(run, extrema),
    )


def _silence(work: Workspace) -> tuple[Silence, ...]:
    """Return how many channels of each rectifier no natural image opens."""

    def counted() -> list[Silences]:
        return [Silences(tuple(_row(one, len(work.images)) for one in census(work.model, work.images)))]

    (kept,) = remembered(work, ["census"], Silences, counted)
    return kept.rows


def _row(found: Rectifier, images: int) -> Silence:
    """Return what is kept of one rectifier."""
    return Silence(found.name, int(found.silent.sum()), len(found.silent), tuple(rare_channels(found, images)))


def _notes(images: ImageSet, problem: str | None, doubt: str | None) -> Iterator[str]:
    """Yield what a reader has to know about the images."""
    if doubt is not None:
        yield f"{doubt[:1].upper()}{doubt[1:]}."
    yield from (f"{remark[:1].upper()}{remark[1:]}." for remark in images.remarks)
    if problem is not None:
        yield f"The sanity check could not be made: {problem}."
    if images.skipped:
        one = len(images.skipped) == 1
        said = (
            "1 image could not be read and was" if one else f"{len(images.skipped)} images could not be read and were"
        )
        yield f"{said} skipped: {listed(images.skipped)}."
