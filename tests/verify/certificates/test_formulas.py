"""Formulas read from SMT-LIB: what they say, and what is refused."""

import pytest

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.formulas import Terms, Words

REALS = "(declare-fun s () Real) (declare-fun |t u| () Real) (declare-fun p () Bool)"


def read(text):
    terms = Terms()
    return terms, Words(terms).read(text)


def spelled(terms, place):
    operator, parts, _, data = terms.table[place]
    return [data if data is not None else operator, *(spelled(terms, part) for part in parts)]


def test_a_formula_is_read_with_its_bound_names():
    terms, (formula,) = read(f"{REALS} (assert (let ((x (+ s 1.5))) (let ((y (* x x))) (<= y |t u|)))) (check-sat)")
    total = ["+", ["s"], [1.5]]
    assert spelled(terms, formula) == ["<=", ["*", total, total], ["t u"]]


def test_definitions_and_bound_names_say_the_same():
    terms = Terms()
    bound = Words(terms).read(f"{REALS} (assert (let ((x (- s 2))) (< (/ x 3.0) x)))")
    assert Words(terms).read(f"{REALS} (define-fun x () Real (- s 2.0)) (assert (< (/ x 3) x))") == bound


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("(> s |t u|)", "(< |t u| s)"),
        ("(=> p (>= s 0))", "(or (not p) (<= 0 s))"),
        ("(distinct s |t u|)", "(and (not (= s |t u|)))"),
        ("(= p (< s 0))", "(and (=> p (< s 0)) (=> (< s 0) p))"),
        ("(ite p (< s 0) (< 0 s))", "(and (=> p (< s 0)) (or p (< 0 s)))"),
        ("true", "(and)"),
    ],
)
def test_what_can_be_said_in_other_words_is(said, other):
    terms = Terms()
    assert Words(terms).read(f"{REALS} (assert {said})") == Words(terms).read(f"{REALS} (assert {other})")


@pytest.mark.parametrize(
    "said",
    [
        "(< s p)",
        "(and s)",
        "(not p p)",
        "(= s p)",
        "(ite s s s)",
        "(+)",
        "(/ s s s)",
        "(<= s s s)",
        "(forall ((x Real)) (< x s))",
        "(^ s 2)",
        "(sin s)",
        "(s s)",
        "q",
        "s",
        "()",
        "(let ((s p)) s)",
        "(< -1 s)",
        "(< 1e3 s)",
        "(< ١ s)",
    ],
)
def test_what_is_no_formula_is_refused(said):
    with pytest.raises(DomainError):
        read(f"{REALS} (assert {said})")


@pytest.mark.parametrize(
    "text",
    [
        "(declare-fun s () Real) (declare-fun s () Bool)",
        "(declare-fun and () Real)",
        "(declare-fun |2| () Real)",
        "(declare-fun s () Int)",
        "(declare-sort Real 0)",
        "(define-fun x () Bool 1.0)",
        "(define-fun-rec f () Real f)",
        "(set-option :produce-models true)",
        "(assert true",
        "(assert true))",
        "(assert |true)",
        "assert",
    ],
)
def test_what_is_no_text_of_formulas_is_refused(text):
    with pytest.raises(DomainError):
        read(text)


def test_terms_are_numbered_after_their_parts_whatever_else_the_table_holds():
    terms = Terms()
    Words(terms).read("(declare-fun z () Real) (assert (< z 7))")
    found = [terms.numbered(Words(table).read(f"{REALS} (assert (< s 1)) (assert p)")) for table in (terms,)]
    alone, formulas = read(f"{REALS} (assert (< s 1)) (assert p)")
    assert found == [alone.numbered(formulas)]
