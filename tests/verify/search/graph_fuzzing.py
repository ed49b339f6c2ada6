"""Random small networks with convolutions, branches and pools, random boxes and balls, and bounds that must hold."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from fvproof.theory.errors import FvproofError
from fvproof.verify.certificates.certificate import certificate_from, certificate_record
from fvproof.verify.certificates.checker import check
from fvproof.verify.files.readers import graph_from_bytes, layered_from_bytes
from fvproof.verify.linear_forms import BoxDomain, ClippedBall, LinearForm
from fvproof.verify.search.extremum import certified_extremum
from fvproof.verify.search.graph_extremum import certified_graph_extremum
from fvproof.verify.search.search import SearchEffort
from tests.verify.files.onnx_graphs import grown


def network_of(rng):
    """Return the contents of a random ONNX file, and its graph; None if it is refused."""
    data = grown(rng, most=int(rng.integers(3, 10))).SerializeToString()
    try:
        return data, graph_from_bytes(Path("n.onnx"), data)
    except FvproofError:
        return None


def domain_of(rng, dimension):
    """Return a box, or a ball in a box, of random size."""
    centre = [Fraction(int(n), 64) for n in rng.integers(-128, 129, dimension)]
    sizes = [Fraction(int(n), 256) for n in rng.integers(0, 1 + 2 ** int(rng.integers(0, 9)), dimension)]
    low, high = (tuple(c + sign * s for c, s in zip(centre, sizes, strict=True)) for sign in (-1, 1))
    if rng.random() < 0.6:
        return BoxDomain(low, high)
    return ClippedBall(tuple(centre), Fraction(int(rng.integers(0, 300)), 256), low, high)


def points_of(rng, domain, count):
    """Return points of a domain, corners of its box among them."""
    for _ in range(count):
        shares = (
            rng.integers(0, 2, len(domain.low)) * 16 if rng.random() < 0.6 else rng.integers(0, 17, len(domain.low))
        )
        point = [
            low + (high - low) * Fraction(int(s), 16)
            for low, high, s in zip(domain.low, domain.high, shares, strict=True)
        ]
        if isinstance(domain, ClippedBall):
            size = sum((x - c) ** 2 for x, c in zip(point, domain.centre, strict=True))
            share = min(Fraction(1), Fraction(float(domain.radius) / (float(size) ** 0.5 + 1e-12) * (1 - 1e-9)))
            point = [c + share * (x - c) for x, c in zip(point, domain.centre, strict=True)]
        yield tuple(point)


def tried(seed, *, timeout_s=2.0, points=12):
    """Certify a random extremum, check it, and hold it against points and the chain of matrices; return its width."""
    rng = np.random.default_rng(seed)
    if (made := network_of(rng)) is None:
        return None
    data, network = made
    domain, output = domain_of(rng, network.dimension), int(rng.integers(network.outputs_count))
    minimize = bool(rng.random() < 0.5)
    row = LinearForm({output: Fraction(1)}, {})
    found = certified_graph_extremum(network, row, domain, minimize=minimize, tolerance=1e-4, timeout_s=timeout_s)
    assert found.low <= found.high
    record = certificate_record(found.certificate)
    check(certificate_from(record), graph_from_bytes(Path("n.onnx"), data))
    for point in points_of(rng, domain, points):
        value = network.outputs(point)[output]
        assert found.low <= value if minimize else value <= found.high, (seed, point)
    if isinstance(domain, BoxDomain):
        _agrees_with_matrices(data, found, (output, domain, minimize), seed)
    return found.high - found.low


def _agrees_with_matrices(data, found, asked, seed):
    """Hold an interval against that of the search on a chain of matrices, where the network can be one."""
    output, domain, minimize = asked
    try:
        layered = layered_from_bytes(Path("n.onnx"), data)
    except FvproofError:
        return
    other = certified_extremum(
        layered, output, domain, minimize=minimize, tolerance=1e-4, effort=SearchEffort(timeout_s=2.0)
    )
    assert max(found.low, other.low) <= min(found.high, other.high), (seed, found.low, other.low)
