"""A theorem at particular terms."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, final

from fvproof.verify.proving.language import admitted, is_constant
from fvproof.verify.proving.terms import Number


class Named(Protocol):
    """What has a name: a theorem, or what might have become one."""

    @property
    def name(self) -> str:
        """What is said, in a few words."""
        ...


Theorem = TypeVar("Theorem", bound=Named)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Instance(Generic[Theorem]):
    """A theorem at particular terms: its constants stand for all values, so any terms may take their place.

    Raises
    ------
    TypeError
        If what is to be replaced is no constant, or a term is of another sort than the constant.
    ValueError
        If one constant is to be replaced by two terms.
    """

    theorem: "Theorem | Instance[Theorem]"
    terms: tuple[tuple[Number, Number], ...]

    def __post_init__(self) -> None:
        pairs = tuple((admitted(constant), admitted(term)) for constant, term in self.terms)
        for constant, term in pairs:
            if not is_constant(constant):
                raise TypeError(f"only constants stand for all values, and not {constant}: {constant.sort()}")
            if not constant.sort().eq(term.sort()):
                raise TypeError(f"{constant}: {constant.sort()} cannot be replaced by {term}: {term.sort()}")
        if len({constant.get_id() for constant, _ in pairs}) != len(pairs):
            raise ValueError("one constant cannot be replaced by two terms at once")
        object.__setattr__(self, "terms", pairs)

    @property
    def name(self) -> str:
        """The name of the theorem."""
        return self.theorem.name
