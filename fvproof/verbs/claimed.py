"""What `fv.claim` returns: verdicts on claims, with what they rest on, as text, as JSON and for a model card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image
from typing_extensions import override

from fvproof.empirical.claim.beside import ClaimFindings
from fvproof.empirical.json_values import plain
from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.maximization.drawing import pixels
from fvproof.empirical.plots import picture as data_uri
from fvproof.verbs.claims_in_words import claims_in_markdown, claims_in_text, count_of, picture_file, verdicts
from fvproof.verbs.folders import Scratch, copied
from fvproof.verbs.results import Result, Row, html_picture, html_table
from fvproof.verify.files.disk import writing


@dataclass(frozen=True, slots=True)
class RefusedClaim:
    """A claim that cannot be looked at: what it is called, and why."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClaimResult(Result):
    """Verdicts on claims, with what they rest on.

    Attributes
    ----------
    claims
        Of each that could be looked at, in the order given: ``.claim``, ``.measured``, ``.decision`` (verdict, what
        beats it, doubts), ``.told`` (what it predicts), ``.certified``; see
        `fvproof.empirical.claim.beside.ClaimFindings`.
    refused
        Of the others, what is wrong with them.
    about
        The network's name, the number of images, and the settings.
    folder
        Where certificates and finished work are.
    """

    claims: tuple[ClaimFindings, ...]
    refused: tuple[RefusedClaim, ...]
    about: Mapping[str, Any]
    folder: Path
    _held: Scratch | None = field(default=None)

    @property
    def deserved(self) -> bool:
        """Whether every claim is deserved."""
        return not self.refused and all(one.decision.verdict == "deserved" for one in self.claims)

    @property
    @override
    def headline(self) -> str:
        return f"{self.about['model']}: {count_of(self.claims, len(self.refused))}"

    @property
    @override
    def rows(self) -> Sequence[Row]:
        return [_row(one) for one in self.claims]

    @property
    @override
    def text(self) -> str:
        wrong = [f"{one.name}: {one.problem}" for one in self.refused]
        return "\n".join([*claims_in_text(self.claims), *wrong, *([self.headline] if len(self.claims) != 1 else [])])

    @property
    def markdown(self) -> str:
        """The claims as a section of a model card, in Markdown."""
        return claims_in_markdown(self.claims, [(one.name, one.problem) for one in self.refused], self.about)

    @override
    def record(self) -> dict[str, Any]:
        refused = [{"claim": one.name, "problem": one.problem} for one in self.refused]
        return {
            **self.about,
            "deserved": self.deserved,
            "claims": [_record(one) for one in self.claims],
            "refused": refused,
        }

    @property
    @override
    def code(self) -> int:
        """0 if all are deserved, 2 if some cannot be looked at, else 1 if some are not deserved, else 3."""
        if self.refused:
            return 2
        words = verdicts(self.claims)
        return 1 if words["not deserved"] else 3 if words["undecided"] else 0

    @override
    def save(self, folder: str | Path) -> Path:
        """Write claims.json, claims.md, the pictures, and certificates where there are some."""
        place = copied(self.folder, folder)
        write_claims(self, place)
        return place

    @override
    def _repr_html_(self) -> str:
        shown = "".join(html_picture(data_uri(one.claim.image), title=_title(one)) for one in self.claims)
        return f"<p><b>{escape(self.headline)}</b></p><div>{shown}</div>{html_table(self.rows)}"


def _title(found: ClaimFindings) -> str:
    """Return a picture's unit and verdict."""
    return f"{found.measured.unit} {found.measured.end}: {found.decision.verdict}"


def _row(found: ClaimFindings) -> dict[str, Any]:
    """Return a claim as a row of the table."""
    one, said = found.measured, found.decision
    return {
        "unit": one.unit,
        "end": one.end,
        "picture": one.picture,
        "verdict": str(said.verdict),
        "activation": one.activation,
        "natural_best": one.natural_best,
        "percentile": one.percentile,
        "share": plain(one.share),
        "enough": plain(one.enough),
        "settled": plain(one.settled),
        "reliance": plain(one.reliance),
        "rift": plain(one.rift),
        "reasons": "; ".join([*said.beaten_by, *said.doubts]),
    }


def _record(found: ClaimFindings) -> dict[str, Any]:
    """Return everything about a claim."""
    one, said = found.measured, found.decision
    more = {"share": one.share, "enough": one.enough, "settled": one.settled, "best": one.best}
    more["settled_enough"] = one.settled_enough
    return {
        "verdict": str(said.verdict),
        "beaten_by": list(said.beaten_by),
        "doubts": list(said.doubts),
        **plain(one),
        **plain(more),
        "told": plain(found.told),
        "certified": plain(found.certified),
    }


def write_claims(result: ClaimResult, place: Path) -> None:
    """Write what a card consists of."""
    for number, found in enumerate(result.claims, 1):
        path = place / picture_file(number)
        with writing(path):
            Image.fromarray(pixels(found.claim.image)).save(path, "PNG")
    write_atomically(place / "claims.json", result.to_json().encode())
    write_atomically(place / "claims.md", result.markdown.encode())
