"""`Subject.layers`: the layers of a network, and where their units lie."""

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from tabulate import tabulate
from typing_extensions import override

from fvproof.empirical.networks.layers import Listed
from fvproof.verbs.results import Result, html_table

HEADERS = ("layer", "kind", "shape", "axis", "units", "the axis is")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LayersResult(Result):
    """Every layer of a network: those that run and have units in the order in which they finish, then the others.

    Attributes
    ----------
    layers
        Name, kind, shape of the output for one image, the axis of it along which the units lie and whether that is
        known, assumed or given, and how many units there are.
    model
        The network's name.
    """

    layers: tuple[Listed, ...]
    model: str

    @property
    @override
    def headline(self) -> str:
        units = sum(one.units or 0 for one in self.layers)
        return f"{self.model}: {len(self.layers)} layers, {units} units"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [{**asdict(one), "shape": one.shape and "×".join(map(str, one.shape))} for one in self.layers]

    @property
    @override
    def text(self) -> str:
        return tabulate(
            [[row["name"], row["kind"], row["shape"] or "", *list(row.values())[3:]] for row in self.rows],
            HEADERS,
            missingval="",
        )

    @property
    def in_table(self) -> str:
        """The layers as an HTML table, under the names that the command line gives to columns."""
        return html_table([dict(zip(HEADERS, row.values(), strict=True)) for row in self.rows])

    @override
    def _repr_html_(self) -> str:
        return f"<p><b>{escape(self.headline)}</b></p>{self.in_table}"

    @override
    def record(self) -> list[dict[str, Any]]:
        return [asdict(one) for one in self.layers]
