"""`fv.twins`: two functions that nobody can tell apart by their visualization, and that differ."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from shutil import copytree
from textwrap import indent
from typing import Any

from tabulate import tabulate
from typing_extensions import Unpack, override

from fvproof.theory.classes.base import Member
from fvproof.theory.exact.surds import Exact
from fvproof.verbs.folders import Scratch
from fvproof.verbs.given import ClassParameters, Extrema, WithClass, class_given, visualization_given
from fvproof.verbs.kinds import checked
from fvproof.verbs.results import Result, html_table
from fvproof.verify.refutation.twins import Twins
from fvproof.verify.refutation.twins import twins as members

NONE = 1
"""Exit code if the visualization tells the value, or a float file does not follow the exact function."""

MARKS = {True: "yes", False: "NO", None: "-"}


class TwinParameters(ClassParameters, total=False):
    """What completes a class that is named; and ``small``, whether the functions shall be networks of three units."""

    small: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TwinsResult(Result):
    """Functions that share a visualization, as files that were checked.

    Attributes
    ----------
    found
        The class, the visualization, the query, and the exact functions.
    certificate
        What twins.json holds; None if the visualization tells the value, so that there are no twins.
    folder
        Where the files are; a temporary one unless another was asked for, gone with this result.
    """

    found: Twins
    certificate: Mapping[str, Any] | None
    folder: Path | None
    _kept: Scratch | None = field(default=None)

    @property
    def members(self) -> tuple[Member, ...]:
        """The exact functions: call one with a point to get its exact value there."""
        return self.found.members

    @property
    def values(self) -> tuple[Exact, ...]:
        """Their values at the query."""
        return tuple(values[0] for values in self.found.values)

    @property
    def holds(self) -> bool:
        """Whether there are such functions, and every check that was decided came out true."""
        return self.certificate is not None and all(row["holds"] is not False for row in self.rows)

    @property
    @override
    def headline(self) -> str:
        title = self.found.function_class.title
        if self.certificate is None:
            told = f"every {title} with this visualization takes the value {self.values[0]} at the query"
            return f"there is no counterexample: {told}"
        if len(self.values) == 1:
            return f"a {title} with this visualization and the value {self.values[0]} at the query"
        low, high = self.values
        return f"a {title} with this visualization can take the value {low} or {high} at the query"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        stated = [] if self.certificate is None else self.certificate["members"]
        return [{"f(x)": member["values"][0], **check} for member in stated for check in member["checks"]]

    @property
    @override
    def text(self) -> str:
        if self.certificate is None:
            return self.headline
        lines = [line for member in self.certificate["members"] for line in _member(member)]
        where = [] if self._kept else [f"written to {self.folder}, with the certificate twins.json"]
        return "\n".join([*lines, *where])

    @override
    def record(self) -> dict[str, Any]:
        return {} if self.certificate is None else dict(self.certificate)

    @property
    @override
    def code(self) -> int:
        return 0 if self.holds else NONE

    @override
    def save(self, folder: str | Path) -> Path:
        """Write the functions as exact JSON, ONNX and torch export, with twins.json and, for d ≤ 2, twins.png."""
        from fvproof.empirical.keeping.store import open_store

        place = open_store(folder)
        if self.folder is not None and self.folder.resolve() != place.resolve():
            copytree(self.folder, place, dirs_exist_ok=True)
        return place

    @override
    def _repr_html_(self) -> str:
        picture = "" if self.folder is None else self.record().get("picture", "")
        shown = _inline(self.folder / picture) if self.folder is not None and picture else ""
        return f"<p><b>{escape(self.headline)}</b></p>{shown}{html_table(self.rows)}"


def _inline(file: Path) -> str:
    """Return a picture in a file as HTML."""
    data = b64encode(file.read_bytes()).decode()
    return f'<img src="data:image/png;base64,{data}" alt="{file.name}" style="max-width:100%">'


def _member(member: Mapping[str, Any]) -> list[str]:
    """Return what was written of one function and checked, line by line."""
    files = [member[kind]["file"] for kind in ("exact", "onnx", "torch") if member[kind]]
    rows = [[check["name"], MARKS[check["holds"]], check["how"]] for check in member["checks"]]
    no_onnx = [f"  no ONNX file: {member['why_no_onnx']}"] if member["onnx"] is None else []
    checks = indent(tabulate(rows, tablefmt="plain"), "  ")
    return [f"f(x) = {member['values'][0]}: {', '.join(files)}", *no_onnx, checks]


@checked
def twins(
    within: WithClass,
    phi: Extrema,
    at: object,
    *,
    value: object = None,
    unique_extrema: bool = False,
    out: str | Path | None = None,
    **parameters: Unpack[TwinParameters],
) -> TwinsResult:
    """Return two functions of a class with one visualization, as different at a query as can be, as checked files.

    Their values at x are the ends of the ambiguity set A_C(φ, x), or lie 1/1024 of its length inside of an open end.

    Parameters
    ----------
    within, phi, at
        The class, the visualization and the query, as for `fv.interval`. Arrays and pictures of shape (C, H, W) make
        networks that read images of this shape.
    value
        The one function with this value at the query, instead of two; a number in A_C(φ, x).
    unique_extrema
        Functions without other minimum or maximum points; their ends are open as a rule.
    out
        A folder for the files; without one they are kept as long as the result is, and ``.save(folder)`` copies them.
    **parameters
        Of the class, if it is named: see `fv.interval`. And ``small`` (False): networks of one hidden layer with three
        units, and one more for each training label of ``erm``, which read two inputs at most (statement
        ``three-units``); for the classes of which nothing is known off the extrema.

    Returns
    -------
    TwinsResult
        ``.members``, exact functions; ``.values``; ``.certificate``, what was checked on the files.

    Raises
    ------
    InfeasibleVisualization
        If no function of the class has this visualization.
    DomainError, ShapeError, UnknownName
        If something is out of range, the class has no file format, or the folder cannot be written to.

    Source: the witness of each class; for ReLU networks Geirhos et al., ICML 2024, section 4, Theorems 1 and 2.

    Examples
    --------
    >>> import fvproof as fv
    >>> found = fv.twins("relu-network", fv.Visualization([0, 0], [1, 1], 0, 1), ["1/2", "1/4"])
    >>> low, high = found.members
    >>> found.values, found.holds
    ((Fraction(0, 1), Fraction(1, 1)), True)
    """
    small = parameters.pop("small", False)
    c = class_given(within, parameters)
    shown, query, shape = visualization_given(phi, at, c.domain)
    found = members(c, shown, query, value=value, unique_extrema=unique_extrema, small=small)
    if len(found.members) == 1 and value is None:
        return TwinsResult(found, None, None)
    from fvproof.empirical.exact.twin_files import write_twins  # torch only when it is needed

    kept = Scratch() if out is None else None
    folder = kept.path if kept else Path(str(out))
    return TwinsResult(found, write_twins(found, folder, shape=shape or (shown.dimension,)), folder, kept)
