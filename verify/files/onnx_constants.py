"""ONNX operators on constants, as exporters leave them in their graphs, computed exactly."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import isqrt, prod

import numpy as np
from onnx import TensorProto, helper

from fvproof.theory.errors import DomainError
from fvproof.verify.files.onnx_values import EXACT_INTEGERS, Array, Attribute, Operand, Tensor, check_size, doubles
from fvproof.verify.layered import Matrix, compact, fractions_of

ROOT_BITS = 256
"""Binary digits of an irrational square root, before the factor is rounded to a double."""
FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE)
INTEGERS = (TensorProto.INT32, TensorProto.INT64)
EPSILON = float(np.float32(1e-5))
"""What a batch norm adds to the variance where it does not say: attributes are in single precision."""

ARITHMETIC: Mapping[str, Callable[[Array, Array], Array]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "Mod": lambda a, b: a % b,
}


def arithmetic(name: str, constants: Sequence[Array]) -> Array:
    """Return a sum, difference, product, quotient or remainder of constants; a quotient of integers is cut off.

    Raises
    ------
    DomainError
        If a divisor is 0, or integers become too large.
    """
    one, other = constants
    check_size(prod(np.broadcast_shapes(one.shape, other.shape)))
    if name in ("Div", "Mod") and not np.all(other):
        raise DomainError("a divisor must not be 0")
    whole = one.dtype.kind in "iu" and other.dtype.kind in "iu"
    if name == "Mod" and not (whole and np.all(one >= 0) and np.all(other > 0)):
        raise DomainError("a remainder is only of integers from 0 on")
    sides = np.broadcast_arrays(fractions_of(one), fractions_of(other))
    found = np.asarray(ARITHMETIC[name](*sides), dtype=object)
    if whole:
        numbers = np.array([int(value) for value in found.flat], dtype=object).reshape(found.shape)
        if any(abs(value) > EXACT_INTEGERS for value in numbers.flat):
            raise DomainError(f"integers must lie within ±{EXACT_INTEGERS}")
        return numbers.astype(np.int64)
    return compact(found)


def cast(operands: Sequence[Operand], attributes: Attribute) -> Operand:
    """Return a value as it is, which is exact in every type of real numbers, or a constant of another type."""
    (operand,) = operands
    to = attributes.get("to")
    if isinstance(operand, Tensor) and to in FLOATS:
        return operand
    if not isinstance(operand, np.ndarray) or to not in (*FLOATS, *INTEGERS) or operand.dtype == object:
        raise DomainError("only constants are made integers, and only single and double precision is supported")
    with np.errstate(over="ignore", invalid="ignore"):
        found = operand.astype(helper.tensor_dtype_to_np_dtype(to))
    if not np.isfinite(found).all() or (to in INTEGERS and np.any(np.abs(doubles(operand)) >= 2.0**31)):
        raise DomainError("a constant is too large for its new type")
    return found if to in INTEGERS else found.astype(np.float64)


def cast_like(operands: Sequence[Operand], _attributes: Attribute) -> Operand:
    """Return a constant that is exact in single precision, and so of whatever float type the second input has."""
    operand, like = operands
    if isinstance(operand, np.ndarray) and operand.dtype != object and isinstance(like, Tensor):
        numbers = doubles(operand)
        if np.array_equal(numbers.astype(np.float32), numbers):
            return numbers
    raise DomainError("only constants of single precision are made like a value")


def over_root(scale: Array, variance: Array, epsilon: float) -> Matrix:
    """Return `scale/√(variance + epsilon)`: exactly where the root is rational, else the nearest double.

    Raises
    ------
    DomainError
        If there is no such root.

    Examples
    --------
    >>> over_root(np.array([1.0, 1.0]), np.array([2.0, 9.0]), 0.0).tolist() == [Fraction(0.5**0.5), Fraction(1, 3)]
    True
    """
    roots = _roots(variance, epsilon)
    quotients = [above / root for above, (root, _) in zip(fractions_of(doubles(scale)), roots, strict=True)]
    exactly = [is_exact for _, is_exact in roots]
    factors = [q if whole else Fraction(float(q)) for q, whole in zip(quotients, exactly, strict=True)]
    return compact(np.array(factors, dtype=object))


def rounded_factors(scale: Array, variance: Array, epsilon: float) -> int:
    """Return how many of the factors that `over_root` returns are rounded.

    Examples
    --------
    >>> rounded_factors(np.array([1.0, 1.0, 0.0]), np.array([2.0, 9.0, 2.0]), 0.0)
    1
    """
    return sum(bool(above) and not exact for above, (_, exact) in zip(scale, _roots(variance, epsilon), strict=True))


def _roots(variance: Array, epsilon: float) -> list[tuple[Fraction, bool]]:
    """Return `√(variance + epsilon)`, to `ROOT_BITS` binary digits at least, and whether that is all of it."""
    sums = fractions_of(doubles(variance)) + Fraction(float(epsilon))
    if any(value <= 0 for value in sums):
        raise DomainError("a variance and epsilon must have a sum above 0")
    return [_root(*value.as_integer_ratio()) for value in sums]


def _root(above: int, below: int) -> tuple[Fraction, bool]:
    """Return the root of a fraction, and whether it is exact."""
    ends = isqrt(above), isqrt(below)
    if (ends[0] ** 2, ends[1] ** 2) == (above, below):
        return Fraction(*ends), True
    digits = max(ROOT_BITS + (below.bit_length() - above.bit_length()) // 2 + 1, 0)
    return Fraction(isqrt((above << 2 * digits) // below), 1 << digits), False
