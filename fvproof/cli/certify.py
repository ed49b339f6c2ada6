"""`fvproof certify`: the exact feature visualization of a trained ReLU network, and verdicts on its properties."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from math import isnan
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from fvproof.cli.options import named_model, numbers
from fvproof.theory.errors import DomainError

if TYPE_CHECKING:
    from fvproof.verify.certificates.certificate import Certificate
    from fvproof.verify.layered import LayeredNetwork
    from fvproof.verify.linear_forms import BoxDomain
    from fvproof.verify.search.search import Effort

UNKNOWN, REFUTED = 3, 1
MOST_TOLERANT = 10**30
"""A larger tolerance says no more."""


@click.command("certify")
@click.argument("network", metavar="NET")
@click.option("--output", default=0, show_default=True, metavar="I", help="Which output, from 0 on.")
@click.option("--unit", metavar="LAYER:I", help="Of a torch model: a unit of any layer, instead of an output.")
@click.option("--weights", type=click.Path(path_type=Path), metavar="FILE", help="Of a torch model: its weights.")
@click.option("--shape", callback=numbers(int, 3), metavar="C,H,W", help="Of a torch model that states none.")
@click.option(
    "--low", default="0", show_default=True, metavar="X", help="Lower end of the box: a number, or d of them."
)
@click.option("--high", default="1", show_default=True, metavar="X", help="Upper end of the box.")
@click.option("--minimize", is_flag=True, help="Certify the minimum.")
@click.option("--tolerance", default="1e-5", show_default=True, metavar="T", help="Width at which the search stops.")
@click.option("--property", "vnnlib", type=click.Path(path_type=Path), metavar="FILE", help="Decide a VNN-LIB file.")
@click.option("--around", metavar="POINT", help="A point: numbers with commas, an .npy file or a picture in [0, 1].")
@click.option("--reading-radius", "share", metavar="SHARE", help="Certify how far around it the output can be read.")
@click.option("--timeout", default=600.0, show_default=True, type=click.FloatRange(0), metavar="S", help="Seconds.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes.  [default: all cores]")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the certificate.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(*, network: str, vnnlib: Path | None, out: Path | None, **given: Any) -> int:  # noqa: ANN401  click's
    """Certify the largest value of an output of NET over a box, and the point that attains it.

    NET is an ONNX file (affine operators, convolutions, ReLU), a .nnet file, the package's exact JSON, or a torch model
    that is an nn.Sequential of such layers: digits, digits-small or FILE.py:FUNCTION; it is written as ONNX beside the
    certificate. What is certified holds for the exact numbers in the file, in real arithmetic; a runtime that rounds
    may leave it by rounding, and what onnxruntime, where it is installed, computes at the point is told. `fvproof
    check` confirms the certificate with integers. With --property, the verdict is sat (an unsafe input, exact), unsat
    (certified) or unknown.

    The exit code is 0 if the tolerance is reached or the property holds, 1 if an input is unsafe, 3 if time ran out, or
    the tolerance is finer than bounds in steps of 2⁻³² allow; what is printed is proven then too, but not as good.
    """
    from fvproof.verify.certificates.certificate import write_certificate
    from fvproof.verify.search.runtimes import runtime_record

    net, path, data = _network(network, given, out)
    with _effort(given["timeout"], given["jobs"]) as effort:
        code, result, certificate = _asked(net, vnnlib, given, effort)
    if certificate is not None and certificate.point is not None:
        result["runtime"] = runtime_record(net, data, certificate)
    if net.rounded:
        result["rounded"] = net.rounded
    if certificate is not None and out is not None:
        about = {**(certificate.about or {}), **_named(path, network, given), "command": _command_line()}
        write_certificate(replace(certificate, network=str(path), about=about), out)
        result["certificate"] = str(out)
    click.echo(json.dumps(result) if given["as_json"] else _text(result))
    return code


def _network(name: str, given: dict[str, Any], out: Path | None) -> tuple[LayeredNetwork, Path, bytes | None]:
    """Return the network, the file that the certificate will be about, and what that holds if it is ONNX.

    A torch model is written, if anything is.
    """
    from fvproof.verify.files.readers import READERS, layered_from_bytes, read_layered

    options = [f"--{option}" for option in ("unit", "weights", "shape") if given[option] is not None]
    if Path(name).suffix.lower() in READERS:
        if options:
            raise DomainError(f"{', '.join(options)} can only be given for a torch model, and {name} is a file")
        net = read_layered(path := Path(name))
        return net, path, path.read_bytes() if path.suffix.lower() == ".onnx" else None
    data, path = _exported(name, given), (out or Path("model")).with_suffix(".onnx")
    if out is not None:
        from fvproof.empirical.keeping.store import open_store, write_atomically

        write_atomically(open_store(path.parent) / path.name, data)
    return layered_from_bytes(path, data), path, data


def _named(path: Path, name: str, given: dict[str, Any]) -> dict[str, str]:
    """Return what the user calls the network, if it was a torch model, and the unit."""
    if path == Path(name):
        return {}
    return {"model": name, **({"unit": given["unit"]} if given["unit"] else {})}


def _command_line() -> str:
    """Return the command as it was given."""
    context = click.get_current_context()
    parts = context.command_path.split()
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if context.get_parameter_source(parameter.name or "") is not ParameterSource.COMMANDLINE:
            continue
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        named = [] if isinstance(parameter, click.Argument) else [parameter.opts[0]]
        parts += named if value is True else [*named, text]
    return join(parts)


def _exported(name: str, given: dict[str, Any]) -> bytes:
    """Return a torch model, or its part up to a unit, as the contents of an ONNX file."""
    from fvproof.empirical.networks.sequential import sequential_onnx  # torch only when it is needed
    from fvproof.empirical.networks.units import parse_units

    model = named_model(name, weights=given["weights"], shape=given["shape"])
    if given["unit"] is None:
        return sequential_onnx(model)
    units = parse_units(given["unit"], model)
    if len(units) != 1 or given["output"]:
        raise DomainError(f"--unit must name one unit, and goes without --output; received {given['unit']!r}")
    return sequential_onnx(model, units[0])


def _asked(
    net: LayeredNetwork, vnnlib: Path | None, given: dict[str, Any], effort: Effort
) -> tuple[int, dict[str, Any], Certificate | None]:
    """Return exit code, result and certificate of what the options ask for."""
    if isnan(effort.timeout_s):
        raise DomainError("--timeout must be a number of seconds, not nan")
    if (given["around"] is None) != (given["share"] is None) or (vnnlib and given["around"]):
        raise DomainError("--around and --reading-radius belong together, and not with --property")
    if given["around"]:
        return _reading(net, given, effort)
    return _property(net, vnnlib, effort) if vnnlib else _extremum(net, given, effort)


@contextmanager
def _effort(timeout_s: float, jobs: int | None) -> Iterator[Effort]:
    """Yield the limits of the search; further processes are started only if it takes longer than a moment."""
    from fvproof.verify.processes import process_pool
    from fvproof.verify.search.search import Effort

    jobs = jobs or os.cpu_count() or 1
    if jobs == 1:
        yield Effort(timeout_s)
        return
    with process_pool(jobs) as executor:
        yield Effort(timeout_s, executor, 2 * jobs)


def _extremum(net: LayeredNetwork, given: dict[str, Any], effort: Effort) -> tuple[int, dict[str, Any], Certificate]:
    """Return exit code, result and certificate of an extremum."""
    from fvproof.theory.exact.numbers import exact
    from fvproof.verify.files.records import value_text
    from fvproof.verify.search.extremum import certified_extremum

    tolerance = float(max(min(exact(given["tolerance"], name="the tolerance"), MOST_TOLERANT), -1))
    told = {"tolerance": given["tolerance"]}
    found = certified_extremum(
        net, given["output"], _box(net, given), minimize=given["minimize"], tolerance=tolerance, effort=effort
    )
    result = {
        "kind": "minimum" if given["minimize"] else "maximum",
        "low": value_text(found.low),
        "high": value_text(found.high),
        "point": [value_text(x) for x in found.point],
        "nodes": found.nodes,
    }
    return (
        (0 if found.high - found.low <= exact(given["tolerance"]) else UNKNOWN),
        result,
        replace(found.certificate, about=told),
    )


def _property(net: LayeredNetwork, vnnlib: Path, effort: Effort) -> tuple[int, dict[str, Any], Certificate | None]:
    """Return exit code, result and certificate of a verdict."""
    from fvproof.verify.files.records import value_text
    from fvproof.verify.files.vnnlib import read_property
    from fvproof.verify.search.property import decide

    found = decide(net, read_property(vnnlib), effort=effort)
    point = None if found.point is None else [value_text(x) for x in found.point]
    code = {"unsat": 0, "sat": REFUTED, "unknown": UNKNOWN}[found.verdict]
    result = {"kind": "property", "verdict": found.verdict, "point": point, "nodes": found.nodes}
    named = None if found.certificate is None else replace(found.certificate, about={"property": str(vnnlib)})
    return code, result, named


def _reading(
    net: LayeredNetwork, given: dict[str, Any], effort: Effort
) -> tuple[int, dict[str, Any], Certificate | None]:
    """Return exit code, result and certificate of a reading radius."""
    from fvproof.theory.exact.points import as_vector
    from fvproof.verify.files.point_files import read_point
    from fvproof.verify.files.records import value_text
    from fvproof.verify.search.reading import certified_reading

    centre, _ = read_point(given["around"], "--around")
    point = as_vector(list(centre), name="--around")
    found = certified_reading(net, given["output"], point, given["share"], effort=effort)
    if found is None:
        return UNKNOWN, {"kind": "reading", "radius": None}, None
    result = {"radius": value_text(found.radius), "deviation": value_text(found.deviation), "complete": found.complete}
    return 0 if found.complete else UNKNOWN, {"kind": "reading", **result}, found.certificate


def _box(net: LayeredNetwork, given: dict[str, Any]) -> BoxDomain:
    """Return the box that the options describe."""
    from fvproof.verify.linear_forms import BoxDomain

    return BoxDomain(*(_end(given[name], net.dimension, f"--{name}") for name in ("low", "high")))


def _end(text: str, dimension: int, name: str) -> tuple[Any, ...]:
    """Return one corner of the box: one number for all coordinates, or one for each."""
    from fvproof.theory.exact.numbers import exact
    from fvproof.verify.files.records import value_text

    numbers = tuple(exact(part, name=name) for part in text.split(","))
    _ = [value_text(number) for number in numbers]  # what could not be written is refused before the search
    if len(numbers) not in (1, dimension):
        raise DomainError(f"{name} must be one number or {dimension}, not {len(numbers)}")
    return numbers * dimension if len(numbers) == 1 else numbers


REAL = "note     this holds for the exact numbers in the file, in real arithmetic; a runtime that rounds may leave it"


def _text(result: dict[str, Any]) -> str:
    """Return a result for people; the ends of an interval are rounded outwards."""
    from fvproof.verify.certificates.statement import outward, rounding
    from fvproof.verify.search.runtimes import runtime_words, shown

    about = [REAL, *(f"note     {line}" for line in rounding(result.get("rounded", 0)))]
    if result["kind"] == "reading":
        if result["radius"] is None:
            return "no radius could be certified"
        radius, deviation = (Fraction(result[key]) for key in ("radius", "deviation"))
        more = "" if result["complete"] else "; time is up, and a larger one may be proven"
        return (
            f"reading radius  {outward(radius, up=False, digits=6)} (Euclidean){more}\n"
            f"deviation       {outward(deviation, up=True, digits=6)} from an affine function there\n"
            + "\n".join(about)
        )
    point = "" if result["point"] is None else shown(result["point"])
    if result["kind"] == "property":
        lines = [f"verdict  {result['verdict']}"] + ([f"unsafe   {point}"] if point else [])
    else:
        low, high = (Fraction(result[end]) for end in ("low", "high"))
        ends = f"{outward(low, up=False)} and {outward(high, up=True)}"
        lines = [
            f"{result['kind']}  between {ends} (rounded; --json has the exact numbers)",
            f"width    {outward(high - low, up=True, digits=3)}",
            f"point    {point}",
        ]
    about = about if result.get("verdict") != "unknown" else []
    told = [] if result.get("runtime") is None else [runtime_words(result["runtime"], result["kind"])]
    return "\n".join([*lines, *told, f"nodes    {result['nodes']}", *about])
