"""The certified extremum of a graph's output over a box or ball, and verdicts on its properties, in a given time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from time import monotonic

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.verify.certificates.checker import corners
from fvproof.verify.certificates.graph_derivation import graph_upper_bound
from fvproof.verify.certificates.meaning import alternative_digest, alternatives_of, check_fits
from fvproof.verify.certificates.parts import Certificate, ProvenBound
from fvproof.verify.files.vnnlib import Case
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.linear_forms import Domain, LinearForm
from fvproof.verify.search.extremum import Extremum
from fvproof.verify.search.graph_attack import exact_in
from fvproof.verify.search.graph_proofs import GraphBounded, bound_graph
from fvproof.verify.search.graph_roots import GraphRoot, graph_root, trivial_splits
from fvproof.verify.search.property import Decided
from fvproof.verify.search.search import Aim

CLEARLY_NEGATIVE = -1e-6
"""A search for a verdict works towards this bound; any negative bound is a proof."""
ROOT_SHARE = 0.6
"""The root may take so much of the time."""


@dataclass(frozen=True, slots=True)
class GraphTask:
    """What is to be bounded where: the largest value over the domain of the least row."""

    network: NetworkGraph
    rows: tuple[LinearForm, ...]
    domain: Domain

    def least(self, point: Sequence[Fraction]) -> Fraction:
        """Return the exact value of the least row at a point."""
        outputs = self.network.outputs(point)
        return min(row(point, outputs) for row in self.rows)


def certified_graph_extremum(
    network: NetworkGraph,
    row: LinearForm,
    domain: Domain,
    *,
    minimize: bool = False,
    tolerance: float = 1e-5,
    timeout_s: float = 600.0,
) -> Extremum:
    """Return an interval, with its certificate, that holds the maximum (or minimum) of a row over a box or ball.

    The interval is at most `tolerance` wide, unless the time runs out: then it is the best that is proven.

    Parameters
    ----------
    network
        The network, its numbers taken as exact.
    row
        One output, or the difference of two.
    domain
        A box, or a ball within one.
    minimize
        Whether the minimum is wanted.
    tolerance
        The width at which the search stops, positive.
    timeout_s
        Seconds that it may take.

    Examples
    --------
    >>> import numpy as np
    >>> from fvproof.verify.files.readers import layered_from
    >>> from fvproof.verify.graphs.network import graph_of
    >>> from fvproof.verify.linear_forms import BoxDomain
    >>> hidden = np.array([[1.0], [-1.0]]), np.array([-0.25, 0.0])
    >>> network = graph_of(layered_from([hidden, (np.array([[2.0, 1.0]]), np.zeros(1))]))
    >>> cube = BoxDomain((Fraction(-1),), (Fraction(1),))
    >>> found = certified_graph_extremum(network, LinearForm({0: Fraction(1)}, {}), cube)
    >>> found.point, float(found.low), float(found.high - found.low) < 1e-5
    ((Fraction(1, 1),), 1.5, True)
    """
    end = monotonic() + timeout_s
    _validate(network, row, domain, tolerance)
    sign = -1 if minimize else 1
    signed = LinearForm({i: sign * c for i, c in row.outputs.items()}, {})
    task = GraphTask(network, (signed,), domain)
    root = graph_root(network, domain, end=monotonic() + ROOT_SHARE * timeout_s)
    found = bound_graph(root, task.rows, domain, Aim(0.9 * tolerance), end)
    point = exact_in(found.point, domain)
    value = row(point, network.outputs(point))
    kind = "minimum" if minimize else "maximum"
    certificate = Certificate(
        kind, "", network.digest, (found.part,), point, value, {"tolerance": str(exact(tolerance))}
    )
    low, high = (-found.part.upper, value) if minimize else (value, found.part.upper)
    return Extremum(low, high, point, certificate, found.nodes)


def decide_graph(network: NetworkGraph, cases: Sequence[Case], *, timeout_s: float = 600.0) -> Decided:
    """Return whether some input of some case's box makes all of its rows at least 0, with a proof.

    All cases over one box share its root, and those that are nearest to a proof come first.

    Parameters
    ----------
    network
        The network, its numbers taken as exact.
    cases
        The property, as `fvproof.verify.files.vnnlib.read_property` returns it.
    timeout_s
        Seconds that it may take.
    """
    end, nodes = monotonic() + timeout_s, 0
    different = {alternative_digest(case): case for case in cases}
    for case in different.values():
        check_fits(case, network)
    roots = _roots(network, list(dict.fromkeys(case.domain for case in different.values())), end)
    tasks = {key: GraphTask(network, tuple(case.rows), case.domain) for key, case in different.items()}
    aim, found = Aim(0.0, CLEARLY_NEGATIVE, goal=0.0), {}
    for branching in (False, True):
        for key in sorted(tasks, key=lambda key: found[key].part.upper if key in found else 0):
            task = tasks[key]
            if monotonic() > end:
                break
            if found.get(key) is None or found[key].part.upper >= 0:
                found[key] = bound_graph(roots[task.domain], task.rows, task.domain, aim, end, branching=branching)
                nodes += found[key].nodes
                if unsafe := _unsafe(task, found[key]):
                    certificate = replace(unsafe, alternatives=alternatives_of(cases))
                    return Decided("sat", certificate.point, certificate, nodes)
    parts = tuple(found[key].part for key in tasks if key in found)
    if len(parts) < len(tasks) or any(part.upper >= 0 for part in parts):
        return Decided("unknown", None, None, nodes)
    certificate = Certificate("property", "", network.digest, parts, alternatives=alternatives_of(cases))
    return Decided("unsat", None, certificate, nodes)


def _roots(network: NetworkGraph, domains: Sequence[Domain], end: float) -> dict[Domain, GraphRoot]:
    """Return a root for each domain; together they take a share of the time."""
    roots: dict[Domain, GraphRoot] = {}
    for domain in domains:
        share = ROOT_SHARE * max(0.0, end - monotonic()) / (len(domains) - len(roots))
        roots[domain] = graph_root(network, domain, end=monotonic() + share)
    return roots


def _unsafe(task: GraphTask, found: GraphBounded) -> Certificate | None:
    """Return the certificate that the point found is unsafe, if it is so in exact arithmetic."""
    if found.best < -1e-3 * (1 + abs(found.best)):
        return None
    point = exact_in(found.point, task.domain)
    value = task.least(point)
    if value < 0:
        return None
    part = ProvenBound(task.rows, task.domain, Fraction(0), trivial_splits(task.network, task.domain, len(task.rows)))
    part = replace(part, upper=graph_upper_bound(part, task.network))
    return Certificate("property", "", task.network.digest, (part,), point, value)


def _validate(network: NetworkGraph, row: LinearForm, domain: Domain, tolerance: float) -> None:
    """Raise unless row, domain and tolerance make sense for the network."""
    if any(not 0 <= i < network.outputs_count for i in row.outputs):
        raise DomainError(f"the output must be from 0 to {network.outputs_count - 1}, not {max(row.outputs)}")
    sizes = {len(end) for end in corners(domain)}
    if sizes != {network.dimension}:
        raise ShapeError(f"the domain must have {network.dimension} coordinates, not {sorted(sizes)}")
    if not tolerance > 0:
        raise DomainError(f"the tolerance must be positive, not {tolerance}")
