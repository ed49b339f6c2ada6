"""`fv.audit` and `fv.sanity`: whether visualizations can be trusted, and are processed like natural images."""

import json
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from fvproof.empirical.auditing.audit import Means, default_units
from fvproof.empirical.auditing.audit import audit as whole_audit
from fvproof.empirical.auditing.findings import Audit, UnitFindings
from fvproof.empirical.auditing.judgement import obstacle, predicts, suspected
from fvproof.empirical.auditing.report import figures, page, write_report
from fvproof.empirical.keeping.executors import named_workers
from fvproof.empirical.keeping.store import open_store
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.units import parse_units
from fvproof.empirical.notices import notify
from fvproof.verbs.results import Result
from fvproof.verbs.subject import Given, shared_by, subject_of

if TYPE_CHECKING:
    pass

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
    _kept: TemporaryDirectory[str] | None = field(default=None)

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
        """Write report.html and report.json, with the certificates that they refer to."""
        place = open_store(Path(folder))
        if place.resolve() != self.folder.resolve():
            copytree(self.folder, place, dirs_exist_ok=True)
        write_report(self.found, place)
        return place

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


def audit(
    model: Given,
    units: str | None = None,
    *,
    out: str | Path | None = None,
    steps: int = 512,
    seed: int = 0,
    **more: Any,  # noqa: ANN401
) -> AuditResult:
    """Return whether feature visualizations of a model can be trusted, with everything that was measured."""
    subject = subject_of(model, more.pop("images", None), more.pop("labels", None))
    asked = parse_units(units, subject.model) if units else default_units(subject.model)
    kept = TemporaryDirectory() if out is None else None
    folder = Path(kept.name) if kept else open_store(Path(str(out)))
    workers = named_workers(more.pop("executor", "local"), shared_by(subject))
    means = Means(notify, workers, more.pop("certify_s", 10.0))
    found = whole_audit(subject.model, subject.natural, asked, Settings(steps=steps, seed=seed), folder, means)
    result = AuditResult(found, folder, kept)
    if out is not None:
        result.save(out)
    return result
