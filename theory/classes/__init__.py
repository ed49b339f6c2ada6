"""The classes of functions, one file per row of the table, and their registry."""

from inspect import signature

from fvproof.theory.classes.affine import Affine
from fvproof.theory.classes.affine_on_body import AffineOnBody
from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.classes.black_box import BlackBox
from fvproof.theory.classes.concave import Concave
from fvproof.theory.classes.constant import Constant
from fvproof.theory.classes.continuous import Continuous
from fvproof.theory.classes.convex import Convex
from fvproof.theory.classes.erm import EmpiricalRiskMinimisers
from fvproof.theory.classes.lipschitz import Lipschitz, LipschitzUnknown
from fvproof.theory.classes.monotone import Monotone
from fvproof.theory.classes.monotone_lipschitz import MonotoneLipschitz
from fvproof.theory.classes.piecewise_affine import PiecewiseAffine
from fvproof.theory.classes.quadratic import Quadratic
from fvproof.theory.classes.radial import Radial
from fvproof.theory.classes.relu_network import ReluNetworks
from fvproof.theory.classes.ridge import Ridge
from fvproof.theory.classes.smooth import Smooth
from fvproof.theory.classes.two_piece_affine import TwoPieceAffine
from fvproof.theory.errors import DomainError, UnknownName

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
"""The classes of the overview and their relatives, all on the cube, by name and in the order of the table."""
RELIABLE: dict[str, type[FunctionClass]] = {each.name: each for each in (AffineOnBody, Ridge, Radial, Quadratic)}
"""The classes of which a visualization tells more, by the domain or the structure, by name."""


def function_class(name: str, **parameters: object) -> FunctionClass:
    """Return the class of that name with the given parameters.

    Parameters
    ----------
    name
        A key of `CLASSES` or `RELIABLE`.
    **parameters
        What the class needs: ``lipschitz`` (and ``norm``, by default ``"l2"``) for ``lipschitz`` and
        ``monotone-lipschitz``, ``training`` for ``erm``; ``norm`` for ``radial``, ``body``, ``ball`` and ``link`` for
        classes on balls, if they differ from the default.

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
    every = CLASSES | RELIABLE
    if name not in every:
        raise UnknownName("class", name, every)
    known = signature(every[name]).parameters
    if unknown := sorted(set(parameters) - set(known)):
        takes = f"the parameters {', '.join(known)}" if known else "no parameters"
        raise DomainError(f"the class {name} takes {takes}, not {', '.join(unknown)}")
    if missing := [p for p, spec in known.items() if spec.default is spec.empty and p not in parameters]:
        raise DomainError(f"the class {name} needs the parameter {', '.join(missing)}")
    return every[name](**parameters)
