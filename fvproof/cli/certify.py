"""`fvproof certify`: the exact feature visualization of a trained ReLU network, and verdicts on its properties."""

from pathlib import Path
from shlex import join
from typing import Any

import click
from click.core import ParameterSource

from fvproof.cli.numbers import numbers, whole, whole_or_none


@click.command("certify")
@click.argument("network", metavar="NET")
@click.option("--output", default="0", callback=whole, show_default=True, metavar="I", help="Which output, from 0 on.")
@click.option("--unit", metavar="LAYER:CHANNEL", help="Of a torch model: a unit of any layer, instead of an output.")
@click.option("--weights", type=click.Path(path_type=Path), metavar="FILE", help="Of a torch model: its weights.")
@click.option("--shape", callback=numbers(int, 2, 3, 4), metavar="C,H,W", help="Of a torch model that states none.")
@click.option(
    "--low", default="0", show_default=True, metavar="X", help="Lower end of the box: a number, or d of them."
)
@click.option("--high", default="1", show_default=True, metavar="X", help="Upper end of the box.")
@click.option("--minimize", is_flag=True, help="Certify the minimum.")
@click.option("--tolerance", default="1e-5", show_default=True, metavar="T", help="Width at which the search stops.")
@click.option("--property", type=click.Path(path_type=Path), metavar="FILE", help="Decide a VNN-LIB file.")
@click.option("--around", metavar="POINT", help="A point or image: numbers with commas, an .npy file, a picture.")
@click.option("--radius", metavar="R", help="Certify over what lies within R around it: 1/255, say.")
@click.option("--norm", metavar="NORM", help="Of the radius: linf, every input by itself, or l2.  [default: linf]")
@click.option("--minus", callback=whole_or_none, metavar="J", help="With a radius: output I less output J.")
@click.option("--reading-radius", metavar="SHARE", help="Certify how far around it the output can be read.")
@click.option(
    "--timeout", "timeout_s", default=600.0, show_default=True, type=click.FloatRange(0), metavar="S", help="Seconds."
)
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes.  [default: all cores]")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the certificate.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(*, network: str, as_json: bool, **given: Any) -> int:  # noqa: ANN401  click's
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
    from fvproof.verbs.certifying import certify  # a solver only when it is needed

    found = certify(network, command=_command_line(), **given)
    click.echo(found.to_json() if as_json else found.text)
    return found.code


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
