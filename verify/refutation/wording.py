"""The outcome of a refutation, in words."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.exact.surds import Exact
from fvproof.theory.tasks import Task
from fvproof.theory.wording import percent
from fvproof.verify.files.floats import float_text
from fvproof.verify.refutation.asking import DecoderAnswer
from fvproof.verify.refutation.checks import QUERIES
from fvproof.verify.refutation.judging import OPTIMAL, Refutation
from fvproof.verify.refutation.refute import AskedCase, Broken, Outcome, Survived

CLAIMS: Mapping[str, str] = {
    Task.EXACT: "knows the value",
    Task.APPROXIMATE: "is closer to the value than (M − m)/2",
    Task.SIDE: "knows whether the value is closer to M than to m",
    Task.ORDER: "knows which query excites the unit at least as much",
    OPTIMAL: "errs by no more than every decoder must",
}
"""What a decoder was asked for, in words that follow "the decoder"."""


def explain(outcome: Outcome, within: FunctionClass) -> str:
    """Return the outcome in a few lines.

    Parameters
    ----------
    outcome
        What `fvproof.verify.refutation.refute.refute` returned.
    within
        The class of functions that it was asked about.

    Examples
    --------
    >>> from fvproof.theory.classes import Affine
    >>> from fvproof.verify.refutation.refute import refute
    >>> print(explain(refute(Affine(), lambda phi, x: phi.middle, dimension=1), Affine()))
    refuted: not for every affine function it is true that the decoder knows the value
      visualization: argmin (0), argmax (1), minimum 0, maximum 1
      query x = (0)
      the decoder answers 1/2
      f(x) = 0: the answer is off by 1/2
    """
    match outcome:
        case Refutation():
            return "\n".join(_refutation(outcome, within))
        case Broken():
            return "\n".join([f"broken: the decoder {outcome.failure.how}", *_case(outcome.case)])
        case Survived():
            told = f"the decoder {CLAIMS[outcome.goal]}, for every {within.title} with the visualization"
            tried = f"in all {outcome.tried} cases tried {told}"
            return f"not refuted: {tried}" if outcome.complete else f"not refuted in time: {tried}"


def _refutation(found: Refutation, within: FunctionClass) -> list[str]:
    """Return the lines about a refutation."""
    lines = [f"refuted: not for every {within.title} it is true that the decoder {CLAIMS[found.goal]}"]
    lines += _case((found.twins.visualization, found.twins.queries))
    lines.append(f"  the decoder answers {_answers(found)}")
    for values, error in zip(found.twins.values, found.errors, strict=True):
        lines.append(f"  {_values(values)}: {_verdict(found, error)}")
    if len(found.twins.members) == 2:
        lines.append(f"  {_both(found)}")
    return lines


def _both(found: Refutation) -> str:
    """Return what the two functions mean for every decoder."""
    if found.goal in (Task.SIDE, Task.ORDER):
        return "no answer is right for both, and they have the same visualization"
    return (
        f"they have the same visualization: every decoder errs by {_number(found.unavoidable)} or more on one of them"
    )


def _case(case: AskedCase) -> list[str]:
    """Return the lines about a visualization and queries."""
    phi, queries = case
    extrema = f"argmin {_point(phi.argmin)}, argmax {_point(phi.argmax)}"
    lines = [f"  visualization: {extrema}, minimum {phi.minimum}, maximum {phi.maximum}"]
    return lines + [f"  query {name} = {_point(query)}" for name, query in zip(QUERIES, queries, strict=False)]


def _answers(found: Refutation) -> str:
    """Return what the decoder answers."""
    if len(set(found.answers)) == 1:
        return _number(found.answers[0])
    return f"at random: {', '.join(map(_number, found.answers[:4]))}, … ({len(found.answers)} samples)"


def _verdict(found: Refutation, error: Exact) -> str:
    """Return how wrong the answers are on one function."""
    if not error:
        return "the answer is right"
    if found.goal not in (Task.SIDE, Task.ORDER):
        return f"the answer is off by {_number(error)}{' on average' if len(found.answers) > 1 else ''}"
    return (
        "the answer is wrong"
        if error == 1
        else f"the answer is wrong in {percent(float(error), rounded='down')} of the samples"
    )


def _values(values: Sequence[Exact]) -> str:
    """Return the values at the queries."""
    return ", ".join(f"f({name}) = {_number(value)}" for name, value in zip(QUERIES, values, strict=False))


def _point(point: Point) -> str:
    """Return a point's coordinates."""
    return f"({', '.join(map(str, fractions(point)))})"


def _number(value: DecoderAnswer) -> str:
    """Return an answer or an exact number, rounded where it is long."""
    if len(text := str(value)) <= 24:
        return text
    try:
        return f"about {float(value):.6g}"
    except OverflowError:
        return f"about {'-' if value < 0 else ''}{float_text(Fraction(value))}" if isinstance(value, Fraction) else text
