"""Statements, checked from the formulas of their theorems up: no solver, and nothing of the kernel that proved them.

A theorem follows from hypotheses, earlier theorems, and assumptions. Three rules make one:

- cases: its hypotheses, what it rests on, and the opposite of its claim do not hold together
  (`fvproof.verify.certificates.cases`).
- induction: its invariant holds of the state before the first coordinate, and is kept by every coordinate; both are
  earlier theorems. The state is that of a fold, whose predicate nothing else may define.
- calculus: the value of an integral. This is not checked here, but listed.

An earlier theorem may be used at terms in place of its constants. What is assumed is listed with its formulas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.cases import refute
from fvproof.verify.certificates.formulas import Terms, Words
from fvproof.verify.files.records import check_fields

FIELDS: Final = ("name", "rule", "words", "given", "claim", "by")
OPTIONAL: Final = {"cases": ("steps",), "induction": ("fold",), "calculus": ()}
"""The fields of a theorem, and those that only one rule knows."""


@dataclass(frozen=True, slots=True)
class Theorem:
    """What was found to follow, and how.

    Parameters
    ----------
    name
        What it says, in a few words. Words prove nothing.
    rule
        ``cases``, ``induction`` or ``calculus``.
    statement
        The formula, as a term: its hypotheses imply its claim.
    parents
        The theorems that it rests on, by their place.
    question
        For the rule of cases: the formulas that must not hold together.
    parents
        The theorems that it rests on, by their place.
    assumed
        What it assumes itself: name, words, and formula in SMT-LIB.
    steps
        How many steps its tree of cases has; None if it has no tree, so that it is not known to follow.
    """

    name: str
    rule: str
    statement: int
    question: tuple[int, ...]
    parents: tuple[int, ...]
    assumed: tuple[tuple[str, str, str], ...]
    steps: int | None

    @property
    def is_open(self) -> bool:
        """Whether nothing shows that it follows."""
        return self.steps is None


@dataclass(frozen=True, slots=True)
class Derived:
    """Theorems that follow, each from those before it."""

    terms: Terms = field(default_factory=Terms)
    theorems: list[Theorem] = field(default_factory=list)
    folds: "dict[str, tuple[_Fold, frozenset[Any]]]" = field(default_factory=dict)

    def below(self, places: Sequence[int]) -> list[Theorem]:
        """Return the theorems at the places, and all that they rest on."""
        found: set[int] = set()
        waiting = list(places)
        while waiting:
            if (place := waiting.pop()) not in found:
                found.add(place)
                waiting += self.theorems[place].parents
        return [self.theorems[place] for place in sorted(found)]


def derived(records: Sequence[Mapping[str, Any]]) -> Derived:
    """Return the theorems of a certificate, each found to follow from those before it, or open.

    Raises
    ------
    DomainError
        If one is not well formed, or does not follow: the sentence names it.
    """
    found = Derived()
    for place, record in enumerate(records):
        try:
            found.theorems.append(_theorem(record, found))
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
            told = error if isinstance(error, DomainError) else "it is not well formed"
            raise DomainError(f"theorem {place} does not follow: {told}") from None
    return found


def _theorem(record: Mapping[str, Any], found: Derived) -> Theorem:
    """Return a theorem, if it follows."""
    check_fields(record, FIELDS, OPTIONAL[record["rule"]], name="a theorem")
    words = Words(found.terms)
    if words.read(record["words"]):
        raise DomainError("its words must assert nothing")
    given = [words.term(text, "Bool") for _, text in record["given"]]
    claim = words.term(record["claim"], "Bool")
    facts = [_fact(support, words, found) for support in record["by"]]
    parents = tuple(support["theorem"] for support in record["by"] if "theorem" in support)
    assumed = tuple((s["assumed"], s["text"], s["formula"]) for s in record["by"] if "assumed" in s)
    statement, question, steps = _implied(found.terms, given, claim), (), 0
    if record["rule"] == "cases":
        question = (*given, *facts, found.terms.built("not", [claim]))
        steps = len(record["steps"]) if "steps" in record else None
        if steps is not None:
            refute(found.terms, question, record["steps"])
    elif record["rule"] == "induction":
        fold = _fold(record["fold"], words, found)
        _check_induction(fold, (given, claim), facts, found.terms)
        statement = _implied(found.terms, [*given, fold.reached], claim)
    else:
        assumed = (
            *assumed,
            ("calculus", record["name"], f"(=> {' '.join(text for _, text in record['given'])} {record['claim']})"),
        )
    return Theorem(record["name"], record["rule"], statement, question, parents, assumed, steps)


def _implied(terms: Terms, given: Sequence[int], claim: int) -> int:
    """Return the formula that hypotheses imply a claim."""
    if not given:
        return claim
    return terms.built("=>", [given[0] if len(given) == 1 else terms.built("and", given), claim])


def _fact(support: Mapping[str, Any], words: Words, found: Derived) -> int:
    """Return what an assumption or an earlier theorem says, at the terms at which it is used."""
    if "assumed" in support:
        return words.term(support["formula"], "Bool")
    place = support["theorem"]
    if not 0 <= place < len(found.theorems):
        raise DomainError("it rests on what does not come before it")
    said = found.theorems[place].statement
    for pairs in support["at"]:
        said = _replaced(found.terms, said, _substitution(found.terms, said, pairs, words))
    return said


def _substitution(terms: Terms, said: int, pairs: Sequence[Sequence[str]], words: Words) -> dict[int, int]:
    """Return the terms that take the place of constants, each of the constant's sort."""
    constants = {terms.table[place].data: place for place in _constants(terms, [said])}
    if len(constants) != len(_constants(terms, [said])):
        raise DomainError("one name stands for two constants")
    return {constants[name]: words.term(text, terms.table[constants[name]].sort) for name, text in pairs}


def _constants(terms: Terms, roots: Sequence[int]) -> set[int]:
    """Return the constants of terms."""
    table = terms.table
    return {place for place in terms.below(roots) if table[place].operator == "apply" and not table[place].parts}


def _replaced(terms: Terms, root: int, values: Mapping[int, int]) -> int:
    """Return a term with terms in place of constants, all at once."""
    made: dict[int, int] = dict(values)
    for place in terms.below([root]):
        if place not in made:
            term = terms.table[place]
            made[place] = terms.add(term._replace(parts=tuple(made[part] for part in term.parts)))
    return made[root]


@dataclass(frozen=True, slots=True)
class _Fold:
    """A state carried along the coordinates: constants, and terms in them."""

    parameters: list[int]
    coordinate: list[int]
    state: list[int]
    start: list[int]
    step: list[int]
    admissible: int
    reached: int


def _fold(record: Mapping[str, Any], words: Words, found: Derived) -> _Fold:
    """Return a fold whose parts are in their places, and whose predicate no other fold defines."""
    terms, table = found.terms, found.terms.table
    lists = ("parameters", "coordinate", "state")
    parameters, coordinate, state = ([words.term(text) for text in record[part]] for part in lists)
    start, step = ([words.term(text) for text in record[part]] for part in ("start", "step"))
    fold = _Fold(
        parameters,
        coordinate,
        state,
        start,
        step,
        words.term(record["admissible"], "Bool"),
        words.term(record["reached"], "Bool"),
    )
    own = [*parameters, *coordinate, *state]
    if (
        len(_constants(terms, own)) != len(own)
        or {table[place].operator for place in own} - {"apply"}
        or any(table[place].parts for place in own)
    ):
        raise DomainError("parameters, coordinate and state of a fold must be different constants")
    if not _constants(terms, start) <= set(parameters) or not _constants(terms, [*step, fold.admissible]) <= set(own):
        raise DomainError(
            "a fold must depend on its parameters, coordinate and state only, and its start on the parameters"
        )
    sorts = [[table[place].sort for place in places] for places in (state, start, step)]
    if sorts[0] != sorts[1] or sorts[0] != sorts[2]:
        raise DomainError("the state of a fold must keep its sorts")
    _register(fold, found)
    return fold


def _register(fold: _Fold, found: Derived) -> None:
    """Enter the predicate of a fold: one fold defines it, and no definition leads back to itself."""
    table = found.terms.table
    name, parts = table[fold.reached].data, table[fold.reached].parts
    if table[fold.reached].operator != "apply" or parts != (*fold.parameters, *fold.state) or not parts:
        raise DomainError("the predicate of a fold is about its parameters and state")
    below = found.terms.below([*fold.start, *fold.step, fold.admissible])
    used = {table[place].data for place in below if table[place].sort == "Bool" and table[place].operator == "apply"}
    definition = (fold, frozenset(used))
    if found.folds.setdefault(str(name), definition) != definition or any(
        name in names for _, names in found.folds.values()
    ):
        raise DomainError(f"the predicate {str(name)[:80]!r} has two definitions, or is used in one")


def _check_induction(fold: _Fold, said: tuple[Sequence[int], int], facts: Sequence[int], terms: Terms) -> None:
    """Raise unless two theorems say that the invariant holds at the start, and is kept by each coordinate."""
    given, invariant = said
    if _constants(terms, given) & {*fold.coordinate, *fold.state} or _constants(terms, [invariant]) & {
        *fold.coordinate
    }:
        raise DomainError("an invariant must not speak of a coordinate, nor a hypothesis of coordinate or state")
    before = dict(zip(fold.state, fold.start, strict=True))
    after = dict(zip(fold.state, fold.step, strict=True))
    base = _implied(terms, given, _replaced(terms, invariant, before))
    step = _implied(terms, [*given, invariant, fold.admissible], _replaced(terms, invariant, after))
    if list(facts) != [base, step]:
        raise DomainError("an induction rests on the invariant at the start, and after one more coordinate")
