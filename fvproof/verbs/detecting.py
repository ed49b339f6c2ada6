"""`fv.detect`: signs that somebody manipulated the visualizations of a network."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, TypedDict

from tabulate import tabulate
from tqdm import tqdm
from typing_extensions import Unpack, override

from fvproof.empirical.detecting.census import census as census_of
from fvproof.empirical.detecting.detection import Detection, units_to_look_at
from fvproof.empirical.detecting.detection import detect as detection_in
from fvproof.empirical.json_values import plain
from fvproof.empirical.keeping.store import open_store, write_atomically
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.maximization.pictures import title, write_sheet
from fvproof.empirical.networks.objectives import Unit
from fvproof.empirical.pages.results import PAGE
from fvproof.empirical.plots import picture
from fvproof.theory.errors import DomainError
from fvproof.verbs.kinds import checked
from fvproof.verbs.pages import detect_page
from fvproof.verbs.reading import require_known
from fvproof.verbs.results import Result, html_picture, html_table
from fvproof.verbs.subject import Given, Subject, subject_of
from fvproof.verbs.units import Units, objectives_of


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DetectResult(Result):
    """What speaks for a manipulation of a network's visualizations.

    Attributes
    ----------
    found
        The census, the visualizations and the signs of each unit, as
        `fvproof.empirical.detecting.detection.Detection` describes them.
    count
        Number of images.
    model
        The network's name.
    """

    found: Detection
    count: int
    model: str

    @property
    def suspected(self) -> bool:
        """Whether something speaks for a manipulation. That nothing does is no proof that there is none."""
        return bool(self.found.suspected)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks for it, unit by unit."""
        return tuple(f"{one.unit}: {reason}" for one in self.found.suspected for reason in one.reasons)

    @property
    def _verdict(self) -> str:
        """The finding, and what it rests on."""
        number = f"{len(self.found.suspected)} of {len(self.found.signs)} units, on {self.count} images"
        return f"{'something' if self.reasons else 'nothing'} speaks for a manipulation: {number}"

    @property
    @override
    def headline(self) -> str:
        return f"{self.model}: {self._verdict}"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [{**row, "reasons": "; ".join(row["reasons"])} for row in self.record()["units"]]

    @property
    @override
    def text(self) -> str:
        rows = [(one.unit, one.excess, one.reliance, plain(one.rift)) for one in self.found.signs]
        table = tabulate(rows, ("unit", "excess", "reliance", "rift"), floatfmt=".3f", missingval="–")
        return "\n".join([table, "", self._verdict, *self.reasons])

    @override
    def record(self) -> dict[str, Any]:
        units = [
            {
                "unit": one.unit,
                "excess": plain(one.excess),
                "reliance": plain(one.reliance),
                "rift": plain(one.rift),
                "reasons": list(one.reasons),
            }
            for one in self.found.signs
        ]
        rectifiers = [
            {"rectifier": one.name, "channels": len(one.opened), "silent": int(one.silent.sum())}
            for one in self.found.rectifiers
        ]
        return {"suspected": self.suspected, "units": units, "rectifiers": rectifiers}

    @property
    @override
    def code(self) -> int:
        return 1 if self.suspected else 0

    @override
    def save(self, folder: str | Path) -> Path:
        """Write report.html, the visualizations as sheet.png, and detect.json."""
        place = open_store(folder)
        write_atomically(place / "detect.json", self.to_json().encode())
        write_atomically(place / PAGE, self.page.encode())
        write_sheet(self.found.runs, place / "sheet.png")
        return place

    @property
    def page(self) -> str:
        """All of it as one HTML page that needs no other file."""
        return detect_page(self.model, self.found, self.count, self.text)

    @override
    def _repr_html_(self) -> str:
        shown = "".join(html_picture(picture(run.image), title=title(run)) for run in self.found.runs)
        return f"<p><b>{escape(self.headline)}</b></p><div>{shown}</div>{html_table(self.rows)}"


class Ascents(TypedDict, total=False):
    """How the visualizations are made; see `fv.detect`."""

    steps: int
    seed: int


@checked
def detect(
    model: Given,
    units: Units | None = None,
    *,
    layer_count: int = 4,
    per_layer: int = 4,
    out: str | Path | None = None,
    **settings: Unpack[Ascents],
) -> DetectResult:
    """Return what speaks for a manipulation of a network's visualizations: silent units, circuits, slingshots.

    Of each unit, three numbers on its visualization v, with activation a(·), m the median and M the greatest activation
    of the images:

    - excess (a(v) − m) / (M − m), which is shown and decides nothing;
    - reliance (a(v) − a'(v)) / (a(v) − m), where a' is the activation while all channels are shut that at most 1% of
      the images open; 0.5 and more speaks for a manipulation;
    - rift [cos(g₀, v) − cos(g₁, v)] + [r(g₁) − r(g₀)], how much better the unit's mean gradients where ascent starts
      (g₀) and at natural images (g₁) each fit their own side than the other does, with r(g) the correlation of ⟨g, x⟩
      and a(x) over natural images x; 0.3 and more speaks for a manipulation, None where the unit is too far from
      affine.

    That nothing is found does not prove that there is none.

    Parameters
    ----------
    model
        What `fv.model` gives with images, or the name of an embedded network.
    units
        As for `fv.maximize`. By default some of the layers whose rectifiers are silent for the most part, of the
        output, and of others.
    layer_count, per_layer
        Without ``units``: so many layers beside the suspicious ones, and so many units of each; at least 1 (4
        and 4: known manipulations are of a whole layer or of the output, of which a few units show it).
    out
        A folder for sheet.png and detect.json. Nothing is written without one.
    **settings
        ``steps`` of gradient ascent, at least 1 (128, a quarter of those of `fv.maximize`, for the sake of many
        units), ``seed`` of all random numbers (0).

    Returns
    -------
    DetectResult
        ``.suspected`` (True if something speaks for a manipulation), ``.reasons`` (sentences), ``.found`` (a finding
        for each unit), ``.table()``.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If there are no images, there is no such unit, or the folder cannot be written to.

    Source: fvproof. Neither measurement is in the papers whose manipulations they find.

    Examples
    --------
    >>> import fvproof as fv
    >>> fv.detect("digits-small", "logits:0-1", steps=16).suspected
    False
    """
    require_known(settings, Ascents.__annotations__)
    wanted, place = Settings(**{"steps": 128, **settings}), None if out is None else open_store(out)
    subject = subject_of(model)
    asked = _some(subject, layer_count, per_layer) if units is None else objectives_of(units, subject.model)
    with tqdm(total=len(asked) * wanted.steps, unit="step", disable=None) as bar:
        found = detection_in(subject.model, subject.natural, asked, wanted, progress=bar.update)
    result = DetectResult(found, len(subject.natural), subject.model.name)
    if place is not None:
        result.save(place)
    return result


def _some(subject: Subject, layer_count: int, per_layer: int) -> list[Unit]:
    """Return the units that are looked at where none are named."""
    if layer_count < 1 or per_layer < 1:
        raise DomainError(f"layer_count and per_layer must be at least 1, received {layer_count} and {per_layer}")
    known = census_of(subject.model, subject.natural)
    return units_to_look_at(subject.model, known, layers=layer_count, channels=per_layer)
