"""What a certificate claims, in words."""

from fractions import Fraction

from verify.certification.certificate import BoxDomain, Certificate, Part, Row
from verify.files.floats import float_text


def claims(certificate: Certificate) -> str:
    """Return the claims of a certificate, one per line, numbers rounded to nine digits."""
    network = f"network {certificate.network} (SHA-256 {certificate.digest[:16]}…)"
    if certificate.kind in ("maximum", "minimum"):
        return f"{network}\n{_extremum(certificate)}"
    if certificate.kind == "reading":
        return f"{network}\n{_reading(certificate)}"
    if certificate.point is not None:
        least = "all rows are at least 0 at the point: " + "; ".join(_row(row) for row in certificate.parts[0].rows)
        return f"{network}\n{least}"
    return "\n".join([network, *(f"{_part(part)}" for part in certificate.parts)])


def _extremum(certificate: Certificate) -> str:
    """Return the interval of a certified extremum."""
    (part,) = certificate.parts
    (output,) = part.rows[0].outputs
    value, upper = certificate.value, part.upper
    assert value is not None
    low, high = (-upper, value) if certificate.kind == "minimum" else (value, upper)
    interval = ", ".join(_short(end, ".9g") for end in (low, high))
    return f"the {certificate.kind} of output {output} over {_domain(part)} lies in [{interval}]"


def _reading(certificate: Certificate) -> str:
    """Return the claim of a reading radius."""
    above, below = certificate.parts
    (output,) = above.rows[0].outputs
    assert certificate.value is not None
    share, deviation = certificate.value, (above.upper + below.upper) / 2
    return (
        f"on {_domain(above)}, output {output} is within {_short(deviation, '.6g')} of an affine function: "
        f"its visualization there predicts it within {_short(share, '.3g')} of its range"
    )


def _part(part: Part) -> str:
    """Return the claim of a part."""
    rows = "; ".join(_row(row) for row in part.rows)
    least = "the least of" if len(part.rows) > 1 else "the function"
    return f"over {_domain(part)} {least} {rows} is at most {_short(part.upper, '.9g')}"


def _short(value: Fraction, form: str) -> str:
    """Return a number rounded to a format, also if no double holds it."""
    try:
        return format(float(value), form)
    except OverflowError:
        return f"{'-' if value < 0 else '+' * form.startswith('+')}{float_text(value)}"


def _row(row: Row) -> str:
    """Return a row as text."""
    terms = [f"{_short(c, '+.6g')}*Y_{i}" for i, c in row.outputs.items()]
    terms += [f"{_short(c, '+.6g')}*X_{i}" for i, c in list(row.inputs.items())[:6]]
    more = " + ..." if len(row.inputs) > 6 else ""
    return " ".join(terms) + more + (f" {_short(row.constant, '+.9g')}" if row.constant else "")


def _domain(part: Part) -> str:
    """Return a domain as text."""
    if not isinstance(part.domain, BoxDomain):
        return f"a ball of radius {_short(part.domain.radius, '.9g')} in {len(part.domain.centre)} dimensions"
    low, high = part.domain.low, part.domain.high
    if len({*low}) == 1 and len({*high}) == 1:
        return f"[{_short(low[0], '.9g')}, {_short(high[0], '.9g')}]^{len(low)}"
    return f"a box in {len(low)} dimensions"
