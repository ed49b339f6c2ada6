"""How a run ends: its exit code, and what is said on standard error when it did not go well."""

import errno
import os
import select
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper

import click

from fvproof.theory.errors import FvproofError
from fvproof.theory.texts import MOST_PRINTED

BAD_INPUT, FAULT, INTERRUPTED, READER_GONE = 2, 70, 130, 141
"""Exit codes beside those of the commands: the last three are EX_SOFTWARE, 128 + SIGINT and 128 + SIGPIPE."""

UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EBADF, errno.EIO}
"""Errors of an output that cannot be written, which Python reports without the name of a file."""

DEBUG = "FVPROOF_DEBUG"
"""The environment variable that, unless it is empty or 0, shows tracebacks, as `--debug` does."""


def exit_code(run: Callable[[], int | None]) -> int:
    """Return the exit code of a run; where it fails, say why in one sentence on standard error.

    Bad input and an output that cannot be written are 2. An error that nobody foresaw is 70, never 1, which is a
    verdict. Ctrl-C (130) and a reader that has gone away, as in `fvproof table | head -1` (141), need no words.
    """
    _open_streams()
    try:
        code, said = run() or 0, ""
        sys.stdout.flush()
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001  whatever is raised, 1 is not its code
        code, said = _meaning(error)
    with suppress(OSError):
        click.echo(said, err=True, nl=bool(said))
    _silence_broken_streams()
    return code


@contextmanager
def traced(context: click.Context) -> Iterator[None]:
    """Show the traceback of an error, if that is wished for."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception:
        if context.meta.get(DEBUG) or os.environ.get(DEBUG, "0") not in ("", "0"):
            traceback.print_exc()
        raise


def with_debug(command: click.Command, *, hidden: bool = True) -> click.Command:
    """Give a command the option `--debug`: the help shows that of the program, but it is understood everywhere."""
    if all(parameter.name != "debug" for parameter in command.params):
        about = f"Show the traceback of an error, as {DEBUG}=1 does."
        kind = {"is_flag": True, "is_eager": True, "expose_value": False, "hidden": hidden, "help": about}
        command.params.append(click.Option(["--debug"], callback=_remember, **kind))
    return command


def _remember(context: click.Context, _parameter: click.Parameter, value: object) -> None:
    """Remember for all the contexts of a run that tracebacks are wished for."""
    context.meta[DEBUG] = context.meta.get(DEBUG) or value


def _meaning(error: BaseException) -> tuple[int, str]:
    """Return exit code and sentence of what was raised."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code, ""
        case KeyboardInterrupt():
            return INTERRUPTED, ""
        case BrokenPipeError() if _reader_gone():
            return READER_GONE, ""
        case click.UsageError() if type(error).__name__ == "NoArgsIsHelpError":
            return BAD_INPUT, error.format_message()  # the whole help, with its line breaks
        case _:
            told = _bad_input(error)
            code, said = (FAULT, _fault(error)) if told is None else (BAD_INPUT, told)
            return code, f"fvproof: {' '.join(said.split())}"


def _bad_input(error: BaseException) -> str | None:
    """Return what is wrong with what was given; None if nobody foresaw the error."""
    match error:
        case FvproofError() | click.ClickException():
            return error.format_message() if isinstance(error, click.ClickException) else str(error)
        case MemoryError():
            return "out of memory: there must be more room for what is asked"
        case OSError() if error.filename is not None:  # a file of the user's, such as one whose name is too long
            return f"{error.filename}: {error.strerror}"
        case OSError() if error.errno in UNWRITABLE:
            return f"input and output must be open, and have room: {error.strerror}"
        case ValueError() if "integer string conversion" in str(error):
            return f"an exact number in the result has more than {MOST_PRINTED:,} digits, and is not printed"
        case _:
            return None


def _fault(error: BaseException) -> str:
    """Return a sentence about an error that nobody foresaw."""
    try:
        told = f"{type(error).__name__}: {error}".rstrip(": ")
    except Exception:  # noqa: BLE001  the text of somebody else's error is somebody else's code
        told = type(error).__name__
    return (
        f"an unforeseen error, which is no verdict: {told}; please report it with your command and the traceback "
        f"that --debug or {DEBUG}=1 shows"
    )


def _open_streams() -> None:
    """Have three standard streams that can take every character, even where some were closed before the start.

    The next file to be opened would take the place of a closed one, and get what is printed. So that nothing printed
    vanishes unseen, a closed standard input or output is one that cannot be read or written.
    """
    for name, mode, how in (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, how), mode, encoding="utf-8", closefd=False))
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _reader_gone() -> bool:
    """Return whether what reads standard output or error has been closed."""
    poller = select.poll()
    for stream in (1, 2):
        poller.register(stream, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poller.poll(0))


def _silence_broken_streams() -> None:
    """Throw away what cannot be written, which the interpreter would try again, and complain about, at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
