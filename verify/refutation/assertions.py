"""Claims about decoders, for your own tests: each fails with the functions that prove it wrong.

Such as::

    def test_nobody_reads_relu_networks():
        assert_refuted(my_method, ReluNetworks(), dimension=3)

    def test_my_method_is_optimal_for_affine_units():
        assert_optimal(my_method, Affine(), dimension=3)
"""

from collections.abc import Callable
from typing import Required, TypedDict, Unpack

from fvproof.theory.classes.base import FunctionClass
from fvproof.verify.refutation.judging import OPTIMAL, Refutation
from fvproof.verify.refutation.refute import Broken, Effort, refute
from fvproof.verify.refutation.wording import explain

Decoder = Callable[..., object]


class Asked(TypedDict, total=False):
    """What a decoder is asked, and how hard one tries to refute it; see `fvproof.verify.refutation.refute.refute`."""

    dimension: Required[int]
    goal: str
    effort: Effort | None


def assert_refuted(decoder: Decoder, within: FunctionClass, **asked: Unpack[Asked]) -> Refutation:
    """Return functions of the class that prove a decoder wrong.

    Parameters
    ----------
    decoder, within
        See `fvproof.verify.refutation.refute.refute`.
    **asked
        Of these, `dimension` must be given.

    Raises
    ------
    AssertionError
        If none are found, or the decoder gives no answer.

    Examples
    --------
    >>> from fvproof.theory.classes import ReluNetworks
    >>> assert_refuted(lambda phi, x: phi.middle, ReluNetworks(), dimension=2).error
    Fraction(1, 2)
    """
    outcome = refute(within, decoder, **asked)
    if not isinstance(outcome, Refutation):
        raise AssertionError(explain(outcome, within))
    return outcome


def assert_solves(decoder: Decoder, within: FunctionClass, **asked: Unpack[Asked]) -> None:
    """Return if no function of the class was found that proves a decoder wrong; parameters as for `assert_refuted`.

    Raises
    ------
    AssertionError
        With the visualization, the query and the functions on which the decoder is wrong, or gives no answer.

    Examples
    --------
    >>> from fvproof.theory.classes import Affine
    >>> assert_solves(lambda phi, x: phi.minimum + phi.spread * abs(x[0] - phi.argmin[0]), Affine(), dimension=1)
    """
    outcome = refute(within, decoder, **asked)
    if isinstance(outcome, Refutation | Broken):
        raise AssertionError(explain(outcome, within))


def assert_optimal(decoder: Decoder, within: FunctionClass, *, dimension: int, effort: Effort | None = None) -> None:
    """Return if no case was found in which a decoder errs by more than every decoder must.

    Raises
    ------
    AssertionError
        With the visualization, the query and the functions on which the decoder errs by more.

    Examples
    --------
    >>> from fvproof.theory.classes import Convex
    >>> from fvproof.theory.decoders import chebyshev
    >>> assert_optimal(chebyshev(Convex()), Convex(), dimension=2)
    """
    assert_solves(decoder, within, dimension=dimension, goal=OPTIMAL, effort=effort)
