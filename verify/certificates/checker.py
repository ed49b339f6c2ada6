"""The independent check of certificates: integer arithmetic only, no solver, no floats, and nothing believed.

What a certificate brings are multipliers and trees. From them and the network's file alone the checker derives every
bound again (`fvproof.verify.certificates.duality`), makes sure that the leaves of each tree cover the whole domain,
evaluates the network at the point in exact arithmetic, and compares the results with what is claimed.
"""

from collections.abc import Sequence
from fractions import Fraction

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.certificate import Certificate, ProvenBound
from fvproof.verify.certificates.derivation import upper_bound
from fvproof.verify.certificates.meaning import StatedAlternative, alternative_digest, alternatives_of, check_fits
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BallDomain, BoxDomain, ClippedBall, Domain, LinearForm


def check(certificate: Certificate, network: LayeredNetwork | NetworkGraph) -> None:
    """Return if every claim of the certificate follows.

    Parameters
    ----------
    certificate
        As read by `fvproof.verify.certificates.certificate.read_certificate`.
    network
        The network, as read from its file by `fvproof.verify.files.readers.read_layered`.

    Raises
    ------
    DomainError
        If the certificate is about another network, or a claim does not follow: the sentence says which.
    """
    if certificate.digest != network.digest:
        raise DomainError("the certificate is about another network: the SHA-256 of the file does not fit")
    if not certificate.parts:
        raise DomainError("a certificate without parts claims nothing")
    for place, part in enumerate(certificate.parts):
        _check_part(part, network, f"part {place}")
    _CLAIMS[certificate.kind](certificate, network)


def _check_part(part: ProvenBound, network: LayeredNetwork | NetworkGraph, name: str) -> None:
    """Raise unless a part proves exactly what it claims."""
    sizes = {len(end) for end in corners(part.domain)}
    if sizes != {network.dimension}:
        raise DomainError(f"the domain of {name} must have {network.dimension} coordinates, not {sorted(sizes)}")
    proven = upper_bound(part, network)
    if proven != part.upper:
        raise DomainError(f"{name} claims the upper bound {part.upper}, and its multipliers prove {proven}")


def corners(domain: Domain) -> tuple[tuple[Fraction, ...], ...]:
    """Return the points that describe a domain."""
    if isinstance(domain, BoxDomain):
        return domain.low, domain.high
    return (domain.centre,) if isinstance(domain, BallDomain) else (domain.centre, domain.low, domain.high)


def _check_extremum(certificate: Certificate, network: LayeredNetwork | NetworkGraph) -> None:
    """Raise unless the point lies in the box and attains the value, and the row is one output (or its negative)."""
    if len(certificate.parts) != 1 or certificate.point is None or certificate.value is None:
        raise DomainError("a certified extremum has one part, a point and its value")
    (part,), sign = certificate.parts, 1 if certificate.kind == "maximum" else -1
    if isinstance(part.domain, BallDomain) or len(part.rows) != 1:
        raise DomainError("a certified extremum is about one output over a box, or a ball in a box")
    row = part.rows[0]
    if sorted(row.outputs.values()) not in ([sign], [-1, 1]) or row.inputs or row.constant:
        raise DomainError(f"the row of a certified {certificate.kind} must be {sign} times one output or a difference")
    _check_inside(certificate.point, part.domain)
    value = sign * row(certificate.point, network.outputs(certificate.point))
    if value != certificate.value:
        raise DomainError("the network does not take the value claimed at the point")
    if sign * value > part.upper:
        raise DomainError(f"the network's value at the point, {value}, lies beyond the bound")


def _check_inside(point: Sequence[Fraction], domain: BoxDomain | ClippedBall) -> None:
    """Raise unless the point lies in the box, and in the ball if there is one."""
    if len(point) != len(domain.low) or any(
        not low <= x <= high for low, x, high in zip(domain.low, point, domain.high, strict=True)
    ):
        raise DomainError("the point does not lie in the box")
    if isinstance(domain, ClippedBall):
        ways = (x - c for x, c in zip(point, domain.centre, strict=True))
        if sum((way * way for way in ways), start=Fraction(0)) > domain.radius**2:
            raise DomainError("the point does not lie in the ball")


def _check_property(certificate: Certificate, network: LayeredNetwork | NetworkGraph) -> None:
    """Raise unless every part's bound is negative, or there is a point at which all rows of the only part are not.

    The parts must be the property's alternatives, all of them, or the one that the point fulfils.
    """
    known = {alternative_digest(part) for part in certificate.parts}
    if certificate.point is None:
        if certificate.value is not None or not all(part.upper < 0 for part in certificate.parts):
            raise DomainError("a property is only certified if the upper bounds of all parts are negative")
        if known != set(certificate.alternatives) or len(known) != len(certificate.parts):
            raise DomainError("a property is only certified if its parts are its alternatives, each once")
        return
    if len(certificate.parts) != 1 or not isinstance(certificate.parts[0].domain, BoxDomain):
        raise DomainError("an unsafe input comes with one part, which says what is unsafe over which box")
    if not known <= set(certificate.alternatives):
        raise DomainError("an unsafe input must fulfil one of the property's alternatives")
    _check_inside(certificate.point, certificate.parts[0].domain)
    outputs = network.outputs(certificate.point)
    if certificate.value != min(row(certificate.point, outputs) for row in certificate.parts[0].rows):
        raise DomainError("the least row does not take the value claimed at the point")
    if certificate.value is None or certificate.value < 0:
        raise DomainError("the point is not unsafe")


def check_property(
    certificate: Certificate, network: LayeredNetwork | NetworkGraph, ways: Sequence[StatedAlternative], name: str
) -> None:
    """Return if a certificate is about a property: about all of its alternatives, and no other.

    Parameters
    ----------
    certificate
        Of the kind `property`.
    network
        The network, which must have the inputs and outputs that the property declares.
    ways
        The property's alternatives, as `fvproof.verify.files.vnnlib.read_property` returns them.
    name
        What the property is called.

    Raises
    ------
    DomainError
        If it is about another property, or about a part of it: the sentence says how much they have in common.
    """
    for way in ways:
        check_fits(way, network)
    if certificate.kind != "property":
        raise DomainError(f"the certificate is about a {certificate.kind}, not about a property such as {name}")
    wanted, held = set(alternatives_of(ways)), set(certificate.alternatives)
    if wanted != held:
        raise DomainError(
            f"the certificate is about another property than {name}: of the {len(wanted)} alternatives there it has "
            f"{len(wanted & held)}, and {len(held - wanted)} others"
        )


def readable(parts: Sequence[ProvenBound], share: Fraction) -> bool:
    """Return whether two bounds make a ball readable: `δ ≤ ρ‖w‖·(share/(1 + share))²`, in integers by squaring.

    The parts bound f − g and g − f; with the constant of g moved to their middle, δ is half the sum of the bounds.
    """
    above, below = parts
    assert isinstance(above.domain, BallDomain)
    deviation = (above.upper + below.upper) / 2
    square = sum((c * c for c in below.rows[0].inputs.values()), start=Fraction(0))
    return square > 0 and deviation**2 <= above.domain.radius**2 * square * (share / (1 + share)) ** 4


def _check_reading(certificate: Certificate, network: LayeredNetwork | NetworkGraph) -> None:  # noqa: ARG001  all claims are alike
    """Raise unless two parts bound f − g and g − f on one ball, closely enough for the share."""
    parts, share = certificate.parts, certificate.value
    if len(parts) != 2 or share is None or not 0 < share < 1 or certificate.point is not None:
        raise DomainError("a certified reading radius has two parts, and a share between 0 and 1")
    above, below = parts
    if not isinstance(above.domain, BallDomain) or above.domain != below.domain or above.domain.radius == 0:
        raise DomainError("both parts of a certified reading radius must be about one ball")
    if len(above.rows) != 1 or len(below.rows) != 1 or list(above.rows[0].outputs.values()) != [1]:
        raise DomainError("the first part of a certified reading radius must be about one output")
    if _negated(above.rows[0]) != below.rows[0]:
        raise DomainError("the second part of a certified reading radius must be the negative of the first")
    if not readable(parts, share):
        raise DomainError("the bounds are not close enough to make the ball readable")


def _negated(row: LinearForm) -> LinearForm:
    """Return −row."""
    outputs, inputs = ({i: -c for i, c in side.items()} for side in (row.outputs, row.inputs))
    return LinearForm(outputs, inputs, -row.constant)


_CLAIMS = {
    "maximum": _check_extremum,
    "minimum": _check_extremum,
    "property": _check_property,
    "reading": _check_reading,
}
