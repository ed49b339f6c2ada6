"""Claims about decoders, for your own tests: each fails with the functions that prove it wrong.

Such as::

    def test_nobody_reads_relu_networks():
        assert_refuted(my_method, ReluNetworks(), dimension=3)

    def test_my_method_is_optimal_for_affine_units():
        assert_optimal(my_method, Affine(), dimension=3)
"""

from collections.abc import Callable

from theory.classes.base import FunctionClass
from theory.tasks import Task
from verify.refutation.judging import OPTIMAL, Refutation
from verify.refutation.wording import explain
from verify.refute import Broken, Effort, refute


def assert_refuted(
    decoder: Callable[..., object],
    within: FunctionClass,
    *,
    dimension: int,
    goal: str = Task.EXACT,
    effort: Effort | None = None,
) -> Refutation:
    """Return functions of the class that prove a decoder wrong.

    Parameters
    ----------
    decoder, within, dimension, goal, effort
        See `verify.refute.refute`.

    Raises
    ------
    AssertionError
        If none are found, or the decoder gives no answer.

    Examples
    --------
    >>> from theory.classes import ReluNetworks
    >>> assert_refuted(lambda phi, x: phi.middle, ReluNetworks(), dimension=2).error
    Fraction(1, 2)
    """
    outcome = refute(within, decoder, dimension=dimension, goal=goal, effort=effort)
    if not isinstance(outcome, Refutation):
        raise AssertionError(explain(outcome, within))
    return outcome


def assert_solves(
    decoder: Callable[..., object],
    within: FunctionClass,
    *,
    dimension: int,
    goal: str = Task.EXACT,
    effort: Effort | None = None,
) -> None:
    """Return if no function of the class was found that proves a decoder wrong.

    Parameters
    ----------
    decoder, within, dimension, goal, effort
        See `verify.refute.refute`.

    Raises
    ------
    AssertionError
        With the visualization, the query and the functions on which the decoder is wrong, or gives no answer.

    Examples
    --------
    >>> from theory.classes import Affine
    >>> assert_solves(lambda phi, x: phi.minimum + phi.spread * abs(x[0] - phi.argmin[0]), Affine(), dimension=1)
    """
    outcome = refute(within, decoder, dimension=dimension, goal=goal, effort=effort)
    if isinstance(outcome, Refutation | Broken):
        raise AssertionError(explain(outcome, within))


def assert_optimal(
    decoder: Callable[..., object], within: FunctionClass, *, dimension: int, effort: Effort | None = None
) -> None:
    """Return if no case was found in which a decoder errs by more than every decoder must.

    Parameters
    ----------
    decoder, within, dimension, effort
        See `verify.refute.refute`.

    Raises
    ------
    AssertionError
        With the visualization, the query and the functions on which the decoder errs by more.

    Examples
    --------
    >>> from theory.classes import Convex
    >>> from theory.decoders import chebyshev
    >>> assert_optimal(chebyshev(Convex()), Convex(), dimension=2)
    """
    assert_solves(decoder, within, dimension=dimension, goal=OPTIMAL, effort=effort)
