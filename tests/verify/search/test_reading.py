"""Certified reading radii: the ball decoder keeps its promise there, and the checker derives it again."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.errors import FvproofError
from fvproof.verify.certificates.certificate import certificate_from, certificate_record, seal
from fvproof.verify.certificates.checker import check
from fvproof.verify.search import reading
from fvproof.verify.search.reading import certified_reading
from fvproof.verify.search.search import SearchEffort


def values(network, points):
    for weights, biases in network.doubles[:-1]:
        points = np.maximum(points @ weights.T + biases, 0)
    return (points @ network.doubles[-1][0].T + network.doubles[-1][1])[:, 0]


@given(st.integers(0, 10**6))
def test_the_ball_decoder_errs_by_at_most_the_share_of_the_range(random_network, seed):
    rng = np.random.default_rng(seed)
    network, centre = random_network((3, 8, 5, 1), seed), rng.random(3)
    found = certified_reading(network, 0, list(centre), "1/2")
    if found is None:
        return
    check(certificate_from(certificate_record(found.certificate)), network)
    directions = rng.standard_normal((400, 3))
    sphere = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    points = centre + float(found.radius) * np.concatenate([sphere, sphere * rng.random((400, 1)), [[0, 0, 0]]])
    seen = values(network, points)
    low, high, best = seen.min(), seen.max(), points[seen.argmax()]
    predicted = (high + low) / 2 + (high - low) / 2 * (points - centre) @ (best - centre) / float(found.radius) ** 2
    assert np.abs(predicted - seen).max() <= 0.5 * (high - low) * 1.1


def test_an_affine_unit_can_be_read_on_any_ball(random_network):
    network = random_network((3, 1), 0)
    found = certified_reading(network, 0, [0, 0, 0], "1/10")
    assert found is not None
    assert found.radius > 10**6


def test_a_constant_unit_has_no_reading_radius(random_network):
    from fvproof.verify.files.readers import layered_from

    silent = layered_from([(np.ones((1, 2)), np.array([-10.0])), (np.ones((1, 1)), np.zeros(1))])
    assert certified_reading(silent, 0, [0, 0]) is None


def test_a_larger_radius_or_a_smaller_share_is_rejected_even_when_sealed_again(random_network):
    network = random_network((3, 8, 5, 1), 1)
    found = certified_reading(network, 0, ["1/2", "1/3", "1/4"], "1/2")
    assert found is not None
    for key, value in (("value", "1/100"), ("value", "2"), ("point", ["0", "0", "0"])):
        record = certificate_record(found.certificate)
        record[key] = value
        record["sha256"] = seal(record)
        with pytest.raises(FvproofError):
            check(certificate_from(record), network)
    record = certificate_record(found.certificate)
    for part in record["parts"]:
        part["domain"]["radius"] = str(2 * found.radius)
    record["sha256"] = seal(record)
    with pytest.raises(FvproofError, match="prove"):
        check(certificate_from(record), network)


@pytest.mark.parametrize(
    ("centre", "share"), [([0, 0], "1/2"), ([0, 0, 0], "1"), ([0, 0, 0], "0"), ([0, 0, "x"], "1/2")]
)
def test_bad_input_is_named(random_network, centre, share):
    with pytest.raises(FvproofError, match="must"):
        certified_reading(random_network((3, 4, 1), 0), 0, centre, share)


def test_a_share_is_a_fraction(random_network):
    found = certified_reading(random_network((3, 8, 1), 2), 0, [0, 0, 0], 0.25)
    assert found is not None
    assert found.certificate.value == Fraction(1, 4)


def test_when_time_is_up_the_best_radius_so_far_is_returned(random_network, monkeypatch):
    network = random_network((3, 8, 5, 1), 1)
    whole = certified_reading(network, 0, ["1/2", "1/3", "1/4"])
    clock = iter(range(1000))
    monkeypatch.setattr(reading, "monotonic", lambda: next(clock))
    cut = certified_reading(network, 0, ["1/2", "1/3", "1/4"], effort=SearchEffort(8))
    assert cut is not None
    assert whole is not None
    assert whole.complete
    assert not cut.complete
    assert 0 < cut.radius < whole.radius
    check(certificate_from(certificate_record(cut.certificate)), network)


def test_no_time_gives_no_radius(random_network):
    assert certified_reading(random_network((3, 8, 1), 2), 0, [0, 0, 0], effort=SearchEffort(0)) is None


def test_a_centre_too_far_away_is_refused(random_network):
    with pytest.raises(FvproofError, match="must lie within"):
        certified_reading(random_network((3, 8, 1), 2), 0, [0, 0, "1e400"])


def test_the_bounds_are_shared_among_processes(random_network, monkeypatch):
    network = random_network((3, 8, 5, 1), 1)
    monkeypatch.setattr(reading, "FIRST_S", -1.0)
    with ThreadPoolExecutor(2) as executor:
        shared = certified_reading(network, 0, [0, 0, 0], effort=SearchEffort(3600, executor))
    alone = certified_reading(network, 0, [0, 0, 0])
    assert shared is not None
    assert alone is not None
    assert shared.radius == alone.radius
