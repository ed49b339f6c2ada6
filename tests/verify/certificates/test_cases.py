"""Trees of cases: what closes, and that nothing closes which should not."""

import random
from itertools import product

import pytest

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.cases import OpenCase, assumed, left, parts_of, refute
from fvproof.verify.certificates.formulas import Terms, Words

WORDS = """(declare-sort Point 0) (declare-fun s () Real) (declare-fun t () Real) (declare-fun p () Bool)
(declare-fun x () Point) (declare-fun y () Point) (declare-fun f (Point) Real) (declare-fun g (Real) Real)
(declare-fun h (Point) Point) (declare-fun r (Point) Bool) (declare-fun k (Real) Bool)"""


def numbers_of(*said):
    """Return terms, formulas, and a function that gives the number of a term by its text."""
    terms = Terms()
    words = Words(terms)
    words.read(WORDS)
    formulas = [words.term(text, "Bool") for text in said]
    places = terms.below(formulas)
    return terms, formulas, lambda text: places.index(words.term(text))


def check(said, steps):
    """Return whether steps refute formulas; texts in steps stand for the numbers of their terms."""
    terms, formulas, number = numbers_of(*said)

    def filled(part):
        if isinstance(part, list):
            return [filled(one) for one in part]
        return number(part[1:]) if isinstance(part, str) and part.startswith("#") else part

    try:
        refute(terms, formulas, filled(steps))
    except DomainError:
        return False
    return True


ACCEPTED = [
    pytest.param(["(< s t)", "(< t s)"], [["sum", [[1, "#(< s t)"], [1, "#(< t s)"]], []]], id="an order"),
    pytest.param(["(< (* s s) 0)"], [["sum", [[1, "#(< (* s s) 0)"], [1, [[1, "#s"]]]], []]], id="a square"),
    pytest.param(
        ["(< 0 s)", "(< 0 t)", "(<= (* s t) 0)"],
        [["sum", [[1, "#(< 0 s)", "#(< 0 t)"], [1, "#(<= (* s t) 0)"]], []]],
        id="a product",
    ),
    pytest.param(
        ["(= s 2)", "(< (* s t) (* 2 t))"],
        [["sum", [[1, "#(< (* s t) (* 2 t))"]], [["#(= s 2)", [[-1, "#t"]]]]]],
        id="a multiple of a zero",
    ),
    pytest.param(["(not (= s s))"], [["sum", [[1, "#(= s s)"]], []]], id="a number differs from itself"),
    pytest.param(["p", "(not p)"], [], id="a claim and its opposite"),
    pytest.param(["false"], [], id="falsehood"),
    pytest.param(
        ["(or p (< s 0))", "(not p)", "(<= 0 s)"],
        [["or", "#(or p (< s 0))"], ["sum", [[1, "#(< s 0)"], [1, "#(<= 0 s)"]], []]],
        id="one of two ways is closed at once",
    ),
    pytest.param(
        ["(< (ite (<= 0 s) s (- s)) 0)"],
        [
            ["case", "#(<= 0 s)"],
            ["sum", [[1, "#(<= 0 s)"], [1, "#(< (ite (<= 0 s) s (- s)) 0)"]], []],
            ["sum", [[1, "#(<= 0 s)"], [1, "#(< (ite (<= 0 s) s (- s)) 0)"]], []],
        ],
        id="an absolute value",
    ),
    pytest.param(
        ["(= x y)", "(< (f x) (f y))"], [["sum", [[1, "#(< (f x) (f y))"]], []]], id="a function of the same point"
    ),
    pytest.param(["(= x y)", "(not (= (h x) (h y)))"], [["clash", "#(= (h x) (h y))"]], id="the same points"),
    pytest.param(["(= x y)", "(r x)", "(not (r y))"], [["congruent", "#(r x)", "#(r y)"]], id="a relation"),
    pytest.param(
        ["(= s t)", "(< (g s) (g t))"],
        [
            ["congruent", "#(g s)", "#(g t)"],
            ["sum", [[1, -1]], [["#(= s t)", [[-1, "#t"], [1, "#s"]]]]],
            ["sum", [[1, "#(< (g s) (g t))"]], [[-1, [[1]]]]],
        ],
        id="a function of the same number",
    ),
    pytest.param(
        ["(< 0 t)", "(= (/ s t) 1)", "(< s t)"],
        [
            ["quotient", "#(/ s t)"],
            ["sum", [[1, "#(< s t)"]], [[-1, [[-1]]], ["#(= (/ s t) 1)", [[-1, "#t"]]]]],
            ["sum", [[1, "#(< 0 t)"]], [[-1, [[-1]]]]],
        ],
        id="a quotient",
    ),
    pytest.param(
        ["(< s (- t t))", "(< 1 s)"],
        [
            ["cut", [[1, "#s"]]],
            ["sum", [[1, -1], [1, "#(< s (- t t))"]], []],
            ["sum", [[1, -1], [1, "#(< 1 s)"], [1]], []],
        ],
        id="a cut",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("said", "steps"), ACCEPTED)
def test_what_contradicts_itself_is_refuted(said, steps):
    assert check(said, steps)


@pytest.mark.parametrize(("said", "steps"), ACCEPTED)
def test_every_step_is_needed(said, steps):
    assert not any(check(said, [*steps[:i], *steps[i + 1 :]]) for i in range(len(steps)))
    assert not check(said, [*steps, ["case", 0]])


@pytest.mark.parametrize(("said", "steps"), ACCEPTED)
def test_no_formula_can_be_left_out(said, steps):
    assert not any(
        check([*said[:i], f"(or {said[i]} (not {said[i]}))", *said[i + 1 :]], steps) for i in range(len(said))
    )


@pytest.mark.parametrize(
    ("said", "steps"),
    [
        pytest.param(["(<= s t)", "(<= t s)"], [["sum", [[1, 2], [1, 3]], []]], id="nothing is positive"),
        pytest.param(["(< s t)", "(< t s)"], [["sum", [[1, 2], [0, 3]], []]], id="a coefficient is 0"),
        pytest.param(["(< s t)"], [["sum", [[1, 2], [-1, 2]], []]], id="a coefficient is negative"),
        pytest.param(["(< s t)"], [["sum", [[1, 2]], [[2, [[-1]]]]]], id="what is positive is no zero"),
        pytest.param(["(= s t)", "(< 0 1)"], [["sum", [[1, 2], ["1/0"]], []]], id="a division by zero"),
        pytest.param(["(= s t)"], [["sum", [[1, 2]], []]], id="a zero is no factor"),
        pytest.param(["(not (= s t))"], [["sum", [], [[2, [[1]]]]]], id="nothing is summed"),
        pytest.param(["(not (= s 0))"], [["sum", [[1, [[1, 0]]]], []]], id="a square may be 0"),
        pytest.param(["(or p (< s 0))"], [["or", 4], ["case", 0]], id="both ways are open"),
        pytest.param(["(= x y)"], [["clash", 2]], id="points may be the same"),
        pytest.param(["(not (= x y))"], [["clash", 2]], id="points may differ"),
        pytest.param(["(r x)", "(not (r y))"], [["congruent", 1, 3]], id="a relation of two points"),
        pytest.param(["(k s)", "(not (k t))"], [["congruent", 1, 3]], id="a relation of two numbers"),
        pytest.param(["(r x)", "(k s)"], [["congruent", 1, 3]], id="two relations"),
        pytest.param(["(< (f x) (g s))"], [["congruent", 1, 3], ["case", 0]], id="two functions"),
        pytest.param(["(< (/ s t) 0)"], [["quotient", 0], ["quotient", 1]], id="no quotient"),
        pytest.param(["p"], [["case", -1]], id="no number"),
        pytest.param(["p"], [["case", 99]], id="no term"),
        pytest.param(["(< 0 s)"], [["case", 1]], id="no formula"),
        pytest.param(["p"], [["or", 0]], id="not known to be a choice"),
        pytest.param(["p"], [["cut", 3]], id="no polynomial"),
        pytest.param(["p"], [["believe", 0]], id="no step"),
        pytest.param(["p"], [7], id="nothing"),
        pytest.param(["p"], [[]], id="an empty step"),
    ],
)
def test_what_does_not_follow_is_refused(said, steps):
    assert not check(said, steps)


def test_no_steps_refute_what_can_hold():
    """Ten thousand trees at random about formulas that a point satisfies."""
    rng = random.Random(7)
    said = ["(or p (< s t))", "(<= (ite (< s t) s t) (* s t))", "(= (f x) (+ s 1))", "(not (= x y))", "(r (h x))"]
    terms, formulas, _ = numbers_of(*said)
    size = len(terms.below(formulas))
    kinds = ("case", "or", "cut", "sign", "quotient", "congruent", "clash", "sum")

    def polynomial():
        return [
            [rng.choice((1, -1, 2, "1/2")), *rng.choices(range(size), k=rng.randrange(3))]
            for _ in range(rng.randrange(1, 3))
        ]

    def step():
        kind = rng.choice(kinds)
        if kind == "sum":
            factor = [rng.randrange(-2, size), polynomial()]
            return [
                kind,
                [[1, *rng.choices(factor, k=rng.randrange(3))] for _ in range(3)],
                [[rng.randrange(-2, size), polynomial()]],
            ]
        return (
            [kind, polynomial()]
            if kind in ("cut", "sign")
            else [kind, *rng.choices(range(size), k=1 + (kind == "congruent"))]
        )

    for _ in range(10_000):
        with pytest.raises(DomainError):
            refute(terms, formulas, [step() for _ in range(rng.randrange(1, 6))])


def test_the_checker_agrees_with_truth_tables():
    """Every formula of three truths, as a list of the lines in which it is true, and the opposite of each."""
    names = ("a", "b", "c")
    for bits in range(256):
        terms = Terms()
        words = Words(terms)
        words.read("(declare-fun a () Bool) (declare-fun b () Bool) (declare-fun c () Bool)")
        lines = [line for i, line in enumerate(product((True, False), repeat=3)) if bits >> i & 1]
        ways = [" ".join(n if truth else f"(not {n})" for n, truth in zip(names, line, strict=True)) for line in lines]
        either = words.term(f"(or {' '.join(f'(and {way})' for way in ways)})", "Bool")
        opposite = terms.built("not", [either])
        table_of = [words.term(f"(or {name} (not {name}))") for name in names]
        assert closes(terms, [*table_of, either]) == (not lines)
        assert closes(terms, [*table_of, opposite]) == (len(lines) == 8)


def closes(terms, formulas):
    """Return whether all cases close by going through all ways in which what is known can hold."""
    table, roots = terms.numbered(formulas)

    def tree(case, waiting):
        if not waiting:
            return None
        cases = left(table, case, ["or", waiting[0]])
        inner = [tree(one, [*waiting[1:], *new(one, case.known)]) for one in cases]
        return None if None in inner else [["or", waiting[0]], *(step for steps in inner for step in steps)]

    def new(case, before):
        return [n for n, holds in case.known.items() if n not in before and not parts_of(table, n, holds=holds)[0]]

    cases = assumed(table, OpenCase({}), [(root, True) for root in roots])
    steps = tree(cases[0], sorted(new(cases[0], ()))) if cases else []
    if steps is not None:
        refute(terms, formulas, steps)
    return steps is not None
