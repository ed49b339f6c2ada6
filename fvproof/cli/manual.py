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
    "--model": "The network that comes along.",
    "--mean": "Images are taken as they are; networks of torchvision and timm state what they need.",
    "--range": "What most networks are given before they subtract a mean.",
    "--device": "A GPU where there is one: results agree up to rounding.",
    "--crop": "224 of 256 pixels, as networks for ImageNet are evaluated.",
    "--norm": "Euclidean distance.",
    "--domain": "All images.",
    "--radius": "Of exact answers the unit ball, since other balls are this one, scaled; of an audit that on which the "
    "median image lies.",
    "--steps": "What still rises at the last step is called not converged: give it more. Commands that visualize each "
    "unit several times take fewer.",
    "--seed": "The same seed gives the same result.",
    "--learning-rate": "Of ascent what is usual for feature visualizations; of fine-tuning so little that the network "
    "goes on to do what it did.",
    "--parametrization": "Waves give pictures that people can look at; on pixels, ascent ends in high frequencies.",
    "--transforms": "Small motions before each step keep ascent from what hangs on single pixels.",
    "--diversity": "The best alone; more show what else excites a unit.",
    "--patience": "All steps are taken, so that units are compared after equally many.",
    "--position": "The mean counts a feature wherever it is.",
    "--batch-size": "Between what suits a CPU, 8 for photographs, and a GPU, hundreds; if memory is short, fewer are "
    "taken.",
    "--precision": "bfloat16 where the hardware multiplies it faster; what is told of an image is computed in float32.",
    "--executor": "One process, which uses all cores already; others help where there are more machines or GPUs.",
    "--per-class": "More narrows the intervals, with the root of the number.",
    "--layer-count": "Known manipulations are of a whole layer or of the output: a few are looked at.",
    "--per-layer": "Where a layer was manipulated, most of its units show it.",
    "--conditions": "Natural examples are the control: what people tell from them alone.",
    "--pairs": "Few enough for one sitting with some units; more narrow the intervals.",
    "--difficulty": "As in studies with people.",
    "--learned": "The more ascents the detector learns from, the more engines it knows; they take most of the time.",
    "--offset": "The next unit; any other serves as well.",
    "--factor": "Far enough from the natural images for the starts of all engines; the paper has 3.",
    "--scale": "What lies beyond the natural images is then a hundred times stronger than the unit itself.",
    "--show": "Of a fooled network a few: each is visualized before and after, by every engine. A census needs none.",
    "--engines": "Five that search unlike each other; all is seven, and takes longer.",
    "--train-steps": "Seconds for a small network; a large one may need more.",
    "--unseen": "A quarter tells what changes on images that nothing was fitted to, and most are left to learn from.",
    "--tolerance": "A visualization is not read more finely.",
    "--timeout": "Time in which small networks and short searches end; what is found by then is told.",
    "--certify": "Long enough for networks of some dozens of ReLUs; more only narrows the bound.",
    "--cases": "Where a decoder is wrong, the first few cases mostly say so; the search ends there.",
    "--task": "What is claimed most often: that the decoder knows the value.",
    "--solver": "z3 decides every statement; cvc5 is a second opinion.",
    "--low": "Pixels lie between 0 and 1.",
    "--high": "Pixels lie between 0 and 1.",
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
