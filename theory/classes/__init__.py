"""The classes of functions, one file per row of the table, and their registry."""

from inspect import signature

from theory.classes.affine import Affine
from theory.classes.base import FunctionClass
from theory.classes.black_box import BlackBox
from theory.classes.concave import Concave
from theory.classes.constant import Constant
from theory.classes.continuous import Continuous
from theory.classes.convex import Convex
from theory.classes.erm import EmpiricalRiskMinimisers
from theory.classes.lipschitz import Lipschitz, LipschitzUnknown
from theory.classes.monotone import Monotone
from theory.classes.monotone_lipschitz import MonotoneLipschitz
from theory.classes.piecewise_affine import PiecewiseAffine
from theory.classes.relu_network import ReluNetworks
from theory.classes.smooth import Smooth
from theory.classes.two_piece_affine import TwoPieceAffine
from theory.errors import DomainError, UnknownName

CLASSES: dict[str, type[FunctionClass]] = {
    each.name: each
    for each in (
        BlackBox,
        Continuous,
        Smooth,
        ReluNetworks,
        EmpiricalRiskMinimisers,
        LipschitzUnknown,
        Lipschitz,
        PiecewiseAffine,
        TwoPieceAffine,
        Monotone,
        MonotoneLipschitz,
        Convex,
        Concave,
        Affine,
        Constant,
    )
}
"""Every class by its name, in the order of the table."""


def function_class(name: str, **parameters: object) -> FunctionClass:
    """Return the class of that name with the given parameters.

    Parameters
    ----------
    name
        A key of `CLASSES`.
    **parameters
        What the class needs: ``lipschitz`` (and ``norm``, by default ``"l2"``) for ``lipschitz`` and
        ``monotone-lipschitz``, ``training`` for ``erm``, nothing for the others.

    Raises
    ------
    UnknownName
        If there is no such class; the message lists the near names.
    DomainError
        If a parameter is missing, not known to the class, or out of range.

    Examples
    --------
    >>> function_class("lipschitz", lipschitz="1/2", norm="l1")
    Lipschitz(lipschitz=Fraction(1, 2), norm=<Norm.L1: 'l1'>)
    """
    if name not in CLASSES:
        raise UnknownName("class", name, CLASSES)
    known = signature(CLASSES[name]).parameters
    if unknown := sorted(set(parameters) - set(known)):
        takes = f"the parameters {', '.join(known)}" if known else "no parameters"
        raise DomainError(f"the class {name} takes {takes}, not {', '.join(unknown)}")
    if missing := [p for p, spec in known.items() if spec.default is spec.empty and p not in parameters]:
        raise DomainError(f"the class {name} needs the parameter {', '.join(missing)}")
    return CLASSES[name](**parameters)
