"""What a runtime that rounds computes near an exact point, of which a certificate says nothing: it is about reals.

The point is moved to the nearest one of the runtime's own numbers inside the box. onnxruntime is asked where it is
installed; the network's exact value at the same point is there either way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from math import isfinite, prod
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import helper

from fvproof.verify.certificates.parts import Certificate
from fvproof.verify.files.records import value_text
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BallDomain, BoxDomain


@dataclass(frozen=True, slots=True)
class Rounded:
    """A network at a point of a runtime's own numbers.

    Attributes
    ----------
    numbers
        What they are called: float32, or what the ONNX file reads.
    point
        The point, exact; None if the box holds none.
    exact
        The network's outputs there, in exact arithmetic.
    computed
        What the runtime computes as outputs; None if it was not asked.
    by
        The runtime, or why none was asked.
    """

    numbers: str
    point: tuple[Fraction, ...] | None
    exact: tuple[Fraction, ...]
    computed: tuple[float, ...] | None
    by: str


def rounded_to_runtime(
    network: LayeredNetwork | NetworkGraph, data: bytes | None, point: Sequence[Fraction], box: BoxDomain
) -> Rounded:
    """Return what a network and a runtime make of the runtime's nearest point in a box.

    Parameters
    ----------
    network
        As it was read from its file.
    data
        The contents of an ONNX file of it; None if there is none.
    point
        A point of the box.
    box
        Where to stay.
    """
    model = _model(data)
    kind = np.dtype(np.float32) if model is None else _kind(model)
    near = inward(point, box, kind)
    if near is None:
        return Rounded(kind.name, None, (), None, f"the box holds no point of {kind.name}")
    moved = tuple(Fraction(float(x)) for x in near)
    exact = network.outputs(moved)
    if model is None or data is None:
        return Rounded(kind.name, moved, exact, None, "no runtime reads such a file")
    if not find_spec("onnxruntime"):
        return Rounded(kind.name, moved, exact, None, "onnxruntime is not installed")
    computed = _asked(model, data, near)
    by = "onnxruntime" if computed is not None else "onnxruntime does not run the file"
    return Rounded(kind.name, moved, exact, computed, by)


def runtime_record(
    network: LayeredNetwork | NetworkGraph, data: bytes | None, certificate: Certificate
) -> dict[str, Any]:
    """Return, as an object that `json` can write, what a runtime makes of the point of a certificate, near by.

    Parameters
    ----------
    network, data
        As for `rounded_to_runtime`.
    certificate
        Of an extremum, or of an unsafe input: one part over a box, and a point.

    Returns
    -------
    dict
        `numbers` and `by` as in `Rounded`; `point`, exact; `exact` and `computed`, the output (for a property the least
        condition) there as it is and as computed; `agrees`, whether what is computed keeps to the bound, or is unsafe
        too. None where there is nothing to say.
    """
    (part,) = certificate.parts
    assert not isinstance(part.domain, BallDomain)
    assert certificate.point is not None
    found = rounded_to_runtime(network, data, certificate.point, BoxDomain(part.domain.low, part.domain.high))
    record = dict.fromkeys(("point", "exact", "computed", "agrees")) | {"numbers": found.numbers, "by": found.by}
    if (point := found.point) is None:
        return record
    sign = -1 if certificate.kind == "minimum" else 1  # a minimum's row is the negative of the output

    def least(outputs: Sequence[Fraction]) -> Fraction:
        return min(row(point, outputs) for row in part.rows)

    record |= {"point": [value_text(x) for x in point], "exact": value_text(sign * least(found.exact))}
    if found.computed is None:
        return record
    if not all(map(isfinite, found.computed)):
        return record | {"computed": "no finite numbers", "agrees": False}
    computed = least([Fraction(y) for y in found.computed])
    agrees = computed >= 0 if certificate.kind == "property" else computed <= part.upper
    return record | {"computed": value_text(sign * computed), "agrees": agrees}


def runtime_words(record: Mapping[str, Any], kind: str) -> str:
    """Return in one line what `runtime_record` found at the point of a claim of this kind."""
    if record["point"] is None:
        return f"{record['numbers']}  not tried: {record['by']}"
    unsafe = kind == "property"
    where = f" ({rounded_point(record['point'])})" if unsafe else ""
    exact = f"{'the least condition' if unsafe else 'the output'} is {_near(record['exact'])} in exact arithmetic"
    told = f"{record['numbers']}  at the nearest such point of the box{where} {exact}; "
    if record["computed"] is None:
        return f"{told}not tried: {record['by']}"
    warning = "" if record["agrees"] else f" (warning: {'not unsafe' if unsafe else 'outside the interval'})"
    return f"{told}{record['by']} computes {_near(record['computed'])}{warning}"


def rounded_point(point: Sequence[str]) -> str:
    """Return a point's first coordinates, rounded to six digits."""
    more = "" if len(point) <= 10 else f", ... ({len(point)} in all)"
    return ", ".join(f"{float(Fraction(x)):.6g}" for x in point[:10]) + more


def _near(text: str) -> str:
    """Return an exact number, rounded to nine digits; other text as it is."""
    try:
        return f"{float(Fraction(text)):.9g}"
    except ValueError:
        return text


def inward(point: Sequence[Fraction], box: BoxDomain, kind: np.dtype) -> np.ndarray | None:
    """Return the nearest floating-point numbers inside a box, None where a side of the box holds none.

    Examples
    --------
    >>> box = BoxDomain((Fraction(1, 10),), (Fraction(1),))
    >>> bool(Fraction(float(inward([Fraction(1, 10)], box, np.dtype(np.float32))[0])) >= Fraction(1, 10))
    True
    """
    with np.errstate(over="ignore"):
        near = np.array([_double(x) for x in point]).astype(kind)
    for i, (low, high) in enumerate(zip(box.low, box.high, strict=True)):
        towards = {True: np.inf, False: -np.inf}
        if (below := _below(near[i], low)) or _above(near[i], high):
            near[i] = np.nextafter(near[i], kind.type(towards[below]))
        if _below(near[i], low) or _above(near[i], high):
            return None
    return near


def _double(x: Fraction) -> float:
    """Return the nearest double, infinity where there is none."""
    try:
        return float(x)
    except OverflowError:
        return np.inf if x > 0 else -np.inf


def _below(x: np.floating, low: Fraction) -> bool:
    """Return whether a float is below an exact number."""
    return bool(x == -np.inf) or (isfinite(x) and Fraction(float(x)) < low)


def _above(x: np.floating, high: Fraction) -> bool:
    """Return whether a float is above an exact number."""
    return bool(x == np.inf) or (isfinite(x) and Fraction(float(x)) > high)


def _model(data: bytes | None) -> onnx.ModelProto | None:
    """Return an ONNX model that reads floating-point numbers, None if there is none."""
    try:
        model = None if data is None else onnx.load_model_from_string(data)
    except DecodeError:
        return None
    return model if model is not None and len(_inputs(model)) == 1 else None


def _inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """Return the inputs of a model that are no weights."""
    weights = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in weights]


def _kind(model: onnx.ModelProto) -> np.dtype:
    """Return the numbers that a model reads; float32 where numpy has no such type."""
    kind = np.dtype(helper.tensor_dtype_to_np_dtype(_inputs(model)[0].type.tensor_type.elem_type))
    return kind if kind.name in ("float16", "float32", "float64") else np.dtype(np.float32)


def _asked(model: onnx.ModelProto, data: bytes, point: np.ndarray) -> tuple[float, ...] | None:
    """Return what onnxruntime computes at a point; None if it refuses the file."""
    import onnxruntime  # an optional package

    entry = _inputs(model)[0]
    sizes = [axis.dim_value or 1 for axis in entry.type.tensor_type.shape.dim]
    if prod(sizes) != point.size:
        return None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it refuses is told here, in one sentence
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        outputs = session.run(None, {entry.name: point.reshape(sizes)})
    except Exception:  # noqa: BLE001  its errors have no common class
        return None
    return tuple(float(value) for value in np.asarray(outputs[0]).ravel())
