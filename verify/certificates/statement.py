"""What a certificate claims, in words; and what it says of itself, which nobody can check from it."""

import json
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from hashlib import sha256

from fvproof.theory.texts import printable
from fvproof.verify.certificates.meaning import alternative_digest, property_digest
from fvproof.verify.certificates.parts import Certificate, ProvenBound
from fvproof.verify.files.floats import float_text
from fvproof.verify.files.records import value_text
from fvproof.verify.linear_forms import BoxDomain, ClippedBall, LinearForm

REAL = "It holds for the exact numbers in the file, in real arithmetic; a runtime that rounds may leave it by rounding."
"""What every certificate is about."""
LONG = 24
"""Numbers of more characters are rounded."""
NAME = 60
"""Names are not longer, lest they tell a story of their own."""
SHOWN = 8
"""So many rows, parts of a property, and sides of a box are shown; digests tell the others."""


def claims(certificate: Certificate) -> str:
    """Return the claims of a certificate, one per line; the ends of an interval are rounded outwards to nine digits.

    The function is called what the certificate calls it: that this is its name cannot be checked (`unchecked`).
    """
    return "\n".join([*_CLAIMS[certificate.kind](certificate), _network(certificate), REAL])


def rounding(count: int) -> list[str]:
    """Return which numbers of a network's file are rounded, if there are any, in words.

    Examples
    --------
    >>> rounding(0), rounding(1)[0][:44]
    ([], '1 batch-norm factor, scale/√(variance + ε), ')
    """
    if not count:
        return []
    many = "s" if count > 1 else ""
    factors = f"{count} batch-norm factor{many}, scale/√(variance + ε), {'are' if many else 'is'} irrational"
    return [f"{factors}: it holds for the network with the nearest double{many} in {'their' if many else 'its'} place"]


def unchecked(certificate: Certificate) -> list[str]:
    """Return what a certificate says of itself, free text that is not checked, in words."""
    about, network = certificate.about or {}, printable(certificate.network)
    told = [f"{key} {printable(about[key])}" for key in ("property", "tolerance", "command") if key in about]
    if (named := _named(certificate)) is None:
        return [f"the name {network} of the network", *told]
    output = _output(certificate)
    return [f"that {network if output is None else f'output {output} of {network}'} is {named}", *told]


def outward(value: Fraction, *, up: bool, digits: int = 9) -> str:
    """Return a number with so many digits, rounded up or down.

    Examples
    --------
    >>> outward(Fraction(1, 3), up=True), outward(Fraction(1, 3), up=False), outward(Fraction(-3, 2), up=True)
    ('0.333333334', '0.333333333', '-1.5')
    """
    context = Context(digits, ROUND_CEILING if up else ROUND_FLOOR)
    rounded = context.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(context)
    return f"{rounded:f}" if -5 <= rounded.adjusted() < 16 else str(rounded).lower()


def _named(certificate: Certificate) -> str | None:
    """Return what the certificate calls the function: "logits:3 of digits-small"; None where it has no name for it."""
    about = certificate.about or {}
    if "model" not in about:
        return None
    unit, output, model = about.get("unit"), _output(certificate), printable(about["model"], NAME)
    return f"{printable(unit, NAME)} of {model}" if unit else model if output is None else f"output {output} of {model}"


def _output(certificate: Certificate) -> int | None:
    """Return the one output that a certificate is about, if there is one."""
    outputs = {i for part in certificate.parts for row in part.rows for i in row.outputs}
    return None if certificate.kind == "property" or len(outputs) != 1 else outputs.pop()


def _function(certificate: Certificate) -> str:
    """Return the function's name, or else the output's number, or the difference of two outputs."""
    return _named(certificate) or (_difference(certificate) or f"output {_output(certificate)}")


def _difference(certificate: Certificate) -> str | None:
    """Return a difference of two outputs, in words; of a minimum, the row is its negative."""
    sign = -1 if certificate.kind == "minimum" else 1
    first, *others = (row for part in certificate.parts for row in part.rows)
    if others or len(first.outputs) != 2:
        return None
    one, other = sorted(first.outputs, key=lambda i: -sign * first.outputs[i])
    return f"output {one} less output {other}"


def _network(certificate: Certificate) -> str:
    """Return which network it is, and which output."""
    output, network = _output(certificate), f"network {printable(certificate.network)}"
    return f"{network if output is None else f'output {output} of {network}'} (SHA-256 {certificate.digest[:16]}…)"


def _extremum(certificate: Certificate) -> list[str]:
    """Return the interval of a certified extremum, and the point."""
    (part,) = certificate.parts
    value, upper = certificate.value, part.upper
    assert value is not None
    assert certificate.point is not None
    low, high = (-upper, value) if certificate.kind == "minimum" else (value, upper)
    interval = f"[{outward(low, up=False)}, {outward(high, up=True)}]"
    what = f"the {certificate.kind} of {_function(certificate)} over {_domain(part)}"
    attained = f"the value {_short(value)} is attained at {_point(certificate.point)}"
    return [f"{what} lies in {interval}", attained]


def _reading(certificate: Certificate) -> list[str]:
    """Return the claim of a reading radius."""
    above, below = certificate.parts
    assert certificate.value is not None
    deviation = outward((above.upper + below.upper) / 2, up=True, digits=6)
    return [
        f"on {_domain(above)}, {_function(certificate)} is within {deviation} of an affine function: "
        f"its visualization there predicts it within {_decimal(certificate.value)} of its range"
    ]


def _property(certificate: Certificate) -> list[str]:
    """Return the verdict on a property, its alternatives and its digest."""
    ways, parts = certificate.alternatives, certificate.parts
    name = printable((certificate.about or {}).get("property", "without a name"))
    stated = f"the property {name} ({_count(ways)}, SHA-256 {property_digest(ways)[:16]}…)"
    if certificate.point is not None:
        rows = "; ".join(map(_row, parts[0].rows[:SHOWN])) + _more(len(parts[0].rows))
        return [
            f"{stated} is violated: an input of {_domain(parts[0])} is unsafe, {_point(certificate.point)}",
            f"all of these are at least 0 there: {rows}",
        ]
    return [
        f"{stated} holds: no input fulfils any of its alternatives",
        *(_part(part) for part in parts[:SHOWN]),
        *([f"and {len(parts) - SHOWN} more"] if len(parts) > SHOWN else []),
    ]


def _count(ways: tuple[str, ...]) -> str:
    """Return how many alternatives there are."""
    return f"{len(ways)} alternative{'s' * (len(ways) != 1)}"


def _part(part: ProvenBound) -> str:
    """Return the claim of a part."""
    rows = "; ".join(map(_row, part.rows[:SHOWN])) + _more(len(part.rows))
    least = "the least of" if len(part.rows) > 1 else "the function"
    way = alternative_digest(part)[:16]
    return f"over {_domain(part)} {least} {rows} is at most {outward(part.upper, up=True)} (alternative {way}…)"


def _more(count: int) -> str:
    """Return how many rows are not shown."""
    return f"; … ({count} in all)" if count > SHOWN else ""


def _short(value: Fraction, form: str = ".9g") -> str:
    """Return a number as it is, or rounded to a format where it is long, also if no double holds it."""
    if max(abs(value.numerator), value.denominator) < 10 ** (LONG // 2):
        return f"{'+' * (form[0] == '+' and value >= 0)}{value}"
    try:
        return f"about {float(value):{form}}"
    except OverflowError:
        return f"about {'-' if value < 0 else ''}{float_text(value)}"


def _decimal(value: Fraction) -> str:
    """Return a number as a decimal where that is exact, else as a fraction."""
    return text if Fraction(text := outward(value, up=True)) == value else value_text(value)


def _row(row: LinearForm) -> str:
    """Return a row as text."""
    terms = [f"{_short(c, '+.6g')}*Y_{i}" for i, c in [*row.outputs.items()][:SHOWN]]
    terms += [f"{_short(c, '+.6g')}*X_{i}" for i, c in [*row.inputs.items()][:SHOWN]]
    more = " + …" if max(len(row.outputs), len(row.inputs)) > SHOWN else ""
    return " ".join(terms) + more + (f" {_short(row.constant, '+.9g')}" if row.constant else "")


def _point(point: tuple[Fraction, ...]) -> str:
    """Return a point's first coordinates."""
    more = f", … ({len(point)} coordinates, SHA-256 {_digest(point)})" if len(point) > SHOWN else ""
    return f"({', '.join(map(_short, point[:SHOWN]))}{more})"


def _domain(part: ProvenBound) -> str:
    """Return a domain as text."""
    if isinstance(part.domain, BoxDomain):
        return _box(part.domain)
    ball = f"the ball of radius {_short(part.domain.radius)} around {_point(part.domain.centre)}"
    return f"{ball} within {_box(part.domain)}" if isinstance(part.domain, ClippedBall) else ball


def _box(domain: BoxDomain | ClippedBall) -> str:
    """Return a box as text."""
    low, high = domain.low, domain.high
    if len({*low}) == 1 and len({*high}) == 1:
        return f"[{_short(low[0])}, {_short(high[0])}]^{len(low)}"
    sides = [f"[{_short(a)}, {_short(b)}]" for a, b in zip(low[:SHOWN], high[:SHOWN], strict=True)]
    more = f" × … ({len(low)} sides, SHA-256 {_digest((*low, *high))})" if len(low) > SHOWN else ""
    return " × ".join(sides) + more


def _digest(numbers: tuple[Fraction, ...]) -> str:
    """Return the start of the SHA-256 of numbers."""
    text = json.dumps([f"{number.numerator:x}/{number.denominator:x}" for number in numbers])
    return f"{sha256(text.encode()).hexdigest()[:16]}…"


_CLAIMS = {"maximum": _extremum, "minimum": _extremum, "reading": _reading, "property": _property}
