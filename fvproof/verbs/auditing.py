"""`fv.audit`: whether the feature visualizations of a model can be trusted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from typing_extensions import Unpack, override

from fvproof.empirical.auditing.audit import Means, default_units
from fvproof.empirical.auditing.audit import audit as whole_audit
from fvproof.empirical.auditing.findings import Audit, UnitFindings
from fvproof.empirical.auditing.judgement import obstacle, predicts, suspected
from fvproof.empirical.auditing.report import figures, page, write_report
from fvproof.empirical.auditing.work import doing
from fvproof.empirical.keeping.workers import hired
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.notices import notify
from fvproof.theory.errors import DomainError
from fvproof.verbs.auditing_ball import BallAuditResult, audit_on_ball
from fvproof.verbs.folders import Scratch, copied, opened
from fvproof.verbs.kinds import checked
from fvproof.verbs.natural import Images
from fvproof.verbs.reading import require_known
from fvproof.verbs.results import Result
from fvproof.verbs.subject import Given, subject_of, workers_for
from fvproof.verbs.units import Units, objectives_of, written

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class AuditOptions(TypedDict, total=False):
    """How an audit is made; see `fv.audit`."""

    steps: int
    seed: int
    certify_s: float
    radii: int | None
    executor: str
    about: Mapping[str, str]
    domain: str
    radius: float | None


@dataclass(frozen=True, slots=True, eq=False)
class AuditSettings:
    """The same options, checked, with their defaults."""

    steps: int = 512
    seed: int = 0
    certify_s: float = 10.0
    radii: int | None = None
    executor: str = "local"
    about: Mapping[str, str] = field(default_factory=dict)
    domain: str = "cube"
    radius: float | None = None

    def __post_init__(self) -> None:
        if self.domain not in ("cube", "ball"):
            raise DomainError(f"the domain is cube or ball, not {self.domain!r}")
        if self.radius is not None and (self.domain == "cube" or not 0 < self.radius < inf):
            raise DomainError(f"a radius is that of a ball, and above 0: {self.domain}, {self.radius}")
        if not self.certify_s >= 0:
            raise DomainError(f"certify_s must be at least 0 seconds, received {self.certify_s}")
        if self.radii is not None and self.radii < 0:
            raise DomainError(f"radii must be at least 0, received {self.radii}")


MARKS = {True: "yes", False: "no ", None: "   "}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AuditResult(Result):
    """Everything that was measured on one model, and the verdict.

    Attributes
    ----------
    found
        All findings, as `fvproof.empirical.auditing.findings.Audit` describes them.
    folder
        Where the report and what it refers to are.
    """

    found: Audit
    folder: Path
    _held: Scratch | None = field(default=None)

    @property
    def trusted(self) -> bool:
        """Whether every requirement of the rule is met."""
        return self.found.verdict.trusted

    @property
    def verdict(self) -> str:
        """The verdict as one sentence."""
        return self.found.verdict.sentence

    @property
    def units(self) -> tuple[UnitFindings, ...]:
        """What was found of each unit."""
        return self.found.units

    @property
    @override
    def headline(self) -> str:
        return f"{self.found.model}: {self.found.verdict.word}, {len(self.units)} units"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [_unit_row(unit) for unit in self.units]

    @property
    @override
    def text(self) -> str:
        verdict = self.found.verdict
        reasons = [f"{MARKS[reason.holds]} {reason.question}\n    {reason.answer}" for reason in verdict.reasons]
        return "\n".join([verdict.word.upper(), verdict.sentence, "", *reasons])

    @override
    def record(self) -> Any:
        return json.loads(figures(self.found))

    @override
    def to_json(self) -> str:
        return figures(self.found)

    @property
    @override
    def code(self) -> int:
        return 0 if self.trusted else 1

    @override
    def save(self, folder: str | Path) -> Path:
        """Write report.html and report.json, with the visualizations and certificates that they refer to."""
        return copied(self.folder, folder)

    @override
    def _repr_html_(self) -> str:
        frame = 'style="width:100%;height:640px;border:1px solid #ccc" title="report of the audit"'
        return f'<iframe srcdoc="{escape(page(self.found))}" {frame}></iframe>'


def _unit_row(unit: UnitFindings) -> dict[str, Any]:
    """Return what a reader wants to know of a unit first."""
    best = None if unit.reading is None else unit.reading.chosen
    return {
        "unit": str(unit.unit),
        "minimum": unit.minimization.activation,
        "maximum": unit.maximization.activation,
        "order": None if best is None else best.order.value,
        "order_low": None if best is None else best.order.low,
        "error": None if best is None else best.relative_error.value,
        "predicts": predicts(unit),
        "obstacle": obstacle(unit),
        "suspected": suspected(unit),
    }


@checked
def audit(
    model: Given,
    units: Units | None = None,
    *,
    images: Images | None = None,
    labels: "ArrayLike | None" = None,
    out: str | Path | None = None,
    **options: Unpack[AuditOptions],
) -> AuditResult | BallAuditResult:
    """Return whether feature visualizations of a model can be trusted, with everything that was measured.

    Each unit u is visualized at both ends, which gives φ = (a, b, m, M). Measured is what a decoder g that sees φ,
    chosen on one half of the natural images, tells about the other half::

        order   share of pairs x, y of images of which g knows the one with the larger activation; chance is 1/2
        error   mean |g(φ, x) − u(x)| / mean |(m + M)/2 − u(x)|; 1 is knowing nothing

    beside what the theory says any decoder can know, and whether the network processes visualizations like natural
    images, layer by layer. A twin is built that has the same visualizations and disagrees. The rule of the verdict is
    fixed in advance: `fvproof.empirical.auditing.judgement.RULE`.

    Parameters
    ----------
    model
        What `fv.model` gives, or anything that it takes. It is not changed.
    units
        As for `fv.maximize`; None for the first 8 of a layer in the middle and of the output layer. Of a
        transformer and its kin, the former are neurons after their activation, of four blocks.
    images
        Natural images, at least 8, as for `fv.model`; None for those that come with the model.
    labels
        (N,), the number of the output unit of each image's class. Without labels of at least two classes there is no
        sanity check, and a requirement that could not be measured counts as not met.
    out
        A folder for report.html, report.json and the certificates, in which finished work is kept, so that a call that
        was interrupted goes on from there. Without one nothing is left on disk; `AuditResult.save` writes all of it.
    **options
        ``steps`` of gradient ascent, at least 1 (512, after which hardly any visualization still rises).

        ``seed`` of all random numbers (0).

        ``certify_s``, seconds for each true extremum, where the network is a chain small enough to certify it; 0 for
        none (10, of which small networks need few).

        ``radii``, how many reading radii are measured, each of one unit around one image; 0 for none (for four
        units and 512 steps one, which takes less than a third of the audit).

        ``executor``, who shares the work: ``"local"``, ``"processes:N"`` or ``"dask:ADDRESS"`` ("local").

        ``about``, what the report is to say of model and images, by name ({}).

        ``domain``, ``"cube"``, all images, or ``"ball"`` around grey ("cube"). On the ball it is asked only how well
        the most exciting stimulus tells the order of others: known by theorem where each unit rises with one weighted
        sum of pixels, which is read off the network with a bound on rounding, else measured. By default all units of
        the output layer if it is known, and the first 8 if not. Without images the order is measured on 1/f noise.

        ``radius`` of the ball, Euclidean, in pixels of [0, 1] (the median distance of the images from grey).

    Returns
    -------
    AuditResult
        ``.trusted``, ``.verdict`` (a sentence), ``.units`` (what was found of each), ``.table()`` (a row per unit),
        ``.found`` (everything); in a notebook it shows the report. On the ball a `BallAuditResult`: ``.certified``,
        ``.trusted``, ``.verdict``, ``.table()``, ``.found[0].most_exciting`` (the stimuli).

    Raises
    ------
    UnknownName
        There is no such model, layer, unit or option.
    DomainError, ShapeError
        There are no images or too few, they do not fit the network, an option is out of its range, nobody answers as
        executor, or the folder cannot be written to.

    Not claimed: that visualizations which pass tell what you want to know, or that those which fail tell nothing.

    Source: Geirhos et al., ICML 2024, sections 2 to 4; predictions, certificates and the rule are fvproof's.

    Examples
    --------
    >>> import fvproof as fv
    >>> found = fv.audit("digits-small", "logits:3", steps=8, certify_s=0)
    >>> found.trusted, [unit["unit"] for unit in found.rows]
    (False, ['logits:3'])
    >>> from torch import nn
    >>> fv.audit(fv.model(nn.Sequential(nn.Flatten(), nn.Linear(64, 5)), shape=(1, 8, 8)), domain="ball").certified
    True
    """
    require_known(options, AuditOptions.__annotations__)
    how = AuditSettings(**options)
    if how.domain == "ball":
        found = audit_on_ball(subject_of(model, images, labels), units, how.radius, seed=how.seed)
        if out is not None:
            found.save(out)
        return found
    settings, subject = Settings(steps=how.steps, seed=how.seed), subject_of(model, images, labels)
    workers = workers_for(how.executor, subject)
    folder, held = opened(out)
    asked = default_units(subject.model) if units is None else objectives_of(units, subject.model)
    with hired(workers) as same:
        means = Means(notify, same, how.certify_s, how.radii)
        found = whole_audit(subject.model, subject.natural, asked, settings, folder, means)
    told = {**how.about, **({} if units is None else {"units": written(units)})}
    found = replace(found, settings={**told, **found.settings})
    with doing("report"):
        write_report(found, folder)
    return AuditResult(found, folder, held)
