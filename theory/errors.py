"""The errors a user can meet: each message is one sentence that names the requirement and what was received."""

from collections.abc import Iterable
from difflib import get_close_matches


class FvproofError(ValueError):
    """Bad input; the command line prints the message on one line and exits with code 2."""


class DomainError(FvproofError):
    """A value lies outside the set it must come from: a point outside the cube, NaN, a minimum above the maximum."""


class ShapeError(FvproofError):
    """A point, image or weight has the wrong length or shape."""


class InfeasibleVisualization(FvproofError):
    """No function of the class has this visualization; the message names the condition that fails, with the numbers."""


class UnknownName(FvproofError):
    """A class, model, layer, statement or option of that name does not exist; the message lists the near ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = get_close_matches(str(name), names, n=5, cutoff=0.5)
        listed = f"known: {_shortened(names)}" if names else "there is none at all"
        hint = f"did you mean {', '.join(near)}?" if near else listed
        super().__init__(f"there is no {kind} {name!r}; {hint}")


def _shortened(names: list[str]) -> str:
    """Return the names in one line, at most twenty of them."""
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
