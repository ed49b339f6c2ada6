"""What a shell completes: networks, classes, statements, choices and files; torch is not loaded for it."""

from collections.abc import Callable, Iterable
from functools import partial

import click
from click.shell_completion import CompletionItem

FILES = {"FILE", "POINT", "FILE.py:FUNCTION", "NET", "MODEL"}
"""What can be the name of a file, by the word that stands for it in the usage."""

CHOICES: dict[str, tuple[str, ...]] = {
    "--task": ("exact", "approximate", "side", "order", "optimal"),
    "--norm": ("l1", "l2", "linf"),
    "--parametrization": ("fourier", "pixel", "maco"),
    "--transforms": ("off", "light", "standard", "padded"),
    "--device": ("auto", "cpu", "cuda", "mps"),
    "--executor": ("local", "processes:", "dask:"),
    "--engines": ("ours", "plain", "still", "pixels", "noise", "fast", "lucent", "all"),
}
"""The choices of options that are checked by what uses them."""

EMBEDDED = ("digits", "digits-small", "digits-plain", "digits-cosine", "digits-prototype")
"""The networks that are part of the package."""


def completing(command: click.Command) -> click.Command:
    """Return a command whose arguments and options a shell can complete."""
    for parameter in command.params:
        word = str(parameter.metavar).strip("[] .")
        words = next((partial(CHOICES.get, option) for option in parameter.opts if option in CHOICES), WORDS.get(word))
        if words is not None or (word in FILES and not isinstance(parameter.type, click.Path | click.File)):
            complete = partial(_completed, words or tuple, files=word in FILES)
            parameter.shell_complete = complete  # type: ignore[method-assign]
    return command


def _completed(
    words: Callable[[], Iterable[str] | None], _context: click.Context, incomplete: str, *, files: bool
) -> list[CompletionItem]:
    """Return the words that begin like this one, and leave files to the shell."""
    found = [CompletionItem(word) for word in words() or () if word.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")] if files else found


def models() -> tuple[str, ...]:
    """Return what MODEL can begin with, files aside."""
    return (*EMBEDDED, "torchvision:", "timm:")


def _classes() -> Iterable[str]:
    """Return the classes of functions."""
    from fvproof.theory.classes import CLASSES, RELIABLE  # numpy only when it is needed

    return [*CLASSES, *RELIABLE]


def _statements() -> Iterable[str]:
    """Return the statements."""
    from fvproof.theory.statements import STATEMENTS

    return STATEMENTS


WORDS: dict[str, Callable[[], Iterable[str]]] = {
    "MODEL": models,
    "NET": models,
    "CLASS": _classes,
    "STATEMENT": _statements,
}
"""What completes an argument, by the word that stands for it in the usage."""
