"""`fv.census`: which channels of a network no image of a set ever opens."""

from dataclasses import dataclass
from math import isnan
from typing import Any

from tabulate import tabulate
from typing_extensions import override

from fvproof.empirical.detecting.census import Rectifier
from fvproof.empirical.detecting.census import census as census_of
from fvproof.empirical.json_values import plain
from fvproof.verbs.kinds import checked
from fvproof.verbs.natural import Images
from fvproof.verbs.results import Result
from fvproof.verbs.subject import Given, subject_of

RARE = "open on 1% of images or fewer"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CensusResult(Result):
    """Which channels of each rectifier no image opens.

    Attributes
    ----------
    rectifiers
        Of each: its name, on how many images each channel opens, (C,), how far it rises above its floor, (C,), and
        which are silent, (C,) bool.
    count
        Number of images.
    model
        The network's name.
    """

    rectifiers: tuple[Rectifier, ...]
    count: int
    model: str

    @property
    def silent(self) -> int:
        """How many channels are silent on all images."""
        return sum(int(one.silent.sum()) for one in self.rectifiers)

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return sum(len(one.opened) for one in self.rectifiers)

    @property
    @override
    def headline(self) -> str:
        return f"{self.model}: {self.silent} of {self.channels} channels are silent on {self.count} images"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "rectifier": one.name,
                "channels": len(one.opened),
                "silent": int(one.silent.sum()),
                RARE: int((one.opened <= 0.01 * self.count).sum()),
                "highest": _highest(one),
            }
            for one in self.rectifiers
        ]

    @property
    @override
    def text(self) -> str:
        if not self.rectifiers:
            return f"{self.model} has no ReLU or other rectifier with a floor: no channel is ever shut"
        heads = ("rectifier", "channels", "silent", RARE, "highest")
        table = tabulate([list(row.values()) for row in self.rows], heads, floatfmt=".4g", missingval="-")
        lost = sum(isnan(height) for one in self.rectifiers for height in one.high.tolist())
        more = f"; {lost} of {self.channels} are not a number on some of them" if lost else ""
        return f"{table}\n\n{self.silent} of {self.channels} channels are silent on {self.count} images{more}"

    @override
    def record(self) -> list[dict[str, Any]]:
        return [
            {
                "rectifier": one.name,
                "channels": len(one.opened),
                "silent": one.silent.nonzero()[0].tolist(),
                "opened": one.opened.tolist(),
                "high": plain(one.high.tolist()),
            }
            for one in self.rectifiers
        ]


def _highest(one: Rectifier) -> float | None:
    """Return how far any of its channels rises; None if all are not a number."""
    return max((height for height in one.high.tolist() if not isnan(height)), default=None)


@checked
def census(model: Given, *, images: Images | None = None) -> CensusResult:
    """Return which channels of ReLUs and other rectifiers no image of a set opens, at any position.

    A channel c of a rectifier is silent if max over images x and positions p of z_c(x, p) ≤ floor, where z is what goes
    into the rectifier and floor is where it begins to rise. Such channels have no part in what the network does on
    these images, and can show anything in visualizations. Only exact rectifiers count; smooth ones such as GELU are
    never shut.

    Parameters
    ----------
    model
        What `fv.model` gives, or anything that it takes.
    images
        The images that count, (N, C, H, W) or a folder, as for `fv.model`; the more the better, since a channel that N
        images leave shut may open on the next. By default those of the model.

    Returns
    -------
    CensusResult
        ``.rectifiers`` (of each, on how many images each channel opens), ``.silent`` (channels by rectifier),
        ``.channels`` (how many there are), ``.table()``.

    Raises
    ------
    DomainError, ShapeError
        If there are no images, or they do not have the network's shape.

    Source: fvproof; silent units are those of Geirhos et al., ICML 2024, section 2.

    Examples
    --------
    >>> import fvproof as fv
    >>> fv.census("digits-small").channels
    32
    """
    subject = subject_of(model, images)
    return CensusResult(census_of(subject.model, subject.natural), len(subject.natural), subject.model.name)
