"""What `fv.fool` returns: the fooled network, what became of it on natural images, and what visualizations show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import override

from fvproof.empirical.fooling import circuit_report, pulse_report, silent_report, slingshot_report
from fvproof.empirical.fooling.sameness import mean_cosine
from fvproof.empirical.fooling.shifts import LEAST_FOOLED
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.pages.results import KeyFigure
from fvproof.empirical.plots import picture
from fvproof.theory.wording import percent
from fvproof.verbs.folders import Scratch, copied
from fvproof.verbs.pages import fool_page
from fvproof.verbs.results import Result, html_picture, html_table
from fvproof.verbs.subject import Subject

PIECES = "pieces"
"""The folder in which finished work is kept: a call that was interrupted goes on from there."""

INLINE = 16
"""Units whose visualizations a notebook shows."""

TABLES: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "circuit": circuit_report.table,
    "silent": silent_report.table,
    "slingshot": slingshot_report.table,
    "pulse": pulse_report.table,
}
"""For each method, what the command line prints of its report."""

STATED = {"circuit": "behaviour", "silent": "natural", "slingshot": "unseen", "pulse": "unseen"}
"""For each method, where its report says what the network does on natural images."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FoolResult(Result):
    """A network that works as before, and whose visualizations show what somebody wants.

    Attributes
    ----------
    method
        "circuit", "silent", "slingshot" or "pulse".
    model
        The fooled network with the natural images, ready for `fv.maximize`, `fv.detect` and all other verbs. It shares
        nothing with the network that was given.
    report
        All figures, as ``--json`` prints them.
    before, after
        The visualizations of the units that were looked at, by the package's own engine, in the same order.
    targets
        What each of them was to show, (C, H, W) in [0, 1]; none where that is not one picture.
    worked
        Whether the network does on natural images what it did, as far as the method promises, shows what it is to show,
        and is what the files hold.
    folder
        Where the files are: the network as ONNX and as torch export, the report, and pictures.
    """

    method: str
    model: Subject
    report: dict[str, Any]
    before: tuple[Run, ...]
    after: tuple[Run, ...]
    targets: tuple[np.ndarray, ...]
    worked: bool
    folder: Path
    _held: Scratch | None = field(default=None)

    @property
    def engines(self) -> dict[str, dict[str, float]]:
        """For each engine that was asked: which share is fooled, likeness to the target, activation before and after.

        Empty for slingshots and pulses, which are made for the package's own engine.
        """
        return self.report.get("engines", {})

    @property
    @override
    def headline(self) -> str:
        seen = self.report[STATED[self.method]]
        kept = (
            "" if seen is None else f", {_most(seen['same_prediction'])} of {seen['images']} images predicted as before"
        )
        fooled = ", ".join(f"{name} {_most(row['fooled_share'])}" for name, row in self.engines.items())
        return f"{self.report['model']}, {self.method}{kept}{f'; fooled engines: {fooled}' if fooled else ''}"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        wanted = self.targets or (None,) * len(self.after)
        return [_row(*one) for one in zip(self.before, self.after, wanted, strict=True)]

    @property
    @override
    def text(self) -> str:
        return TABLES[self.method](self.report)

    @override
    def record(self) -> dict[str, Any]:
        return self.report

    @property
    @override
    def code(self) -> int:
        return 0 if self.worked else 1

    @override
    def save(self, folder: str | Path) -> Path:
        """Write the network in every form, the report with what it refers to, and the pictures."""
        return copied(self.folder, folder, without=(PIECES,))

    @property
    def page(self) -> str:
        """All of it as one HTML page that needs no other file."""
        wanted = self.targets or (None,) * len(self.after)
        about = {
            "model": self.report["model"],
            "worked": self.worked,
            "sentence": f"{self.headline}.",
            "rows": self.rows,
            "engines": self.engines,
            "printed": self.text,
            "figures": self._decided,
        }
        return fool_page(self.method, tuple(zip(self.before, self.after, wanted, strict=True)), about)

    @property
    def _decided(self) -> list[KeyFigure]:
        """The figures that stand on the first screen of the page: what natural images show, and who is fooled."""
        seen, figures = self.report[STATED[self.method]], []
        if seen is not None:
            figures = [
                KeyFigure("of natural images give the same outputs to the last bit", _most(seen["unchanged"])),
                KeyFigure("of natural images are predicted as before", _most(seen["same_prediction"])),
            ]
            tops = seen["top1_before"], seen["top1_after"]
            if None not in tops:
                figures += [KeyFigure("top 1 before and after", " and ".join(percent(top, 1) for top in tops))]
        fooled = [name for name, row in self.engines.items() if row["fooled_share"] >= LEAST_FOOLED]
        more = [KeyFigure("engines fooled", f"{len(fooled)} of {len(self.engines)}")] if self.engines else []
        return [*figures, *more]

    @override
    def _repr_html_(self) -> str:
        wanted = self.targets or (None,) * len(self.after)
        shown = zip(self.before[:INLINE], self.after[:INLINE], wanted[:INLINE], strict=True)
        pictures = "".join(f"<div>{_pictures(*one)}</div>" for one in shown)
        engines = html_table([{"engine": name, **row} for name, row in self.engines.items()])
        return f"<p><b>{escape(self.headline)}</b></p>{pictures}{html_table(self.rows)}{engines}"


def _row(before: Run, after: Run, target: np.ndarray | None) -> dict[str, Any]:
    """Return what became of one unit's visualization."""
    likeness = {} if target is None else {"pixels_to_target": _correlation(after.image, target)}
    return {
        "unit": str(after.unit),
        **likeness,
        "pixels_to_own": _correlation(after.image, before.image),
        "activation_before": before.activation,
        "activation_after": after.activation,
        "status_before": str(before.status),
        "status_after": str(after.status),
    }


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Return Pearson's correlation of two images' pixels; 0 if one is of a single value."""
    both = np.stack([a.ravel(), b.ravel()]).astype(np.float64)
    return mean_cosine(both - both.mean(1, keepdims=True))


def _pictures(before: Run, after: Run, target: np.ndarray | None) -> str:
    """Return one unit's pictures: before, after, and what was to be shown."""
    named: Sequence[tuple[str, np.ndarray | None]] = [
        (f"{before.unit} before", before.image),
        (f"{after.unit} after", after.image),
        ("to be shown", target),
    ]
    return "".join(html_picture(picture(image), title=name) for name, image in named if image is not None)


def _most(share: float) -> str:
    """Return a share of which much is claimed."""
    return percent(share, rounded="down")
