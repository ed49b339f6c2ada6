"""Asking a decoder that somebody brings: it may guess at random, fail, be slow, or change what it is shown."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import FrameType
from typing import Any

from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.classes.erm import EmpiricalRiskMinimisers
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.exact.surds import Exact, Surd
from fvproof.theory.tasks import Task
from fvproof.theory.texts import printable
from fvproof.theory.visualization import Visualization

DecoderAnswer = Exact | bool
"""A predicted value, or for `Task.SIDE` and `Task.ORDER` a decision."""

SAMPLES = 64
"""How often a random decoder is asked."""

MOST_DIGITS, MOST_BITS = 1000, 3322
"""An answer has no more decimal, or binary, digits."""

TOO_LARGE = f"the decoder answers with a number of more than {MOST_DIGITS} digits, which cannot be judged"

AGAIN_S = 0.1
"""Code that swallows the interruption is interrupted again after this time."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a decoder did instead of answering.

    Parameters
    ----------
    how
        In words that follow "the decoder".
    slow
        Whether it was stopped because the time was up.
    """

    how: str
    slow: bool = False


def ask(
    decoder: Callable[..., object],
    goal: str,
    within: FunctionClass,
    case: tuple[Visualization, Sequence[Point]],
    *,
    limit_s: float,
) -> tuple[DecoderAnswer, ...] | Failure:
    """Return what a decoder answers: one answer, or a sample of answers if it guesses at random.

    Whatever it raises is a failure to answer, but Ctrl-C still stops the program: a KeyboardInterrupt is passed on,
    unless this process ignores that signal.

    The decoder is called with the visualization and the query (two queries for `Task.ORDER`), as tuples of fractions,
    and for networks trained on a set S with the list of pairs (point, label) of S. It returns a number; for
    `Task.SIDE` (is the value closer to M than to m?) and `Task.ORDER` (does the first query excite the unit at least as
    much?) True or False; or a function without arguments that draws such an answer at random.

    Parameters
    ----------
    decoder
        Any callable.
    goal
        What it is asked for: a task, or ``"optimal"`` for values of least error.
    within
        The class of functions.
    case
        The visualization and the queries; the decoder gets copies.
    limit_s
        Seconds for one answer.

    Raises
    ------
    DomainError
        If an answer is a number of more than a thousand digits.

    Examples
    --------
    >>> from fvproof.theory.classes import BlackBox
    >>> phi = Visualization([0], [1], 0, 1)
    >>> case = (phi, [phi.query(["1/2"])])
    >>> ask(lambda phi, x: 0.25, Task.EXACT, BlackBox(), case, limit_s=1)
    (Fraction(1, 4),)
    >>> ask(lambda phi, x: 1 / 0, Task.EXACT, BlackBox(), case, limit_s=1)
    Failure(how='raises ZeroDivisionError: division by zero', slow=False)
    """
    shown, untouched = _arguments(within, *case), _arguments(within, *case)
    try:
        with time_limit(limit_s):
            said = decoder(*shown)
            drawn = [said() for _ in range(SAMPLES)] if callable(said) else [said]
    except TooSlow:
        return Failure(f"takes more than {limit_s:g} s for one answer", slow=True)
    except BaseException as error:  # whatever a decoder raises is its failure, not ours
        if isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            raise  # somebody presses Ctrl-C
        return Failure(f"raises {described(error)}")
    if shown != untouched:
        return Failure("changes what it is shown")
    return _answers(drawn, goal)


def described(error: BaseException) -> str:
    """Return the name of an error and what it says, if it can say it.

    Examples
    --------
    >>> described(ValueError("too long")), described(KeyError())
    ('ValueError: too long', 'KeyError')
    """
    return printable(f"{type(error).__name__}: {_shown(error, str)}".rstrip(": "))


def _shown(value: object, how: Callable[[object], str]) -> str:
    """Return somebody's value as text on one line; where its own code fails, the name of its type."""
    try:
        return " ".join(how(value).split())
    except Exception:  # noqa: BLE001  somebody else's code may raise anything
        return "" if how is str else type(value).__name__


def _arguments(within: FunctionClass, phi: Visualization, queries: Sequence[Point]) -> list[Any]:
    """Return what the decoder is called with, made anew."""
    copy = Visualization(fractions(phi.argmin), fractions(phi.argmax), phi.minimum, phi.maximum, phi.domain)
    training = []
    if isinstance(within, EmpiricalRiskMinimisers):
        training = [[(tuple(fractions(key.point)), label) for key, label in within.labels.items()]]
    return [copy, *(fractions(query) for query in queries), *training]


def _answers(drawn: Sequence[object], goal: str) -> tuple[DecoderAnswer, ...] | Failure:
    """Return the answers in exact form, or why they are none."""
    read = _decision if goal in (Task.SIDE, Task.ORDER) else _value
    answers = [read(said) for said in drawn]
    return next((a for a in answers if isinstance(a, Failure)), tuple(answers))  # type: ignore[arg-type]


def _value(said: object) -> Exact | Failure:
    """Return a prediction as the exact number that it is.

    Raises
    ------
    DomainError
        If it is a number, and too large to be computed with.
    """
    if isinstance(said, Surd):
        return _sized(said)
    if isinstance(said, str | bool):
        return Failure(f"returns {_shown(said, repr)[:60]} instead of a number")
    if isinstance(said, Decimal) and said.is_finite() and abs(said.adjusted()) > MOST_DIGITS:
        raise DomainError(TOO_LARGE)
    try:
        value = exact(said)
    except OverflowError:
        raise DomainError(TOO_LARGE) from None
    except Exception:  # noqa: BLE001  a number of somebody else's type may raise anything
        return Failure(f"returns {_shown(said, repr)[:60]} instead of a number")
    return _sized(value)


def _sized(value: Exact) -> Exact:
    """Return a number that is not too large to be computed with."""
    parts = (value,) if isinstance(value, Fraction) else (value.rational, *(x for pair in value.roots for x in pair))
    if any(max(abs(part.numerator), part.denominator).bit_length() > MOST_BITS for part in parts):
        raise DomainError(TOO_LARGE)
    return value


def _decision(said: object) -> bool | Failure:
    """Return a decision as a bool."""
    if isinstance(said, bool) or type(said).__name__ in ("bool", "bool_"):  # numpy's too
        return bool(said)
    return Failure(f"returns {_shown(said, repr)[:60]} instead of True or False")


class TooSlow(BaseException):
    """Raised within code that takes too long; no `Exception`, so that `except Exception` does not stop it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in the enclosed code once the time is up.

    It works in the main thread of Unix systems, and interrupts Python code; a call that stays in C is interrupted when
    it returns. Elsewhere there is no limit. For code that may hang in any way, use a process of its own.

    Parameters
    ----------
    seconds
        The limit.

    Examples
    --------
    >>> try:
    ...     with time_limit(0.05):
    ...         while True:
    ...             pass
    ... except TooSlow:
    ...     print("interrupted")
    interrupted
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
