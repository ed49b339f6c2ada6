"""The checker: it accepts what was proven, and rejects every change, sealed again or not."""

import copy
import json
import random
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from fvproof.theory.errors import FvproofError
from fvproof.verify.certificates.certificate import (
    BoxSplits,
    Certificate,
    ProvenBound,
    certificate_from,
    certificate_record,
    read_certificate,
    seal,
    write_certificate,
)
from fvproof.verify.certificates.checker import check
from fvproof.verify.certificates.derivation import upper_bound
from fvproof.verify.certificates.packing import packed, unpacked
from fvproof.verify.files.readers import layered_from
from fvproof.verify.files.vnnlib import property_from
from fvproof.verify.linear_forms import BoxDomain, ClippedBall, LinearForm
from fvproof.verify.search.extremum import certified_extremum
from fvproof.verify.search.property import decide
from tests.verify.graphs.certificates import graph_certificates

PROPERTY = """(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real) (declare-const Y_1 Real)
(assert (and (>= X_0 0) (<= X_0 1) (>= X_1 0) (<= X_1 1))) (assert (or (>= Y_0 {0}) (and (>= Y_1 {0}) (<= Y_0 0))))"""


def cube(d):
    return BoxDomain((Fraction(0),) * d, (Fraction(1),) * d)


@pytest.fixture(scope="module")
def certified(random_network):
    """Return certificates of each kind, as records, with their networks."""
    signs, boxes, small = (random_network(sizes, 3) for sizes in ((5, 8, 7, 1), (2, 70, 1), (2, 6, 2)))
    found = [
        (signs, certified_extremum(signs, 0, cube(5), tolerance=1e-3).certificate),
        (signs, certified_extremum(signs, 0, cube(5), minimize=True, tolerance=1e-3).certificate),
        (boxes, certified_extremum(boxes, 0, cube(2), tolerance=1e-2).certificate),
        (small, decide(small, property_from(PROPERTY.format(50))).certificate),
        (small, decide(small, property_from(PROPERTY.format(-50))).certificate),
    ]
    return [(network, certificate_record(certificate)) for network, certificate in [*found, *graph_certificates()]]


def leaves_of(value, path=()):
    """Yield the path of every number, text and packed array in a record."""
    if isinstance(value, dict) and set(value) == {"shape", "data"}:
        yield path
    elif isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves_of(part, (*path, key))
    else:
        yield path


def at(record, path):
    for key in path:
        record = record[key]
    return record


def changed(value, rng):
    """Return another value of the same kind."""
    if isinstance(value, dict):
        array = unpacked(value)
        if not array.size or rng.random() < 0.1:
            return packed(np.append(array.reshape(-1), rng.randrange(-3, 3)))
        flat = array.reshape(-1).copy()
        flat[rng.randrange(flat.size)] += rng.choice([-1, 1]) << rng.choice([0, 0, 20, 32, 40])
        return packed(flat.reshape(array.shape))
    if value is None or isinstance(value, int):
        return 7
    try:
        return str(Fraction(value) + rng.choice([-1, 1]) * Fraction(1, rng.choice([1, 1 << 32, 1 << 60])))
    except ValueError:
        return value[:-1] + ("0" if value[-1:] != "0" else "1")


def mutants(certified, count):
    """Yield networks and records with one field changed."""
    rng = random.Random(0)
    for _ in range(count):
        network, record = certified[rng.randrange(len(certified))]
        mutant = copy.deepcopy(record)
        path = rng.choice(list(leaves_of(record)))
        old = at(mutant, path)
        at(mutant, path[:-1])[path[-1]] = changed(old, rng)
        if mutant != record:
            yield network, mutant, path


def test_what_was_certified_is_accepted(certified):
    for network, record in certified:
        check(certificate_from(json.loads(json.dumps(record))), network)


def test_every_change_of_any_field_is_rejected(certified):
    tried = 0
    for _, mutant, path in mutants(certified, 3000):
        with pytest.raises(FvproofError):
            certificate_from(mutant)
        tried += 1
        assert path
    assert tried > 2500


def inside(point, ball):
    """Return whether a point lies in a ball."""
    return sum((x - c) ** 2 for x, c in zip(point, ball.centre, strict=True)) <= ball.radius**2


def holds_at_random_points(claimed, network):
    """Return whether no random point of a part's domain exceeds its upper bound."""
    rng = np.random.default_rng(0)
    for part in claimed.parts:
        low, high = (np.array([float(x) for x in end]) for end in (part.domain.low, part.domain.high))
        for x in low + (high - low) * rng.random((20, low.size)):
            point = [Fraction(c) for c in x]
            if isinstance(part.domain, ClippedBall) and not inside(point, part.domain):
                continue
            outputs = network.outputs(point)
            if min(row(point, outputs) for row in part.rows) > part.upper + Fraction(1, 10**9):
                return False
    return True


def test_a_change_that_is_sealed_again_is_rejected_or_claims_only_what_is_true(certified):
    accepted = tried = 0
    for network, mutant, _ in mutants(certified, 500):
        mutant["sha256"] = seal(mutant)
        tried += 1
        try:
            check(certificate_from(mutant), network)
        except FvproofError:
            continue
        accepted += 1
        assert holds_at_random_points(certificate_from(mutant), network)
    assert 0 < accepted < tried / 2


def test_a_larger_upper_bound_or_another_point_is_rejected_even_when_sealed_again(certified):
    network, record = certified[0]
    for change in ({"upper": "1000000"}, {"upper": "-1000000"}):
        mutant = copy.deepcopy(record)
        mutant["parts"][0].update(change)
        mutant["sha256"] = seal(mutant)
        with pytest.raises(FvproofError, match="upper bound"):
            check(certificate_from(mutant), network)
    mutant = copy.deepcopy(record)
    mutant["point"][0] = "2"
    mutant["sha256"] = seal(mutant)
    with pytest.raises(FvproofError, match="box"):
        check(certificate_from(mutant), network)


@pytest.mark.parametrize("tree", [[], [0], [-1, -1], [0, -1], [99, -1, -1]])
@pytest.mark.parametrize("which", [0, 2])
def test_a_tree_that_does_not_cover_the_domain_is_rejected(certified, which, tree):
    network, record = certified[which]
    mutant = copy.deepcopy(record)
    mutant["parts"][0]["splits"]["tree"] = packed(np.array(tree, dtype=np.int64))
    mutant["sha256"] = seal(mutant)
    with pytest.raises(FvproofError, match=r"cover|shapes"):
        check(certificate_from(mutant), network)


def test_a_facet_used_a_negative_number_of_times_is_rejected(certified):
    network, record = certified[0]
    mutant = copy.deepcopy(record)
    used = mutant["parts"][0]["splits"]["used"]
    place, array = next((i, a) for i, a in enumerate(map(unpacked, used)) if a.size)
    used[place] = packed(array - (1 << 40))
    mutant["sha256"] = seal(mutant)
    with pytest.raises(FvproofError, match="negative"):
        check(certificate_from(mutant), network)


JUNK = (None, True, 0, 3.5, "", "x", "1/0", "1" * 50, [], {}, [1], {"0": "1"}, {"shape": [1], "data": ""}, "1e400")
"""What no field holds, or hardly any."""


def everywhere(value, path=()):
    """Yield the path of everything in a record."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from everywhere(part, (*path, key))


def test_whatever_stands_in_a_field_the_answer_is_a_sentence(certified):
    rng, refused = random.Random(1), 0
    for _ in range(600):
        network, record = certified[rng.randrange(len(certified))]
        mutant = copy.deepcopy(record)
        path = rng.choice(list(everywhere(record)))
        at(mutant, path[:-1])[path[-1]] = copy.deepcopy(rng.choice(JUNK))
        mutant["sha256"] = seal(mutant)
        with suppress(FvproofError):
            check(certificate_from(mutant), network)
            continue
        refused += 1
    assert refused > 300


def test_a_certificate_of_another_network_is_rejected(certified, random_network):
    _, record = certified[0]
    with pytest.raises(FvproofError, match="another network"):
        check(certificate_from(record), random_network((5, 8, 7, 1), 4))


def test_a_certificate_survives_its_file_and_a_file_cut_short_is_named(certified, tmp_path):
    network, record = certified[0]
    write_certificate(certificate_from(record), tmp_path / "c.json")
    check(read_certificate(tmp_path / "c.json"), network)
    text = (tmp_path / "c.json").read_text()
    (tmp_path / "c.json").write_text(text[: len(text) // 2])
    with pytest.raises(FvproofError, match=r"c\.json is no JSON"):
        read_certificate(tmp_path / "c.json")


def test_the_checker_needs_no_solver_no_torch_and_no_z3():
    import subprocess
    import sys

    heavy = ("highspy", "torch", "z3", "scipy", "onnx")
    code = f"import sys, fvproof.verify.certificates.checker; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_bound_beyond_63_bits_is_not_rounded():
    high = Fraction(2**31) + Fraction(1, 2) + Fraction(250, 2**32)
    network = layered_from([(np.array([[2.0]]), np.array([-(2.0**31) - 1]))])
    part = ProvenBound(
        (LinearForm({0: Fraction(1)}, {}),),
        BoxDomain((Fraction(0),), (high,)),
        Fraction(0),
        BoxSplits(np.array([0, -1, -1])),
    )
    part = replace(part, upper=upper_bound(part, network))
    (value,) = network.outputs([high])
    assert part.upper >= value
    check(Certificate("maximum", "", network.digest, (part,), (high,), value, {}), network)


@pytest.mark.parametrize(
    ("field", "array", "said"),
    [
        ("refined", [2, 0], "must be stated to be refined"),
        ("refined", [1], "must be stated to be refined"),
        ("leaf_slopes", [[-1]], "slopes"),
        ("betas", [-1], "multiplier that is not negative"),
        ("shares", [[1 << 16]], "add up to 1"),
        ("shares", [[-1]], "add up to 1"),
        ("tree", [0, -1], "cover"),
        ("tree", [-1, -1], "cover"),
    ],
)
def test_what_does_not_fit_a_graph_is_rejected(certified, field, array, said):
    network, record = certified[5]
    mutant = copy.deepcopy(record)
    mutant["parts"][0]["splits"][field] = packed(np.array(array, dtype=np.int64))
    mutant["sha256"] = seal(mutant)
    with pytest.raises(FvproofError, match=rf"{said}|leaves must have|signs must have"):
        check(certificate_from(mutant), network)


def test_a_certificate_of_one_form_is_rejected_for_the_other(certified):
    graph, chain = certified[5], certified[0]
    for (network, _), (_, record) in ((graph, chain), (chain, graph)):
        mutant = copy.deepcopy(record) | {"network_sha256": network.digest}
        mutant["sha256"] = seal(mutant)
        with pytest.raises(FvproofError, match=r"graph|coordinates"):
            check(certificate_from(mutant), network)


def test_a_point_outside_the_ball_is_rejected(certified):
    network, record = certified[6]
    mutant = copy.deepcopy(record)
    mutant["point"][0] = "1"
    mutant["sha256"] = seal(mutant)
    with pytest.raises(FvproofError, match="ball"):
        check(certificate_from(mutant), network)
