"""Reading a visualization on a ball: exact for affine units, good for nearly affine ones, and how far that goes.

On the ball of radius ρ around c the *ball decoder* answers ``(M + m)/2 + (M − m)/2·⟨b − c, x − c⟩/ρ²``. If some affine
function g with slope w stays within δ of f on the ball, its error is at most

    2δ + 2·√(δ·ρ‖w‖)

everywhere: M and m are within δ of the extrema of g, which costs δ in the values (M and m together, as no point weighs
both fully) and δ in comparing f with g; and b is so good for g that ``‖b − c − ρŵ‖² ≤ 4δρ/‖w‖``.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction

from fvproof.theory.decoders import Decoder
from fvproof.theory.domains import Ball
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, as_vector
from fvproof.theory.exact.surds import Exact, square_root
from fvproof.theory.network import Layer, ReluNetwork
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.profile import alignment

ZERO = Fraction(0)


def ball_decoder(ball: Ball) -> Decoder:
    """Return the decoder that reads a visualization on a ball as that of an affine function.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> from fvproof.theory.domains import UNIT_BALL
    >>> phi = Visualization([-1, 0], ["3/5", "4/5"], 0, 1, UNIT_BALL)
    >>> ball_decoder(UNIT_BALL)(phi, phi.query([0, 1]))
    Fraction(9, 10)
    """

    def decode(phi: Visualization, x: Point) -> Fraction:
        return phi.middle + phi.spread / 2 * alignment(ball, phi.argmax, x)

    return decode


def reading_error(deviation: object, rise: object) -> Exact:
    """Return 2δ + 2·√(δs), a bound on the ball decoder's error.

    Parameters
    ----------
    deviation
        δ ≥ 0: f stays within δ of an affine function g on the ball.
    rise
        s = ρ‖w‖ ≥ 0, by how much g rises from the centre to the border.

    Raises
    ------
    DomainError
        If a number is negative.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> reading_error("1/100", 1), reading_error(0, 5)
    (Fraction(11, 50), Fraction(0, 1))
    """
    delta, slope = _at_least_zero(deviation, "the deviation"), _at_least_zero(rise, "the rise")
    return 2 * delta + 2 * square_root(delta * slope)


def reading_error_seen(phi: Visualization, deviation: object) -> Exact:
    """Return the bound in terms of what is seen: g rises by at most (M − m)/2 + δ.

    It is below (M − m)/2, so that the ball decoder beats the uninformed one, if and only if ``δ < (M − m)/16``.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> reading_error_seen(Visualization([0], [1], 0, 16), 1)
    Fraction(8, 1)
    """
    delta = _at_least_zero(deviation, "the deviation")
    return reading_error(delta, phi.spread / 2 + delta)


def linear_radius(network: ReluNetwork, centre: Iterable[object]) -> Exact | None:
    """Return a radius within which a network with one output is affine around a point; None if it is so everywhere.

    The ReLUs keep their state on the polytope on which no pre-activation changes sign. Its inner radius at the point is
    the least of |z_j|/‖∇z_j‖₂ over the pre-activations z_j, all affine on it. On the ball of that radius δ = 0, and the
    visualization constrained to it is read exactly.

    Parameters
    ----------
    network
        The network.
    centre
        Any point of ℝ^d.

    Raises
    ------
    ShapeError
        If the point has not as many coordinates as the network has inputs.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> from fvproof.theory.network import spike
    >>> linear_radius(spike((Fraction(1, 2), Fraction(1, 2)), Fraction(1)), ["1/4", "1/8"])
    Fraction(1, 4)
    """
    at = as_vector(list(centre), name="the centre")
    if len(at) != network.dimension:
        raise ShapeError(f"the centre must have {network.dimension} coordinates, not {len(at)}")
    squares = [value * value / size for value, size in _pre_activations(network, at)]
    return square_root(min(squares)) if squares else None


def _pre_activations(network: ReluNetwork, at: tuple[Fraction, ...]) -> list[tuple[Fraction, Fraction]]:
    """Return the value and the squared gradient at a point of every pre-activation that is not constant around it."""
    linear = network.layers[0]
    found: list[tuple[Fraction, Fraction]] = []
    for layer in network.layers[1:]:
        values = linear(at)
        sizes = [sum((w * w for w in row.values()), ZERO) for row in linear.rows]
        found += [(value, size) for value, size in zip(values, sizes, strict=True) if size]
        active = [value > 0 for value in values]
        rows = tuple(row if on else {} for row, on in zip(linear.rows, active, strict=True))
        biases = tuple(bias if on else ZERO for bias, on in zip(linear.biases, active, strict=True))
        linear = layer.after(Layer(rows, biases))
    return found


def reading_radius(
    deviation: Callable[[Fraction], object], slope: object, share: object, radii: Iterable[object]
) -> Fraction | None:
    """Return the largest of some radii at which the ball decoder errs by at most a share of the range on the ball.

    The range M − m is at least 2·(ρ‖w‖ − δ), so that the bound above is at most share·(M − m) if::

        δ(ρ) ≤ ρ‖w‖·(share/(1 + share))²

    For the share 1/2, the uninformed decoder's error, that is ρ‖w‖/9.

    Parameters
    ----------
    deviation
        δ as a function of ρ: how far the unit may be from an affine function with slope w, on the ball of radius ρ. The
        guarantee is as good as this bound: certified, or estimated by sampling.
    slope
        ‖w‖₂ > 0.
    share
        A number between 0 and 1.
    radii
        The radii to try.

    Returns
    -------
    radius
        None if none will do.

    Raises
    ------
    DomainError
        If a number is out of range.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> reading_radius(lambda r: r * r / 10, slope=1, share="1/2", radii=["1/2", 1, 2])
    Fraction(1, 1)
    """
    steepness, part = _at_least_zero(slope, "the slope"), _at_least_zero(share, "the share")
    if not steepness:
        raise DomainError("the slope must be positive: a unit that is nearly constant shows no direction")
    allowed = steepness * (part / (1 + part)) ** 2
    tried = [_at_least_zero(radius, "a radius") for radius in radii]
    return max((r for r in tried if r and exact(deviation(r), name="the deviation") <= r * allowed), default=None)


def _at_least_zero(value: object, name: str) -> Fraction:
    """Return the value as a fraction, or raise DomainError if it is negative."""
    number = exact(value, name=name)
    if number < 0:
        raise DomainError(f"{name} must not be negative, but is {number}")
    return number
