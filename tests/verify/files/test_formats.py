"""Exact networks survive their files without a change; a malformed file gives one sentence."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.classes.quadratic import QuadraticForm
from fvproof.theory.domains import Ball
from fvproof.theory.errors import DomainError, FvproofError
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.points import same
from fvproof.theory.exact.surds import square_root
from fvproof.theory.network import affine, clamped, linf_distance, maximum, spike
from fvproof.theory.witnesses.bowl import Bowl
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.memorising import memorise
from fvproof.theory.witnesses.profile import RadialFunction, RidgeFunction
from fvproof.theory.witnesses.shepard import Shepard
from fvproof.theory.witnesses.staircase import Staircase
from fvproof.verify.files.formats import function_from, function_record, read_function, write_function

KNOTS = ((Fraction(-1), Fraction(0)), (Fraction(0), Fraction(1, 3)), (Fraction(1), Fraction(1)))
FRACTIONS = st.fractions(-3, 3, max_denominator=10**30)


@given(
    st.integers(1, 3).flatmap(lambda d: st.lists(st.lists(FRACTIONS, min_size=d, max_size=d), min_size=1, max_size=4))
)
def test_a_network_of_any_depth_is_read_back_as_it_was(weights):
    d = len(weights[0])
    network = clamped(maximum([affine(row, sum(row), dimension=d) for row in weights]), Fraction(0), Fraction(2, 7))
    assert function_from(json.loads(json.dumps(function_record(network)))) == network


@given(st.lists(st.tuples(st.fractions(0, 1), st.fractions(0, 1)), min_size=1, max_size=4, unique=True), st.data())
def test_a_memorising_network_of_fractions_is_read_back_as_it_was(points, data):
    values = data.draw(st.lists(FRACTIONS, min_size=len(points), max_size=len(points)))
    network = memorise(points, values, base=Fraction(1, 3))
    copy = function_from(json.loads(json.dumps(function_record(network))))
    assert function_record(copy) == function_record(network)
    assert [copy(p) for p in points] == values


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_doubles_are_read_back_bit_by_bit(coordinates):
    network = memorise([np.array(coordinates)], [1], base=0)
    copy = function_from(json.loads(json.dumps(function_record(network))))
    assert same(copy.centres[0], network.centres[0])
    assert isinstance(copy.centres[0], np.ndarray)


def test_a_file_is_read_back_as_it_was(tmp_path):
    network = linf_distance((Fraction(1, 3), Fraction(2, 3)))
    write_function(network, tmp_path / "folder" / "network.json")
    assert read_function(tmp_path / "folder" / "network.json") == network


def _damaged(change):
    record = json.loads(json.dumps(function_record(spike((Fraction(1, 2), Fraction(0)), Fraction(2)))))
    change(record)
    return record


def _memory(**changes):
    return {**function_record(memorise([[0, 0], [1, "1/2"]], [0, 1], base="1/2")), **changes}


def _extension(**changes):
    extension = Extension(((Fraction(0),), (Fraction(1),)), (Fraction(0), Fraction(1)), Fraction(2), Norm.L1)
    return {**function_record(extension), **changes}


def _profile(**changes):
    return {**function_record(RidgeFunction(Ball(), (Fraction(1), Fraction(0)), KNOTS)), **changes}


def _form(**changes):
    return {**function_record(QuadraticForm((((Fraction(1), Fraction(0)), Fraction(2)),), Fraction(-1))), **changes}


@pytest.mark.parametrize(
    "witness",
    [
        Extension(
            ((Fraction(0),) * 2, (Fraction(1),) * 2),
            (Fraction(0), 1 - square_root(Fraction(5, 9))),
            Fraction(2, 3),
            Norm.L2,
        ),
        Extension(((Fraction(0),), (Fraction(1),)), (Fraction(0), Fraction(1)), Fraction(2), Norm.LINF, monotone=True),
        Staircase((np.array([0.1, 0.3]), np.array([0.2, 0.7])), (Fraction(0), Fraction(1, 3))),
        Bowl((Fraction(1, 3),), (Fraction(1),), Fraction(-1), Fraction(1), Fraction(4), Fraction(1, 2)),
        Shepard(((Fraction(0),), (Fraction(1),)), (Fraction(0), Fraction(1))),
        RidgeFunction(Ball(), (Fraction(-3, 5), Fraction(4, 5)), KNOTS),
        RidgeFunction(Ball(["1/2", 1], 2), (Fraction(1, 2), Fraction(3)), KNOTS),
        RadialFunction((Fraction(1, 3),), Norm.L2, KNOTS),
        QuadraticForm((((Fraction(3, 5), Fraction(-4, 5)), Fraction(2, 7)),), Fraction(-1)),
    ],
    ids=lambda witness: type(witness).__name__,
)
def test_a_symbolic_witness_is_read_back_as_it_was(witness):
    copy = function_from(json.loads(json.dumps(function_record(witness))))
    assert type(copy) is type(witness)
    assert function_record(copy) == function_record(witness)
    z = (Fraction(1, 4),) * witness.dimension
    assert copy(z) == witness(z)


def test_a_function_without_a_format_is_refused():
    with pytest.raises(DomainError, match="no exact format for a function of the kind function"):
        function_record(lambda x: x[0])


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ([], '"format": "fvproof-function"'),
        (_damaged(lambda r: r.update(format="other")), '"format": "fvproof-function"'),
        (_damaged(lambda r: r.update(version=2)), "version must be 1, not 2"),
        (
            _damaged(lambda r: r.update(kind="tree")),
            "bowl, shepard, ridge, radial, quadratic, not 'tree'",
        ),
        (_damaged(lambda r: r.pop("layers")), "'layers' must be a list, not null"),
        (_damaged(lambda r: r.update(layers=[])), "at least one layer"),
        (_damaged(lambda r: r.update(dimension=True)), "'dimension' must be an integer, not true"),
        (_damaged(lambda r: r.update(dimension=1)), "row 2 of layer 0 must name inputs from 0 to 0, not '1'"),
        (_damaged(lambda r: r["layers"][0]["biases"].pop()), "not 4 rows and 3 biases"),
        (_damaged(lambda r: r["layers"][0].update(rows=[], biases=[])), "not 0 rows and 0 biases"),
        (_damaged(lambda r: r["layers"][0]["rows"].__setitem__(0, [1])), "row 0 of layer 0 must be an object"),
        (_damaged(lambda r: r["layers"][0]["rows"][0].update({"00": "1"})), "not '00'"),
        (_damaged(lambda r: r["layers"][0]["rows"][0].update({"-1": "1"})), "not '-1'"),
        (
            _damaged(lambda r: r["layers"][0]["biases"].__setitem__(0, 0.5)),
            "bias 0 of layer 0 must be a fraction as text",
        ),
        (_damaged(lambda r: r["layers"][0]["biases"].__setitem__(0, "1/0")), 'not "1/0"'),
        (_damaged(lambda r: r["layers"][0]["biases"].__setitem__(0, "1e999999999")), 'not "1e999999999"'),
        (_damaged(lambda r: r["layers"][0]["biases"].__setitem__(0, "9" * 5000)), "more digits than can be read"),
        (_memory(values=["0"]), "as many values as points"),
        (_memory(centres=[["0"], ["1", "1/2"]]), "one length"),
        (
            _memory(centres=[["0", "2"], ["1", "1/2"]]),
            "coordinate 1 of point 0 of the centres must lie in [0, 1], not 2",
        ),
        (_memory(centres=[{"doubles": ["0x1p-1", "nan"]}, ["1", "1/2"]]), "hexadecimal floats"),
        (_memory(centres=["00", ["1", "1/2"]]), "point 0 of the centres must be a list"),
        (_memory(centres=[]), "the centres must be a list of points, not empty"),
        (_memory(values="01"), "the values must be a list of numbers"),
        (_extension(norm="l3"), "the norm must be l1, l2, linf, not 'l3'"),
        (_extension(monotone=1), "the monotone must be true or false, not 1"),
        (_extension(values=["0", "1+1*sqrt(x)"]), 'not "1+1*sqrt(x)"'),
        (_profile(knots=[["0", "1"]]), "the knots must be at least two, in order"),
        (_profile(knots=[["0", "1"], ["0", "2"]]), "the knots must be at least two, in order"),
        (_profile(knots=["0", "1"]), "the knots must be a list of pairs"),
        (_profile(ball={"kind": "cube"}), "the ball must be a ball, not a cube"),
        (_profile(peak=["1", "1"]), "the peak must lie in the unit ball, but is 2 > 1"),
        (_form(axes=[]), "the axes must be orthogonal vectors of length 1"),
        (_form(axes=[[["1", "1"], "1"]]), "the axes must be orthogonal vectors of length 1"),
        (_form(axes=[["1", "1"]]), "a vector must be a list"),
        (_memory(base=None), "the base must be a fraction as text"),
    ],
)
def test_a_malformed_record_is_refused_in_one_sentence(record, words):
    with pytest.raises(FvproofError) as error:
        function_from(record)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[1, 2", '{"format": "fvproof-function"}', "\xff", "[" * 100_000])
def test_a_file_that_is_no_network_is_named(tmp_path, text):
    path = tmp_path / "network.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(FvproofError, match=r"network\.json"):
        read_function(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FvproofError, match=r"nowhere\.json cannot be read: No such file"):
        read_function(tmp_path / "nowhere.json")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FvproofError, match="cannot be written"):
        write_function(spike((Fraction(0),), Fraction(1)), tmp_path / "file" / "network.json")
