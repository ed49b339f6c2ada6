"""Derivations checked from their formulas up: what follows, and what does not though a record says so."""

import copy

import pytest

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.theorems import derived
from fvproof.verify.positivstellensatz.tree import NotFound, Patience, tree
from fvproof.verify.proving.derivations import Derivation
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, prove
from fvproof.verify.proving.obligation import at
from fvproof.verify.proving.terms import number, reals


def closed(records):
    """Return the records with a tree for each theorem that needs one."""
    found = derived(records)
    for record, theorem in zip(records, found.theorems, strict=True):
        if theorem.is_open:
            record["steps"] = tree(found.terms, theorem.question, Patience())
    return records


def records_of(*theorems):
    derivation = Derivation()
    for theorem in theorems:
        derivation.place(theorem)
    return closed(derivation.records)


@pytest.fixture(scope="module")
def squares():
    """Return a square that is not negative, and a sum of two that rests on it."""
    s, t = reals("s t")
    square = prove("a square is not negative", s * s >= 0)
    return records_of(prove("s² + t² ≥ 0", s * s + t * t >= 0, by=[square, at(square, {s: t})]))


@pytest.fixture(scope="module")
def induction():
    """Return that a sum of positive numbers, each at most c, is not negative."""
    w, total, c = reals("w total c")
    fold = Fold("a sum of weighted squares", (c,), (w,), (total,), (number(0),), (total + w * w * c,), w > 0)
    return records_of(induct("it is not negative", fold, total >= 0, given={"c > 0": c > 0}))


def refused(records, change):
    changed = copy.deepcopy(records)
    change(changed)
    with pytest.raises(DomainError, match="does not follow"):
        derived(changed)


def test_what_rests_on_theorems_follows(squares, induction):
    assert [theorem.rule for theorem in derived(squares).theorems] == ["cases", "cases"]
    assert [theorem.rule for theorem in derived(induction).theorems] == ["cases", "cases", "induction"]


def test_a_theorem_without_a_tree_is_open_and_rests_on_nothing(squares):
    changed = copy.deepcopy(squares)
    del changed[0]["steps"]
    first, second = derived(changed).theorems
    assert first.is_open
    assert second.parents == (0, 0)
    assert [one.name for one in derived(changed).below([1]) if one.is_open] == [first.name]


def test_an_instance_at_other_terms_is_another_fact(squares):
    refused(squares, lambda r: r[1]["by"][1]["at"][0][0].__setitem__(1, "1.0"))


def test_a_number_is_no_constant_that_terms_can_replace(squares):
    refused(squares, lambda r: r[1]["by"][1]["at"][0][0].__setitem__(0, "0.0"))


def test_a_theorem_rests_on_what_comes_before_it(squares):
    refused(squares, lambda r: r[0]["by"].append({"theorem": 1, "at": []}))
    refused(squares, lambda r: r[0]["by"].append({"theorem": 0, "at": []}))
    refused(squares, lambda r: r[0]["by"].append({"theorem": -1, "at": []}))


def test_words_assert_nothing(squares):
    refused(squares, lambda r: r[0].update(words=r[0]["words"] + "(assert false)"))


def test_a_field_that_nobody_checks_is_refused(squares):
    refused(squares, lambda r: r[0].update(note="believe me"))
    refused(squares, lambda r: r[0].update(rule="decree"))


def test_an_assumption_is_listed_with_its_formula(squares):
    changed = copy.deepcopy(squares)
    changed[1]["by"].append({"assumed": "magic", "text": "it holds", "formula": "false"})
    changed[1]["steps"] = []
    assert derived(changed).theorems[1].assumed == (("magic", "it holds", "false"),)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("start", ["1.0"]),
        ("start", ["|total|"]),
        ("step", ["(+ |total| |w|)"]),
        ("admissible", "true"),
        ("coordinate", ["|c|"]),
        ("coordinate", []),
        ("state", ["|w|"]),
        ("state", []),
        ("parameters", []),
        ("parameters", ["|w|"]),
    ],
)
def test_an_induction_is_about_its_own_fold(induction, part, value):
    names = {"|total|": "|total′|"}
    value = [names.get(one, one) for one in value] if isinstance(value, list) else value
    refused(induction, lambda r: r[2]["fold"].update({part: value}))


def test_an_induction_needs_both_parts_in_their_order(induction):
    refused(induction, lambda r: r[2]["by"].reverse())
    refused(induction, lambda r: r[2]["by"].pop())
    refused(induction, lambda r: r[2].update(by=[]))


def test_one_predicate_is_that_of_one_fold(induction):
    other = copy.deepcopy(induction)
    for record in other:
        record["words"] = record["words"].replace("|c|", "|e|")
    text = str(induction[2]["fold"]["reached"])
    assert derived([*induction, *shifted(induction, 3)]).theorems[5].rule == "induction"
    again = shifted(induction, 3)
    again[2]["fold"]["admissible"] = "true"
    with pytest.raises(DomainError, match=r"two definitions|rests on the invariant"):
        derived([*induction, *again])
    assert text.startswith("(|reached")


def shifted(records, by):
    """Return records that can follow others."""
    moved = copy.deepcopy(records)
    for record in moved:
        for support in record["by"]:
            if "theorem" in support:
                support["theorem"] += by
    return moved


def test_a_fold_is_not_defined_by_itself(induction):
    def change(records):
        fold = records[2]["fold"]
        fold["admissible"] = f"(or {fold['admissible']} {fold['reached']})"

    refused(induction, change)


def test_nothing_is_found_for_what_can_hold():
    s, t = reals("s t")
    theorem = prove("s ≤ t", s <= t, given={"s < t": s < t})
    (record,) = records_of(theorem)
    record["given"], record["steps"] = [], record.pop("steps")
    with pytest.raises(DomainError):
        derived([record])
    del record["steps"]
    found = derived([record])
    with pytest.raises(NotFound):
        tree(found.terms, found.theorems[0].question, Patience(time_s=5))
