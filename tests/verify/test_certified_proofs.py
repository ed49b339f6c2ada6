"""The certificates that come with the package: every proof is checked without a solver, and no change is accepted."""

import random
import subprocess
import sys

import pytest

from fvproof.theory.errors import DomainError
from fvproof.theory.statements import STATEMENTS
from fvproof.verify.certificates.cases import OpenCase, assumed, left, refute
from fvproof.verify.certificates.formulas import Terms, Words
from fvproof.verify.certificates.proofs import SHIPPED, keys, read_proofs
from fvproof.verify.certificates.theorems import derived
from fvproof.verify.positivstellensatz.questions import Questions
from fvproof.verify.positivstellensatz.store import proof_record
from fvproof.verify.proving.proof import proof
from tests.verify.uncertified import UNCERTIFIED


@pytest.fixture(scope="module")
def record():
    return read_proofs(SHIPPED)


@pytest.fixture(scope="module")
def found(record):
    return derived(record["theorems"])


def test_every_theorem_follows_but_those_that_are_listed(found):
    """Whoever finds a certificate takes the name off the list; `make certificates` searches."""
    assert sorted({one.name for one in found.theorems if one.is_open}) == sorted(UNCERTIFIED)


def test_the_certificates_are_those_of_the_proofs(record):
    """Formula by formula; where this fails, a proof was changed or added, and `make certificates` brings it in."""
    now = proof_record({key: proof(key) for key in STATEMENTS}, {})
    kept = dict(zip(keys(record["theorems"]), record["theorems"], strict=True))
    new = {one["name"] for key, one in zip(keys(now["theorems"]), now["theorems"], strict=True) if key not in kept}
    assert new == set(), "theorems without a place in the certificates: run `make certificates`"
    assert now["statements"] == record["statements"], "run `make certificates`"
    assert now["theorems"] == [{k: v for k, v in one.items() if k != "steps"} for one in record["theorems"]]


def test_the_checker_loads_no_solver_and_nothing_of_the_kernel():
    code = "import sys, fvproof.verify.certificates.proofs; print(*sys.modules)"
    held = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"z3", "cvc5", "sympy", "scipy", "highspy", "torch"} & set(held)
    assert not [name for name in held if name.startswith(("fvproof.verify.proving", "fvproof.verify.proofs"))]


@pytest.mark.parametrize("key", ["minimax", "convex", "lipschitz", "dimension-convex", "concave"])
def test_the_question_is_that_of_the_exported_smtlib(key, record, found):
    """The formulas of a theorem are those that z3 writes for other solvers, term by term."""
    places = [place for place in record["statements"][key] if found.theorems[place].rule == "cases"]
    by_name = {theorem.name: theorem for theorem in proof(key).obligations}
    for place in places:
        theorem = found.theorems[place]
        terms = Terms()
        asked = Words(terms).read(by_name[theorem.name].obligation.smt2)
        assert shape(terms, asked) == shape(found.terms, theorem.question)


def shape(terms, formulas):
    """Return formulas in order, names without the prime that some get in SMT-LIB."""
    table, roots = terms.numbered(formulas)
    return [(o, parts, sort.rstrip("′"), str(data).rstrip("′")) for o, parts, sort, data in table], roots


def weakened(found, theorem, place):
    """Return a question with one formula made true, and where each term of before is found."""
    terms, old = found.terms, found.terms.below(theorem.question)
    one = theorem.question[place]
    harmless = terms.built("or", [one, terms.built("not", [one])])
    question = [*theorem.question[:place], *theorem.question[place + 1 :], harmless]
    where = {term: number for number, term in enumerate(terms.below(question))}
    return question, [where[term] for term in old]


def renumbered(step, where):
    """Return a step with the numbers of its terms replaced."""

    def polynomial(said):
        return [[c, *(where[n] for n in numbers)] for c, *numbers in said]

    def factor(said):
        return polynomial(said) if isinstance(said, list) else where[said] if said >= 0 else said

    match step:
        case [("cut" | "sign") as kind, said]:
            return [kind, polynomial(said)]
        case ["sum", terms, zeros]:
            products = [[c, *map(factor, factors)] for c, *factors in terms]
            return ["sum", products, [[factor(name), polynomial(by)] for name, by in zeros]]
        case [kind, *numbers]:
            return [kind, *(where[n] for n in numbers)]


def is_accepted(found, question, steps):
    try:
        refute(found.terms, question, steps)
    except DomainError:
        return False
    return True


def changed(steps, size, rng):
    """Return steps with one change: a step lost, doubled, moved, or with another number."""
    steps = [*steps]
    place = rng.randrange(len(steps))
    match rng.randrange(5):
        case 0:
            del steps[place]
        case 1:
            steps.insert(place, steps[rng.randrange(len(steps))])
        case 2:
            other = rng.randrange(len(steps))
            steps[place], steps[other] = steps[other], steps[place]
        case _:
            steps[place] = other_number(steps[place], size, rng)
    return steps


def other_number(said, size, rng):
    """Return a part of a certificate with one of its numbers replaced, or its name."""
    if isinstance(said, list) and said:
        place = rng.randrange(len(said))
        return [*said[:place], other_number(said[place], size, rng), *said[place + 1 :]]
    if isinstance(said, int):
        return rng.choice([-said, said + 1, said - 1, 2 * said, rng.randrange(-3, size)])
    return rng.choice(["case", "or", "cut", "sign", "sum", "clash", "1/2", "-1"])


def certified(found, record):
    return [
        (theorem, one["steps"])
        for theorem, one in zip(found.theorems, record["theorems"], strict=True)
        if theorem.steps
    ]


def test_no_certificate_fits_a_theorem_with_a_hypothesis_less(found, record):
    """Also changed ones, by the thousand: what can hold is never refuted. z3 says what can hold."""
    rng = random.Random(16)
    can_hold = tried = 0
    for theorem, steps in rng.sample(certified(found, record), 60):
        place = rng.randrange(len(theorem.question))
        question, where = weakened(found, theorem, place)
        if Questions(found.terms).contradict([(formula, True) for formula in question]):
            continue  # it follows without: a certificate may well not use it
        can_hold += 1
        moved = [renumbered(step, where) for step in steps]
        size = len(found.terms.below(question))
        for change in [moved, *(changed(moved, size, rng) for _ in range(40))]:
            assert not is_accepted(found, question, change), theorem.name
            tried += 1
    assert can_hold >= 20
    assert tried > 800


def test_a_changed_certificate_is_refused_or_still_true(found, record):
    """What is accepted after a change closes only cases that z3 finds contradictory too."""
    rng = random.Random(61)
    accepted = tried = 0
    for theorem, steps in rng.sample(certified(found, record), 100):
        size = len(found.terms.below(theorem.question))
        for _ in range(20):
            change = changed(steps, size, rng)
            tried += change != steps
            if change != steps and is_accepted(found, theorem.question, change):
                accepted += 1
                assert wrong_leaves(found, theorem.question, change, kept=steps) == []
    assert accepted < tried / 5


def wrong_leaves(found, question, steps, kept):
    """Return the steps, but for those that were kept, that close a case which z3 does not find contradictory."""
    table, roots = found.terms.numbered(question)
    terms = Terms()
    for term in table:
        terms.add(term)
    questions, wrong = Questions(terms), []
    cases = assumed(table, OpenCase({}), [(root, True) for root in roots])
    for step in steps:
        case = cases.pop()
        after = left(table, case, step)
        if not after and step not in kept and not questions.contradict([*case.known.items(), *case.facts]):
            wrong.append(step)
        cases += reversed(after)
    return wrong
