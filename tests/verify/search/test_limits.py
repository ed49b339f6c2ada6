"""Certificates that were made to be long, deep or large are refused before anything is computed from them."""

import copy
from fractions import Fraction

import numpy as np
import pytest

from fvproof.theory.errors import FvproofError
from fvproof.verify.certificates.certificate import certificate_from, certificate_record, seal
from fvproof.verify.certificates.checker import check
from fvproof.verify.certificates.packing import MOST_ENTRIES, packed, unpacked
from fvproof.verify.linear_forms import BoxDomain
from fvproof.verify.search.extremum import certified_extremum


def cube(d):
    return BoxDomain((Fraction(0),) * d, (Fraction(1),) * d)


@pytest.fixture(scope="module")
def signs(random_network):
    """Return a network and its certificate as a record, with a tree of signs."""
    network = random_network((7, 8, 7, 1), 3)
    return network, certificate_record(certified_extremum(network, 0, cube(7), tolerance=1e-3).certificate)


@pytest.fixture(scope="module")
def boxes(random_network):
    """Return a network and its certificate as a record, with a tree of boxes."""
    network = random_network((2, 9, 1), 3)
    return network, certificate_record(certified_extremum(network, 0, cube(2), tolerance=1e-1).certificate)


def changed(record, **splits):
    record = copy.deepcopy(record)
    record["parts"][0]["splits"].update(splits)
    record["sha256"] = seal(record)
    return record


def chain(splits, *, left):
    """Return a tree that is so many splits deep, all on one side."""
    nodes = [0] * splits + [-1] * (splits + 1) if left else [0, -1] * splits + [-1]
    return np.array(nodes, dtype=np.int64)


@pytest.mark.parametrize("left", [True, False])
def test_a_tree_deeper_than_the_network_has_relus_is_refused(signs, left):
    network, record = signs
    deep, splits = chain(20_000, left=left), record["parts"][0]["splits"]
    wide = {
        name: [packed(np.zeros((20_001, unpacked(part).shape[1]), dtype=np.int64)) for part in splits[name]]
        for name in ("mu", "used")
    }
    with pytest.raises(FvproofError, match="deeper than the network has ReLUs"):
        check(certificate_from(changed(record, tree=packed(deep), **wide)), network)
    with pytest.raises(FvproofError, match="must have the shapes"):
        check(certificate_from(changed(record, tree=packed(deep))), network)


@pytest.mark.parametrize("left", [True, False])
def test_a_tree_deeper_than_the_grid_is_fine_is_refused(boxes, left):
    network, record = boxes
    record = copy.deepcopy(record)
    record["parts"][0]["splits"] = {"tree": packed(chain(200_000, left=left))}
    record["sha256"] = seal(record)
    with pytest.raises(FvproofError, match="deeper than the box has steps of the grid"):
        check(certificate_from(record), network)


@pytest.mark.parametrize(
    "shape", [[1 << 60], [-(1 << 60), -1], [1] * 200, [0, 1 << 26, 1 << 26], [True], ["1"], [1.0], [MOST_ENTRIES, 2]]
)
def test_a_shape_that_is_stated_and_not_there_is_refused(boxes, shape):
    _, record = boxes
    with pytest.raises(FvproofError):
        certificate_from(changed(record, tree={"shape": shape, "data": packed(np.array([-1]))["data"]}))


def test_integers_that_inflate_beyond_a_bound_together_are_refused_before_they_are_inflated(signs):
    _, record = signs
    half = {"shape": [MOST_ENTRIES // 2 + 1], "data": "never looked at"}
    with pytest.raises(FvproofError, match="packed integers, and more than"):
        certificate_from(changed(record, neurons=[half, half]))


def test_data_behind_the_packed_integers_are_refused(boxes):
    import base64
    import zlib

    _, record = boxes
    data = base64.b64encode(zlib.compress(np.array([-1], dtype="<i8").tobytes()) + b"more").decode()
    with pytest.raises(FvproofError, match="cut short or too long"):
        certificate_from(changed(record, tree={"shape": [1], "data": data}))


def test_rows_beyond_any_number_are_refused(boxes):
    network, record = boxes
    record = copy.deepcopy(record)
    record["parts"][0]["rows"] *= 5000
    record["sha256"] = seal(record)
    with pytest.raises(FvproofError, match="at most 4096"):
        check(certificate_from(record), network)
