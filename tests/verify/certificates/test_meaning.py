"""A property's digest is that of its meaning, and a certificate for some of its alternatives is not one for all."""

from dataclasses import replace

import pytest

from fvproof.theory.errors import FvproofError
from fvproof.verify.certificates.checker import check, check_property
from fvproof.verify.certificates.meaning import alternatives_of
from fvproof.verify.files.vnnlib import property_from
from fvproof.verify.search.property import decide

BOX = """(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real) (declare-const Y_1 Real)
(assert (and (>= X_0 0) (<= X_0 1) (>= X_1 0) (<= X_1 1)))"""
BOTH = f"{BOX} (assert (or (>= Y_0 50) (and (>= Y_1 50) (<= Y_0 0))))"


@pytest.mark.parametrize(
    "text",
    [
        f"{BOX} (assert (or (and (<= Y_0 0.0) (>= Y_1 50)) (>= Y_0 5e1)))",
        f"{BOX} (assert (or (>= (* 2 Y_0) 100) (and (>= Y_1 50) (<= Y_0 0)) (>= Y_0 50)))",
        BOTH.replace("(>= X_0 0)", "(>= X_0 0) (<= 0 (* 3 X_0))"),
    ],
)
def test_how_a_property_is_written_down_does_not_count(text):
    assert alternatives_of(property_from(text)) == alternatives_of(property_from(BOTH))


@pytest.mark.parametrize(
    "text",
    [
        BOTH.replace("(>= Y_0 50)", "(>= Y_0 50.0000000001)"),
        BOTH.replace("(<= X_1 1)", "(<= X_1 1.0000000001)"),
        BOTH.replace("(<= Y_0 0)", "(>= Y_0 0)"),
        f"{BOX} (assert (>= Y_0 50))",
        BOTH.replace("(>= Y_0 50)", "(>= Y_1 50)"),
    ],
)
def test_what_it_says_counts(random_network, text):
    network, other = random_network((2, 6, 2), 3), property_from(text)
    assert alternatives_of(other) != alternatives_of(property_from(BOTH))
    certificate = decide(network, property_from(BOTH)).certificate
    check(certificate, network)
    check_property(certificate, network, property_from(BOTH), "it")
    with pytest.raises(FvproofError, match="about another property than it"):
        check_property(certificate, network, other, "it")


def test_a_certificate_without_one_of_the_alternatives_is_refused(random_network):
    network = random_network((2, 6, 2), 3)
    certificate = decide(network, property_from(BOTH)).certificate
    for parts in (certificate.parts[:1], certificate.parts[:1] * 2, (*certificate.parts, certificate.parts[0])):
        with pytest.raises(FvproofError, match="each once"):
            check(replace(certificate, parts=parts), network)
    less = replace(certificate, parts=certificate.parts[:1], alternatives=alternatives_of(certificate.parts[:1]))
    check(less, network)
    with pytest.raises(FvproofError, match="of the 2 alternatives there it has 1"):
        check_property(less, network, property_from(BOTH), "it")


def test_an_unsafe_input_belongs_to_the_property(random_network):
    network = random_network((2, 6, 2), 3)
    cases = property_from(BOTH.replace("50", "-50"))
    certificate = decide(network, cases).certificate
    assert certificate.point is not None
    check(certificate, network)
    check_property(certificate, network, cases, "it")
    with pytest.raises(FvproofError, match="one of the property's alternatives"):
        check(replace(certificate, alternatives=("0" * 64,)), network)


@pytest.mark.parametrize("declared", ["(declare-const Y_2 Real)", "(declare-const X_2 Real) (assert (= X_2 0))"])
def test_a_property_that_declares_other_inputs_or_outputs_is_refused(random_network, declared):
    network = random_network((2, 6, 2), 3)
    with pytest.raises(FvproofError, match="the property declares"):
        decide(network, property_from(declared + BOTH))
    with pytest.raises(FvproofError, match="the property declares"):
        check_property(decide(network, property_from(BOTH)).certificate, network, property_from(declared + BOTH), "it")
