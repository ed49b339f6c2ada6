"""What a formula may be made of: the small language in which the kernel asks and answers.

Numbers, truth values and points; names for them and for functions of them; sums, products, quotients, comparisons,
cases and logic. Whatever else z3 can build is refused: quantifiers and bound variables, integers, bit-vectors, arrays,
lambdas, functions with definitions, terms of another context. What they mean, another solver may read otherwise, or
may change after a theorem was made.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import z3

OPERATORS: Final[Mapping[int, str]] = {
    z3.Z3_OP_TRUE: "true",
    z3.Z3_OP_FALSE: "false",
    z3.Z3_OP_EQ: "=",
    z3.Z3_OP_DISTINCT: "distinct",
    z3.Z3_OP_ITE: "ite",
    z3.Z3_OP_AND: "and",
    z3.Z3_OP_OR: "or",
    z3.Z3_OP_NOT: "not",
    z3.Z3_OP_IMPLIES: "=>",
    z3.Z3_OP_LE: "<=",
    z3.Z3_OP_GE: ">=",
    z3.Z3_OP_LT: "<",
    z3.Z3_OP_GT: ">",
    z3.Z3_OP_ADD: "+",
    z3.Z3_OP_SUB: "-",
    z3.Z3_OP_UMINUS: "-",
    z3.Z3_OP_MUL: "*",
    z3.Z3_OP_DIV: "/",
}
"""The operators, as SMT-LIB writes them. Division by zero has some value, of which nothing is known."""

TAKEN: Final = frozenset({*OPERATORS.values(), "Bool", "Real", "xor", "to_real", "let", "forall", "exists", "<null>"})
"""Names that SMT-LIB reads as something else, quoted or not, and what z3 calls a name of no letters."""

MOST_FACTORS = 64
"""The highest power that may be written as such."""

Term = Any


def admitted(term: Term) -> z3.ExprRef:
    """Return a copy of a term of the language that nobody else can point at something else.

    Raises
    ------
    TypeError
        If it is no term of z3, or not of the language.

    Examples
    --------
    >>> admitted(z3.Real("s") + 1)
    s + 1
    >>> admitted(z3.Int("n") + 1)
    Traceback (most recent call last):
    TypeError: a formula is about real numbers, truth values and points, and not about n: Int
    """
    if not isinstance(term, z3.ExprRef):
        raise TypeError(f"hypotheses, claims and their terms must be z3 formulas and terms, not {term!r}")
    copy = z3.substitute(term)  # in place of nothing: whatever is checked below is what is kept
    if copy.ctx is not z3.main_ctx():
        raise TypeError(f"{copy} belongs to another context of z3")
    _read(copy)
    return copy


def formula(claim: Term) -> z3.BoolRef:
    """Return a copy of a formula of the language, as `admitted` does for terms."""
    copy = admitted(claim)
    if not isinstance(copy, z3.BoolRef):
        raise TypeError(f"hypotheses and claims must be z3 formulas, not {copy}: {copy.sort()}")
    return copy


def plain(words: object) -> str:
    """Return words that are text and nothing more; a class of somebody else's could change what they say."""
    if type(words) is not str:
        raise TypeError(f"names and texts must be plain text, not {words!r}")
    return words


def is_constant(term: z3.ExprRef) -> bool:
    """Return whether the term is a name that stands for any value: no number, no truth value, no compound."""
    return z3.is_app(term) and term.num_args() == 0 and term.decl().kind() == z3.Z3_OP_UNINTERPRETED


def symbols(*terms: z3.ExprRef) -> dict[str, z3.FuncDeclRef]:
    """Return the constants and functions of the terms by name.

    Raises
    ------
    ValueError
        If one name stands for two: constants of different sorts, or functions of different signatures.

    Examples
    --------
    >>> symbols(z3.Real("p") > 0, z3.Bool("p"))
    Traceback (most recent call last):
    ValueError: the name 'p' stands for two things: p: Bool, and p: Real
    """
    found: dict[str, z3.FuncDeclRef] = {}
    for term in terms:
        _join(found, _read(term).items())
    return found


def constants(*terms: z3.ExprRef) -> frozenset[str]:
    """Return the names of the constants that occur in the terms; a name stands for one of them only.

    Examples
    --------
    >>> sorted(constants(z3.Real("m") + 1 <= z3.Real("M")))
    ['M', 'm']
    """
    return frozenset(name for name, symbol in symbols(*terms).items() if symbol.arity() == 0)


def conjuncts(claim: z3.ExprRef) -> list[z3.ExprRef]:
    """Return the claims that hold together where this one does; none for a claim that is true anyway."""
    if z3.is_and(claim):
        return [part for child in claim.children() for part in conjuncts(child)]
    return [] if z3.is_true(claim) else [claim]


def is_instance(claim: z3.ExprRef, of: z3.ExprRef) -> bool:
    """Return whether each part of a claim is a part of another one with terms in place of its constants.

    Examples
    --------
    >>> s, t = z3.Reals("s t")
    >>> is_instance(z3.And(t * t >= 0, (t + 1) * (t + 1) >= 0), of=s * s >= 0), is_instance(s * t >= 0, of=s * s >= 0)
    (True, False)
    """
    key = (claim.get_id(), of.get_id())
    if key not in _INSTANCES:
        patterns = conjuncts(of)
        found = all(any(_fits(part, pattern) for pattern in patterns) for part in conjuncts(claim))
        _INSTANCES[key] = (z3.substitute(claim), z3.substitute(of), found)
    return _INSTANCES[key][2]


_INSTANCES: Final[dict[tuple[int, int], tuple[z3.ExprRef, z3.ExprRef, bool]]] = {}
"""What was compared before, by z3's numbers; the terms are kept, so that the numbers stay theirs."""


def is_the_same(first: z3.ExprRef, second: z3.ExprRef) -> bool:
    """Return whether each claim is an instance of the other: for all values of their constants they say the same."""
    return first.eq(second) or (is_instance(first, second) and is_instance(second, first))


def _fits(claim: z3.ExprRef, pattern: z3.ExprRef) -> bool:
    """Return whether terms in place of the pattern's constants make it the claim."""
    if not is_constant(pattern) and not pattern.decl().eq(claim.decl()):
        return False
    found: dict[int, tuple[z3.ExprRef, z3.ExprRef]] = {}
    waiting = [(pattern, claim)]
    while waiting:
        part, term = waiting.pop()
        if is_constant(part):
            found.setdefault(part.get_id(), (part, term))
        elif part.decl().eq(term.decl()) and part.num_args() == term.num_args():
            waiting += zip(part.children(), term.children(), strict=True)
        else:
            return False
    pairs = [(part, term) for part, term in found.values() if part.sort().eq(term.sort())]
    return z3.substitute(pattern, *pairs).eq(claim)


def parts_of(terms: Iterable[z3.ExprRef]) -> Iterator[z3.ExprRef]:
    """Yield the terms and all their parts, each once and after its own parts."""
    seen: set[int] = set()
    waiting = [(term, False) for term in reversed(list(terms))]
    while waiting:
        term, opened = waiting.pop()
        if opened:
            yield term
        elif (number := term.get_id()) not in seen:
            seen.add(number)
            waiting.append((term, True))
            waiting.extend((child, False) for child in reversed(term.children()))


_READ: Final[dict[int, tuple[z3.ExprRef, dict[str, z3.FuncDeclRef]]]] = {}
"""The terms that were read before, by z3's numbers for them, and their symbols; kept, so that these stay theirs."""


def _read(term: z3.ExprRef) -> dict[str, z3.FuncDeclRef]:
    """Return the symbols of a term, once each of its parts is found to be of the language."""
    if term.get_id() in _READ:
        return _READ[term.get_id()][1]
    found: dict[str, z3.FuncDeclRef] = {}
    for part in parts_of([term]):
        _check(part)
        if part.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            _join(found, [(part.decl().name(), part.decl())])
    _READ[term.get_id()] = (z3.substitute(term), found)
    return found


def _join(found: dict[str, z3.FuncDeclRef], more: Iterable[tuple[str, z3.FuncDeclRef]]) -> None:
    """Add symbols, none of which may bear the name of another one."""
    for name, symbol in more:
        if not found.setdefault(name, symbol).eq(symbol):
            raise ValueError(f"the name {name!r} stands for two things: {_two(found[name], symbol)}")


def _check(part: z3.ExprRef) -> None:
    """Refuse a part whose meaning is not fixed by this language."""
    if not z3.is_app(part):
        raise TypeError(f"a formula has no quantifiers and no bound variables, and not {part}")
    if not _is_known(part.sort()):
        raise TypeError(
            f"a formula is about real numbers, truth values and points, and not about {part}: {part.sort()}"
        )
    kind = part.decl().kind()
    if kind == z3.Z3_OP_UNINTERPRETED:
        _check_name(part.decl())
    elif kind not in OPERATORS and not z3.is_rational_value(part) and exponent_of(part) is None:
        raise TypeError(f"{part.decl().name()!r} is not among the operators of formulas, in {part}")


def _is_known(sort: z3.SortRef) -> bool:
    """Return whether it is a sort of the language: numbers, truth values, or one about which nothing is known."""
    return sort.kind() in (z3.Z3_BOOL_SORT, z3.Z3_REAL_SORT) or (is_declared(sort) and sort.name() not in TAKEN)


def is_declared(sort: z3.SortRef) -> bool:
    """Return whether it is a sort of points."""
    return sort.kind() == z3.Z3_UNINTERPRETED_SORT


def _check_name(symbol: z3.FuncDeclRef) -> None:
    """Refuse a name that SMT-LIB cannot tell from another one."""
    name = symbol.name()
    kind = z3.Z3_get_symbol_kind(symbol.ctx_ref(), z3.Z3_get_decl_name(symbol.ctx_ref(), symbol.ast))
    if kind != z3.Z3_STRING_SYMBOL or not name.isprintable() or not name or name in TAKEN or set(name) & set("|\\"):
        raise TypeError(f"{name!r} cannot be a name: SMT-LIB would take it for something else")


def exponent_of(part: Term) -> int | None:
    """Return n for a power t^n that is a product of at most `MOST_FACTORS` factors."""
    if part.decl().kind() != z3.Z3_OP_POWER or not z3.is_rational_value(part.arg(1)):
        return None
    exponent = part.arg(1).as_fraction()
    return exponent.numerator if exponent.denominator == 1 and 1 <= exponent <= MOST_FACTORS else None


def signature(symbol: z3.FuncDeclRef) -> list[z3.SortRef]:
    """Return the sorts of the arguments, and that of the value."""
    return [*(symbol.domain(i) for i in range(symbol.arity())), symbol.range()]


def _two(first: z3.FuncDeclRef, second: z3.FuncDeclRef) -> str:
    """Return two symbols of one name with their signatures."""

    def said(symbol: z3.FuncDeclRef) -> str:
        *arguments, value = [sort.name() for sort in signature(symbol)]
        return f"{symbol.name()}: {' × '.join(arguments) + ' → ' if arguments else ''}{value}"

    return ", and ".join(sorted((said(first), said(second))))
