"""Queries as data: the class, the visualization and the point of a question, read from a mapping of plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any, TypedDict

from typing_extensions import Unpack

from fvproof.theory.bodies import Ellipsoid, Polytope
from fvproof.theory.classes import CLASSES, RELIABLE, FunctionClass, function_class
from fvproof.theory.classes.base import Parted
from fvproof.theory.domains import Ball, ConvexBody
from fvproof.theory.errors import DomainError, UnknownName
from fvproof.theory.exact.points import Point
from fvproof.theory.exemplars import ambiguity
from fvproof.theory.interval import Interval
from fvproof.theory.noise import noisy_ambiguity
from fvproof.theory.visualization import Visualization

REQUIRED = ("class", "argmin", "argmax", "min", "max", "at")
PLACES = ("body", "ball")
BODY = ("centre", "radius", "matrix", "corners")
_TAKEN = dict.fromkeys(name for each in (CLASSES | RELIABLE).values() for name in signature(each).parameters)
PARAMETERS = (*(name for name in _TAKEN if name not in PLACES), *BODY)
"""The keys for parameters: those of the classes, and for a domain what describes it."""
OPTIONAL = ("unique_extrema", "exemplars", "slack", "noise")


class Knowledge(TypedDict, total=False):
    """What is known beside the visualization: exemplars, how far off extrema may be, and how far off their values."""

    exemplars: Iterable[tuple[Any, Any]] | None
    slack: object
    noise: object


@dataclass(frozen=True, slots=True)
class Answer:
    """What is possible at a query.

    Parameters
    ----------
    possible
        The smallest interval that holds the ambiguity set.
    parts
        The ambiguity set itself: one interval, or two with a gap between them.
    visualization
        The visualization that was asked about.
    """

    possible: Interval
    parts: tuple[Interval, ...]
    visualization: Visualization


def answer(query: Mapping[str, Any]) -> Answer:
    """Return what a query asks for.

    Parameters
    ----------
    query
        The keys `REQUIRED`, and those of `PARAMETERS` and `OPTIONAL` that it needs: numbers as
        `fvproof.theory.exact.numbers.exact` reads them, points as lists of numbers or arrays, training sets and
        exemplars as pairs of a point and a value. A ball has ``centre`` and ``radius``, an ellipsoid ``centre`` and
        ``matrix``, a polytope ``corners``; a known ``link`` of a ridge function is a list of pairs (t, value) to be
        joined, from t = −1 to 1.

    Raises
    ------
    FvproofError
        If something is missing, unknown, or out of range; the message says what.

    Examples
    --------
    >>> ball = {"class": "affine-ball", "centre": [1, 1], "radius": "1/2", "argmin": ["1/2", 1], "argmax": ["3/2", 1]}
    >>> print(answer(ball | {"min": 0, "max": 1, "at": [1, "5/4"]}).possible)
    {1/2}
    """
    if missing := [key for key in REQUIRED if key not in query]:
        raise DomainError(f"the query lacks {', '.join(missing)}")
    for key in query:
        if key not in (*REQUIRED, *PARAMETERS, *OPTIONAL):
            raise UnknownName("key of a query", key, [*REQUIRED, *PARAMETERS, *OPTIONAL])
    within = class_of(query)
    phi = Visualization(query["argmin"], query["argmax"], query["min"], query["max"], within.domain)
    return possible_values(within, phi, query["at"], **{key: query[key] for key in OPTIONAL if key in query})


def possible_values(
    within: FunctionClass,
    phi: Visualization,
    at: Iterable[object],
    *,
    unique_extrema: object = False,
    **known: Unpack[Knowledge],
) -> Answer:
    """Return the values that a unit of a class can still take at a query.

    Parameters
    ----------
    within, phi, at
        The class, the visualization and the query.
    unique_extrema
        Whether the unit has no other extrema.
    **known
        ``exemplars``, pairs of a point and the value there; ``slack``, by how much the extrema may be off; ``noise``,
        by how much the values of exemplars may be.

    Raises
    ------
    FvproofError
        If something is out of range, or no unit of the class is like this; the message says what.
    """
    if not isinstance(unique_extrema, bool):
        raise DomainError(f"unique_extrema must be true or false, not {unique_extrema!r}")
    given: dict[str, Any] = {key: value for key, value in known.items() if value is not None}
    if given:
        if unique_extrema:
            raise DomainError("unique extrema do not go together with exemplars and slack")
        possible = _observed(within, phi, at, **given)
        return Answer(possible, (possible,), phi)
    x = phi.query(at)
    possible = within.ambiguity(phi, x, unique_extrema=unique_extrema)
    return Answer(possible, _parts(within, phi, x, possible, unique_extrema=unique_extrema), phi)


def _observed(
    within: FunctionClass,
    phi: Visualization,
    at: Iterable[object],
    *,
    exemplars: Iterable[tuple[Any, Any]] = (),
    slack: object = 0,
    noise: object = None,
) -> Interval:
    """Return the values that exemplars and slack leave, the exemplars' values known exactly or up to `noise`."""
    if noise is None:
        return ambiguity(within, phi, at, exemplars, slack=slack)
    return noisy_ambiguity(within, phi, at, [(z, v, noise) for z, v in exemplars], slack=slack)


def class_of(query: Mapping[str, Any]) -> FunctionClass:
    """Return the class that a query names, with its parameters.

    Raises
    ------
    FvproofError
        If there is no such class, or a parameter is missing, not the class's, or out of range.
    """
    name = str(query["class"])
    parameters = {key: query[key] for key in PARAMETERS if key in query and key not in BODY}
    if given := [key for key in BODY if key in query]:
        takes = signature((CLASSES | RELIABLE).get(name, FunctionClass)).parameters
        place = next((key for key in PLACES if key in takes), None)
        if place is None and name in CLASSES | RELIABLE:
            raise DomainError(f"the class {name} has a domain of its own and takes no {' or '.join(given)}")
        parameters[place or "body"] = _body(query)
        if place == "ball" and not isinstance(parameters["ball"], Ball):
            raise DomainError(f"the class {name} is one of functions on a ball: give centre and radius")
    return function_class(name, **parameters)


def _body(query: Mapping[str, Any]) -> ConvexBody:
    """Return the convex body that a query describes."""
    given = [key for key in BODY if key in query]
    match given:
        case ["corners"]:
            return Polytope(query["corners"])
        case ["centre", "matrix"]:
            return Ellipsoid(query["centre"], query["matrix"])
        case ["centre"] | ["radius"] | ["centre", "radius"]:
            return Ball(query.get("centre", ()), query.get("radius", 1))
        case _:
            kinds = "a ball (centre, radius), an ellipsoid (centre, matrix) or a polytope (corners)"
            raise DomainError(f"the domain must be {kinds}, not one with {', '.join(given)}")


def _parts(
    within: FunctionClass, phi: Visualization, query: Point, possible: Interval, *, unique_extrema: bool
) -> tuple[Interval, ...]:
    """Return the intervals of which the ambiguity set consists: two where a two-piece function leaves a gap."""
    if not isinstance(within, Parted) or not phi.spread or phi.known_value(query) is not None:
        return (possible,)
    first, *rest = sorted(within.parts(phi, query, unique_extrema=unique_extrema), key=lambda part: part.low)
    joined = all(first.high > part.low or first.high in part or part.low in first for part in rest)
    return (possible,) if joined else (first, *rest)
