"""Formulas without quantifiers about real numbers, points and truth values, read from their text in SMT-LIB.

Every term is kept once, in a table. What can be said in other words is, so that little is left: `and or not = <= <`,
`ite` for numbers and points, `+ - * /`, numbers, and unknown functions. Whatever else SMT-LIB knows is refused, and so
is a term whose parts are of the wrong sort.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any, Final, NamedTuple

from fvproof.theory.errors import DomainError

TOKEN: Final = re.compile(r";[^\n]*|\|[^|]*\||[()|]|[^\s()|;]+")
NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
NUMERIC: Final = ("+", "-", "*", "/")
OTHERS: Final = ("and", "or", "not", "=>", "=", "distinct", "ite", "let", "<=", "<", ">=", ">", "true", "false")
TAKEN: Final = frozenset({*NUMERIC, *OTHERS, "Bool", "Real"})
Said = Any
"""A text taken apart at its brackets: a word, or a list."""


class Term(NamedTuple):
    """An operator with its parts, a number, or an unknown function (`apply`) of its parts."""

    operator: str
    parts: tuple[int, ...]
    sort: str
    data: str | Fraction | None = None


class Terms:
    """A table of terms, each once; a term is its place there."""

    def __init__(self) -> None:
        self.table: list[Term] = []
        self._places: dict[Term, int] = {}

    def add(self, term: Term) -> int:
        """Return the place of a term."""
        if term not in self._places:
            self._places[term] = len(self.table)
            self.table.append(term)
        return self._places[term]

    def built(self, operator: str, parts: Sequence[int]) -> int:
        """Return the term that an operator of SMT-LIB makes of its parts."""
        operator, parts = self._in_other_words(operator, tuple(parts))
        sorts = [self.table[part].sort for part in parts]
        fits = {
            "not": sorts == ["Bool"],
            "=": len(sorts) == 2 and sorts[0] == sorts[1],
            "ite": len(sorts) == 3 and sorts[0] == "Bool" and sorts[1] == sorts[2],
            **dict.fromkeys(("and", "or"), set(sorts) <= {"Bool"}),
            **dict.fromkeys(("<=", "<", "/"), sorts == ["Real", "Real"]),
            **dict.fromkeys(("+", "-", "*"), set(sorts) == {"Real"}),
        }
        if not fits.get(operator):
            raise DomainError(f"a formula must not say {operator[:80]!r} of {', '.join(sorts) or 'nothing'}")
        return self.add(Term(operator, parts, sorts[-1] if operator in (*NUMERIC, "ite") else "Bool"))

    def _in_other_words(self, operator: str, parts: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
        """Return an operator and parts that say the same."""
        match operator, parts:
            case "=>", (i, j):
                return "or", (self.built("not", [i]), j)
            case ">=" | ">", (i, j):
                return operator.replace(">", "<"), (j, i)
            case "distinct", _:
                return "and", tuple(self.built("not", [self.built("=", pair)]) for pair in combinations(parts, 2))
            case "=", (i, j) if self.table[i].sort == "Bool":
                return "and", (self.built("=>", parts), self.built("=>", (j, i)))
            case "ite", (i, j, k) if self.table[j].sort == "Bool":
                return "and", (self.built("=>", [i, j]), self.built("or", [i, k]))
            case _:
                return operator, parts

    def below(self, roots: Sequence[int]) -> list[int]:
        """Return the terms and all their parts, each once and after its own parts."""
        found: dict[int, None] = {}
        waiting = [(root, False) for root in reversed(roots)]
        while waiting:
            place, opened = waiting.pop()
            if opened:
                found[place] = None
            elif place not in found:
                waiting.append((place, True))
                waiting.extend((part, False) for part in reversed(self.table[place].parts))
        return list(found)

    def numbered(self, roots: Sequence[int]) -> tuple[list[Term], list[int]]:
        """Return a table of the terms and their parts alone, in that order, and the places of the terms there."""
        places = {place: number for number, place in enumerate(self.below(roots))}
        terms = [self.table[place] for place in places]
        return [one._replace(parts=tuple(places[p] for p in one.parts)) for one in terms], [places[r] for r in roots]


class Words:
    """The words of a text: sorts, unknown functions with their signatures, and definitions."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.sorts = {"Bool", "Real"}
        self.functions: dict[str, tuple[tuple[str, ...], str]] = {}
        self.defined: dict[str, int] = {"true": terms.built("and", []), "false": terms.built("or", [])}

    def read(self, text: str) -> list[int]:
        """Learn the words that a text declares and defines, and return what it asserts."""
        asserted = []
        for command in spelled(text):
            match command:
                case ["set-logic", _] | ["check-sat"]:
                    pass
                case ["declare-sort", str(name), "0"]:
                    self.sorts.add(self._new(name))
                case ["declare-fun", str(name), [*sorts], str(sort)] if {*sorts, sort} <= self.sorts:
                    self.functions[self._new(name)] = tuple(sorts), sort
                case ["define-fun", str(name), [], str(sort), body]:
                    self.defined[self._new(name)] = self._checked(self._term(body, self.defined), sort)
                case ["assert", body]:
                    asserted.append(self._checked(self._term(body, self.defined), "Bool"))
                case _:
                    raise DomainError(f"a text of formulas must not say {str(command)[:80]}")
        return asserted

    def term(self, text: str, sort: str | None = None) -> int:
        """Return the one term that a text says, which must be of a sort."""
        said = list(spelled(text))
        if len(said) != 1:
            raise DomainError(f"a term is one text, not {len(said)}")
        place = self._term(said[0], self.defined)
        return place if sort is None else self._checked(place, sort)

    def _new(self, name: str) -> str:
        """Return a name that nothing bears yet."""
        if name in TAKEN | self.sorts | self.functions.keys() | self.defined.keys() or NUMBER.fullmatch(name):
            raise DomainError(f"the name {name[:80]!r} stands for something else")
        return name

    def _checked(self, place: int, sort: str) -> int:
        """Return a term, which must be of a sort."""
        if (found := self.terms.table[place].sort) != sort:
            raise DomainError(f"a term is of the sort {found[:80]}, and should be of {sort[:80]}")
        return place

    def _term(self, said: Said, bound: Mapping[str, int]) -> int:
        """Return a term in which names may be bound."""
        while isinstance(said, list) and len(said) == 3 and said[0] == "let":
            values = {str(name): self._term(value, bound) for name, value in map(_pair, said[1])}
            if values.keys() & (TAKEN | self.functions.keys()):
                raise DomainError("a bound name must not hide another one")
            bound, said = {**bound, **values}, said[2]
        match said:
            case [str(head), *rest]:
                parts = tuple(self._term(part, bound) for part in rest)
                return self._applied(head, parts) if head in self.functions else self.terms.built(head, parts)
            case str() if said in bound:
                return bound[said]
            case str() if NUMBER.fullmatch(said):
                return self.terms.add(Term("number", (), "Real", Fraction(said)))
            case str():
                return self._applied(said, ())
            case _:
                raise DomainError(f"a formula must not say {str(said)[:80]}")

    def _applied(self, name: str, parts: tuple[int, ...]) -> int:
        """Return an unknown function of its parts."""
        sorts, sort = self.functions.get(name, (None, ""))
        if sorts != tuple(self.terms.table[part].sort for part in parts):
            raise DomainError(f"nothing declares {name[:80]!r} for these terms")
        return self.terms.add(Term("apply", parts, sort, name))


def _pair(said: Said) -> tuple[Said, Said]:
    """Return a name and what it is bound to."""
    if not isinstance(said, list) or len(said) != 2:
        raise DomainError("what is bound is a name and a term")
    return said[0], said[1]


def spelled(text: str) -> Iterator[Said]:
    """Yield the texts in brackets, taken apart; bars around a name are left out."""
    lists: list[list[Said]] = [[]]
    for token in TOKEN.findall(text):
        if token == "|" or (token == ")" and len(lists) == 1):
            raise DomainError(f"a {token!r} has no other one that fits")
        if token == "(":
            lists.append([])
        elif token == ")":
            lists[-2].append(lists.pop())
        elif not token.startswith(";"):
            lists[-1].append(token.strip("|"))
        if len(lists) == 1:
            yield from lists[0]
            lists[0].clear()
    if len(lists) != 1:
        raise DomainError("a bracket is not closed")
