"""Properties from VNN-LIB files, and verdicts on them."""

from fractions import Fraction

import pytest

from fvproof.theory.errors import FvproofError
from fvproof.verify.certificates.certificate import certificate_from, certificate_record
from fvproof.verify.certificates.checker import check
from fvproof.verify.files.readers import read_layered
from fvproof.verify.files.vnnlib import property_from, read_property
from fvproof.verify.search.property import decide
from fvproof.verify.search.search import SearchEffort

HEAD = "(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(declare-const Y_1 Real)\n"
BOX = "(assert (>= X_0 -0.25))\n(assert (<= X_0 1e-1))\n"


def test_decimals_are_exact_and_conditions_become_rows():
    (case,) = property_from(HEAD + BOX + "(assert (<= (+ (* 2 Y_0) (- Y_1)) (- X_0 3)))")
    assert case.domain.low == (Fraction(-1, 4),)
    assert case.domain.high == (Fraction(1, 10),)
    (row,) = case.rows
    assert (row.outputs, row.inputs, row.constant) == ({0: -2, 1: 1}, {0: 1}, -3)


def test_alternatives_multiply_and_an_equation_is_two_rows():
    text = HEAD + BOX + "(assert (or (and (>= Y_0 1) (<= X_0 0)) (= Y_1 2)))(assert (or (>= Y_0 0) (>= Y_1 0)))"
    cases = property_from(text)
    assert [len(case.rows) for case in cases] == [2, 2, 3, 3]
    assert [case.domain.high[0] for case in cases] == [0, 0, Fraction(1, 10), Fraction(1, 10)]


def test_an_alternative_that_no_input_fulfils_is_left_out():
    empty = "(and (>= X_0 2) (>= Y_0 0))"
    (case,) = property_from(HEAD + BOX + f"(assert (or {empty} (>= Y_1 1) {empty}))")
    assert case.rows[0].outputs == {1: 1}


def test_functions_without_arguments_are_variables():
    (case,) = property_from(HEAD.replace("declare-const X_0", "declare-fun X_0 ()") + BOX + "(assert (>= Y_0 0))")
    assert len(case.domain.low) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "(assert (>= X_0 0)", "line 4: the parenthesis is never closed"),
        (HEAD + BOX + ")", "line 6"),
        (HEAD + BOX + "(assert (>= Y_2 0))", "line 6: a declared variable"),
        (HEAD + BOX + "(assert (>= Y_0 zero))", "line 6: a declared variable"),
        (HEAD + BOX + "(assert (> Y_0 0))", "line 6: strict"),
        (HEAD + BOX + "(assert (=> Y_0 0))", "line 6"),
        (HEAD + BOX + "(assert (>= (* Y_0 Y_1) 0))", "line 6: a product"),
        (HEAD + BOX + "(check-sat)", r"line 6: \(declare-const NAME Real\)"),
        (
            HEAD + "(assert (>= X_0 0))(assert (>= Y_0 0))",
            "line 1: the input must have a lower and an upper end; found 'X_0'",
        ),
        (HEAD + "(assert (>= X_0 1))(assert (<= X_0 0))(assert (>= Y_0 0))", "line 4: no input fulfils"),
        (HEAD + "(assert (or (and (>= X_0 1) (<= X_0 0) (>= Y_0 0))))", "line 4: no input fulfils"),
        (HEAD + BOX + "(assert (or))", "line 6: <=, >=, =, and, or of something is needed"),
        (HEAD + BOX + "(assert (and))", "line 6: <=, >=, =, and, or of something is needed"),
        (HEAD + BOX + "(assert ())", "line 6"),
        (HEAD + BOX + "()", "line 6"),
        (HEAD + BOX + "(assert (>= Y_0 1e9999))", "line 6: its numbers must lie within"),
        (HEAD + BOX + f"(assert (>= Y_0 (* {'1e-900 ' * 9})))", "line 6: its numbers must .* fewer than 1,200 digits"),
        (HEAD + BOX + "(assert (>= Y_0 1e99999999))", "line 6: a declared variable, a number"),
        (HEAD + BOX + f"(assert (>= Y_0 {'9' * 5000}))", "line 6: the number has more digits"),
        (HEAD + BOX + f"(assert {'(and ' * 3000}(>= Y_0 1){')' * 3001}", "line 6: parentheses may be nested 50 deep"),
        (HEAD + "(declare-const X_1 Int)", "line 4"),
        (HEAD + "(declare-fun X_1 () Int)", "line 4"),
        (HEAD + "(declare-const X_0 Real)", "line 4: the variable is declared in line 1 already"),
        (HEAD + "(declare-const X_00 Real)", "line 4: a variable must be named X_i"),
        (HEAD + "(declare-const X_2 Real)", "line 4: X_i must be declared from X_0 on, without gaps"),
        (HEAD + BOX, "says nothing of the outputs"),
        (BOX, "line 1: a declared variable"),
        ("", "must be declared"),
    ],
)
def test_malformed_properties_are_refused_with_the_line(text, message):
    with pytest.raises(FvproofError, match=message):
        property_from(text)


def test_a_property_about_another_network_is_refused(random_network):
    cases = property_from(HEAD + BOX + "(assert (>= Y_1 0))")
    with pytest.raises(FvproofError, match="the network has 2 inputs"):
        decide(random_network((2, 3, 2), 0), cases)


def test_no_time_gives_no_verdict(random_network):
    text = "".join(f"(declare-const X_{i} Real)(assert (<= X_{i} 1))(assert (>= X_{i} -1))" for i in range(5))
    network = random_network((5, 30, 30, 1), 0)
    found = decide(
        network, property_from(text + "(declare-const Y_0 Real)(assert (>= Y_0 1))"), effort=SearchEffort(0.0)
    )
    assert found.verdict == "unknown"
    assert found.certificate is None


REAL = [
    ("acasxu", "ACASXU_run2a_1_1_batch_2000", "prop_1", "unsat"),
    ("acasxu", "ACASXU_run2a_3_1_batch_2000", "prop_3", "unsat"),
    ("acasxu", "ACASXU_run2a_1_9_batch_2000", "prop_4", "sat"),
    ("acasxu", "ACASXU_run2a_1_3_batch_2000", "prop_2", "sat"),
    pytest.param("mnist_fc", "mnist-net_256x2", "prop_0_0.03", "unsat", marks=pytest.mark.slow),
    pytest.param("mnist_fc", "mnist-net_256x2", "prop_1_0.05", "sat", marks=pytest.mark.slow),
    ("tll", "tllBench_n=2_N=M=8_m=1_instance_0_0", "property_N=8_0", "sat"),
]


@pytest.mark.parametrize(("folder", "network", "name", "expected"), REAL)
def test_verdicts_on_real_networks_are_the_known_ones(shared_data, folder, network, name, expected):
    folder = shared_data / "verification" / folder
    net = read_layered(folder / "onnx" / f"{network}.onnx")
    found = decide(net, read_property(folder / "vnnlib" / f"{name}.vnnlib"), effort=SearchEffort(120))
    assert found.verdict == expected
    check(certificate_from(certificate_record(found.certificate)), net)
