"""What the help of every command says below its options: what MODEL or CLASS can be, why the defaults, examples."""

from collections.abc import Iterator
from functools import partial

import click

from fvproof.cli.examples import EXAMPLES

MODEL = (
    (
        "digits",
        "A small network for handwritten digits that is part of the package, as are digits-small and its images.",
    ),
    ("torchvision:NAME", "A network of torchvision, such as torchvision:resnet18, with the weights found there."),
    ("timm:NAME", "A network of timm."),
    ("FILE.py:FUNCTION", "Your own: a function without arguments that returns a torch.nn.Module."),
    ("FILE.pt2", "A torch export."),
    ("FILE.onnx", "An ONNX file; say with --mean, --std and --range how it reads images."),
)
"""What MODEL can be."""

REASONS: dict[str, str] = {
    "--mean": "Images are taken as they are; networks of torchvision and timm state what they need.",
    "--device": "A GPU where there is one: results agree up to rounding.",
    "--crop": "224 of 256 pixels, as networks for ImageNet are evaluated.",
    "--norm": "Euclidean distance.",
    "--radius": "The unit ball: other balls are this one, scaled.",
    "--steps": "What still rises at the last step is called not converged: give it more. Commands that visualize each "
    "unit several times take fewer.",
    "--seed": "The same seed gives the same result.",
    "--executor": "One process, which uses all cores already; others help where there are more machines or GPUs.",
    "--per-class": "More narrows the intervals, with the root of the number.",
    "--engines": "Five that search unlike each other; all is seven, and takes longer.",
    "--unseen": "A quarter tells what changes on images that nothing was fitted to, and most are left to learn from.",
    "--tolerance": "A visualization is not read more finely.",
    "--timeout": "Time in which small networks and short searches end; what is found by then is told.",
    "--certify": "Long enough for networks of some dozens of ReLUs; more only narrows the bound.",
    "--cases": "Where a decoder is wrong, the first few cases mostly say so; the search ends there.",
    "--solver": "z3 decides every statement; cvc5 is a second opinion.",
    "--low": "Pixels lie between 0 and 1.",
}
"""Why an option has the default that it has."""


def with_manual(command: click.Command, name: str) -> click.Command:
    """Return a command whose help ends with these pages; they are only made when they are asked for."""
    command.format_epilog = partial(_write, command, name)  # type: ignore[method-assign]
    return command


def manual(command: click.Command, name: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the sections of a command's manual: a title, and pairs of a term and what it says."""
    kinds = {str(parameter.metavar).strip("[] .") for parameter in command.params}
    if "MODEL" in kinds or isinstance(command, click.Group):
        yield "MODEL", [*MODEL]
    if "CLASS" in kinds:
        from fvproof.theory.classes import CLASSES, RELIABLE  # numpy only when it is needed

        yield "CLASS", [(key, kind.title) for key, kind in (CLASSES | RELIABLE).items()]
    if "STATEMENT" in kinds:
        from fvproof.theory.statements import STATEMENTS

        yield "STATEMENT", [(key, each.title) for key, each in STATEMENTS.items()]
    options = {option for parameter in command.params for option in parameter.opts}
    if why := [(option, text) for option, text in REASONS.items() if option in options]:
        yield "Why these defaults", why
    yield "Examples", [*EXAMPLES[name]]


def _write(command: click.Command, name: str, _context: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the manual as the end of a help page."""
    for title, pairs in manual(command, name):
        with formatter.section(title):
            if title != "Examples":
                formatter.write_dl(pairs)
                continue
            for line, said in pairs:  # whole, so that it can be copied
                formatter.write(f"  {line}\n      {said}\n")
