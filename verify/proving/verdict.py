"""What an answer of a solver is worth that is no theorem: refuted, vacuous or unknown, and never rounded to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from typing_extensions import override


@final
@dataclass(frozen=True, slots=True)
class Refuted:
    """The claim fails: the model gives every quantity a value that meets the hypotheses and breaks the claim.

    Parameters
    ----------
    name
        The name of the obligation.
    model
        Each quantity and its value, in the reader's terms, such as ``{"f(x)": "1/2"}``.
    """

    name: str
    model: Mapping[str, str]
    time_s: float = 0.0

    @override
    def __str__(self) -> str:
        return ", ".join(f"{quantity} = {value}" for quantity, value in self.model.items())


@final
@dataclass(frozen=True, slots=True)
class Vacuous:
    """The hypotheses contradict each other, so that the claim would follow from nothing at all."""

    name: str
    conflict: tuple[str, ...]
    time_s: float = 0.0

    @override
    def __str__(self) -> str:
        return "no case meets: " + "; ".join(self.conflict)


@final
@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows: the solver gave up, ran out of resources, or the claim rests on something that is not proved.

    Parameters
    ----------
    name
        The name of the obligation.
    reason
        Why, in one line.
    query
        The file that holds the open question in SMT-LIB, if there is one.
    """

    name: str
    reason: str
    query: Path | None = None
    time_s: float = 0.0

    @override
    def __str__(self) -> str:
        return self.reason + (f" (query written to {self.query})" if self.query else "")
