"""ONNX operators with a kink, each written with ReLUs."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.files.onnx_values import Array, Attribute, Operand, Tensor, sides_of, value_of
from fvproof.verify.layered import compact, fractions_of

Attributes = Mapping[str, Attribute]
LEAK = float(np.float32(0.01))
"""What a leaky ReLU multiplies negative numbers by where it does not say: attributes are in single precision."""


def relu(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """max(x, 0)."""
    (operand,) = operands
    return value_of(operand).rectify()


def leaky_relu(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return x where it is positive, alpha·x elsewhere: alpha·x + (1 − alpha)·max(x, 0)."""
    (operand,) = operands
    value, slope = value_of(operand), Fraction(attributes.get("alpha", LEAK))
    none, size = np.zeros(prod(value.shape)), prod(value.shape)
    shares = (compact(np.full(size, share, dtype=object)) for share in (slope, 1 - slope))
    whole, above = value.scaled(next(shares), none), value.rectify().scaled(next(shares), none)
    return whole.added(above, 1)


def larger(one: Tensor, other: Tensor) -> Tensor:
    """Return the larger of two values of one shape, entry by entry: b + max(a − b, 0)."""
    return other.added(one.added(other, -1).rectify(), 1)


def clip(operands: Sequence[Operand], attributes: Attributes) -> Tensor:
    """Return the value between two ends, each of which may be missing."""
    value, given = value_of(operands[0]), [*operands[1:], None, None]
    low, high = (_end(end, attributes.get(name)) for end, name in zip(given, ("min", "max"), strict=False))
    if low is not None and high is not None and low > high:
        raise DomainError(f"the lower end {low} lies above the upper end {high}")
    above = value if low is None else _at_least(value, low, 1)
    return above if high is None else _at_least(above, high, -1)


def _end(given: Operand, stated: float | None) -> Fraction | None:
    """Return an end, given as an input, or stated by an attribute in early versions of ONNX."""
    if isinstance(given, Tensor) or (given is not None and given.ndim):
        raise DomainError("the ends must be constant, a number each")
    number = stated if given is None else given.item()
    return None if number is None else Fraction(number)


def _at_least(value: Tensor, end: Fraction, sign: int) -> Tensor:
    """Return max(x, end) for the sign 1, min(x, end) for −1: end + sign·max(sign·(x − end), 0)."""
    if sign == 1 and (end == 0 or (value.rectified and end <= 0)):
        return value if value.rectified else value.rectify()
    size = prod(value.shape)
    signs, ends = np.full(size, float(sign)), compact(np.full(size, end, dtype=object))
    above = value.scaled(signs, compact(-sign * fractions_of(ends))).rectify()
    return above.scaled(signs, ends)


def maximum(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """max(x, c), for one number c."""
    value, constant, _ = sides_of(operands)
    return _at_least(value, _one(constant), 1)


def minimum(operands: Sequence[Operand], _attributes: Attributes) -> Tensor:
    """min(x, c), for one number c."""
    value, constant, _ = sides_of(operands)
    return _at_least(value, _one(constant), -1)


def _one(constant: Array) -> Fraction:
    """Return the one number of an array without axes that the value has not."""
    if constant.size != 1 or constant.ndim > 1:
        raise ShapeError(f"only one number is supported, not an array of shape {constant.shape}")
    return Fraction(constant.reshape(-1).tolist()[0])
