"""Verdicts on properties of a network: an unsafe input, exact; a certificate that there is none; or unknown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from time import monotonic
from typing import Literal

import numpy as np

from fvproof.verify.certificates.certificate import BoxSplits, Certificate, ProvenBound
from fvproof.verify.certificates.derivation import upper_bound
from fvproof.verify.certificates.meaning import alternative_digest, alternatives_of, check_fits
from fvproof.verify.files.vnnlib import Case
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.search.bounding import Bounded, BoundTask, bound, by_boxes, least_row
from fvproof.verify.search.root import prepare
from fvproof.verify.search.search import Aim, SearchEffort

EFFORT = SearchEffort()
CLEARLY_NEGATIVE = -1e-7
"""The search works towards this bound on the least row; any negative bound is a proof."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A verdict on a property.

    Parameters
    ----------
    verdict
        `sat`: the point is unsafe. `unsat`: no input is. `unknown`: neither was proven in time.
    point
        An unsafe input, exact; None unless `sat`.
    certificate
        The proof; None if `unknown`.
    nodes
        How many nodes the searches bounded.
    """

    verdict: Literal["sat", "unsat", "unknown"]
    point: tuple[Fraction, ...] | None
    certificate: Certificate | None
    nodes: int


def decide(network: LayeredNetwork, cases: Sequence[Case], *, effort: SearchEffort = EFFORT) -> Decided:
    """Return whether some input of some case's box makes all of its rows at least 0, with a proof.

    Parameters
    ----------
    network
        The network, its numbers taken as exact.
    cases
        The property, as `fvproof.verify.files.vnnlib.read_property` returns it.
    effort
        How long it may take in all (by default ten minutes), and where it is carried out.

    Examples
    --------
    >>> import numpy as np
    >>> from fvproof.verify.files.readers import layered_from
    >>> from fvproof.verify.files.vnnlib import property_from
    >>> network = layered_from([(np.array([[1.0], [-1.0]]), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))])
    >>> text = "(declare-const X_0 Real) (declare-const Y_0 Real) (assert (<= X_0 1)) (assert (>= X_0 -2))"
    >>> decide(network, property_from(text + "(assert (>= Y_0 2.5))")).verdict
    'unsat'
    >>> decide(network, property_from(text + "(assert (>= Y_0 1.5))")).point
    (Fraction(-2, 1),)
    """
    end, nodes, parts, roots = monotonic() + effort.timeout_s, 0, [], {}
    for case in {alternative_digest(case): case for case in cases}.values():
        check_fits(case, network)
        task = BoundTask(network, case.rows, case.domain)
        if not by_boxes(task) and case.domain not in roots:
            roots[case.domain] = prepare(network, case.domain, end=end)
        aim = Aim(0.0, CLEARLY_NEGATIVE, goal=0.0, slack=-CLEARLY_NEGATIVE)
        left = replace(effort, timeout_s=end - monotonic())
        found = bound(task, aim, left, root=roots.get(case.domain))
        nodes += found.nodes
        if _is_unsafe(task, found):
            certificate = replace(_counterexample(task, found.point), alternatives=alternatives_of(cases))
            return Decided("sat", found.point, certificate, nodes)
        parts.append(found.part)
    if any(part is None or part.upper >= 0 for part in parts):
        return Decided("unknown", None, None, nodes)
    certificate = Certificate("property", "", network.digest, tuple(parts), alternatives=alternatives_of(cases))
    return Decided("unsat", None, certificate, nodes)


def _counterexample(task: BoundTask, point: tuple[Fraction, ...]) -> Certificate:
    """Return the certificate that a point is unsafe."""
    part = ProvenBound(task.rows, task.domain, Fraction(0), BoxSplits(np.array([-1])))
    part = replace(part, upper=upper_bound(part, task.network))
    return Certificate("property", "", task.network.digest, (part,), point, least_row(task, point))


def _is_unsafe(task: BoundTask, found: Bounded) -> bool:
    """Return whether the best point found is unsafe, in exact arithmetic."""
    return found.part is None and least_row(task, found.point) >= 0
