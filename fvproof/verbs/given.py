"""What verbs are told of a unit: its class, its visualization, points and exemplars, each read in one way."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from typing_extensions import TypeAliasType

from fvproof.theory.classes import FunctionClass
from fvproof.theory.domains import Domain
from fvproof.theory.errors import DomainError, UnknownName
from fvproof.theory.queries import PARAMETERS, class_of
from fvproof.theory.visualization import Visualization
from fvproof.verify.files.point_files import labelled, one_shape, read_coordinates, read_labelled

Read = tuple[Any, tuple[int, ...]]
"""Coordinates, and the shape they were given in."""

WithClass = TypeAliasType("WithClass", FunctionClass | type[FunctionClass] | str)
"""What a verb takes as a class of functions: a class, or its name."""

Extrema = TypeAliasType("Extrema", Visualization | Sequence[Any])
"""What a verb takes as a visualization: one, or argmin, argmax, minimum and maximum."""

POINTS = {"argmin": "the argmin", "argmax": "the argmax", "at": "the query"}


class ClassParameters(TypedDict, total=False):
    """What completes a class of functions that is named.

    ``lipschitz``, a number, for the classes that know a Lipschitz constant, and ``norm``, its norm or that of radial
    functions ("l1", "l2" or "linf"; "l2"). ``training``, the training set of erm: pairs of a point and a label, or a
    .jsonl or .npz file. ``centre`` and ``radius`` of a ball, ``centre`` and ``matrix`` of an ellipsoid, or ``corners``
    of a polytope, for affine-ball; ridge takes a ball. ``link``, the known link of ridge: pairs (t, value) from t = -1
    to 1.
    """

    lipschitz: object
    norm: str | None
    training: object
    centre: object
    radius: object
    matrix: object
    corners: object
    link: object


def class_given(within: WithClass, parameters: Mapping[str, Any]) -> FunctionClass:
    """Return the class that is meant.

    Parameters
    ----------
    within
        A class, which then has its parameters already, or its name.
    parameters
        Those of `ClassParameters`; None stands for one that is not given.

    Raises
    ------
    FvproofError
        If there is no such class or parameter, or a parameter is missing or out of range.

    Examples
    --------
    >>> class_given("lipschitz", {"lipschitz": "1/2", "norm": "l1"}).title
    'Lipschitz function of known constant'
    """
    given = {key: value for key, value in parameters.items() if value is not None}
    if isinstance(within, FunctionClass):
        if given:
            raise DomainError(f"a class that is made takes no more parameters: leave out {', '.join(given)}")
        return within
    for key in given:
        if key not in PARAMETERS:
            raise UnknownName("parameter of a class", key, PARAMETERS)
    name = within.name if isinstance(within, type) else within
    return class_of({"class": name} | {key: read(key, value) for key, value in given.items()})


def visualization_given(phi: Extrema, at: object, domain: Domain) -> tuple[Visualization, Any, tuple[int, ...]]:
    """Return a visualization, the coordinates of a query, and the one shape that the points have, () if none is stated.

    Raises
    ------
    DomainError, ShapeError
        If a point cannot be read or does not lie in the domain, or the shapes differ.
    """
    if isinstance(phi, Visualization):
        query, shape = read_point(at, "at")
        return phi, query, one_shape([shape])
    if isinstance(phi, str) or not isinstance(phi, Sequence) or len(phi) != 4:
        raise DomainError("a visualization must be a Visualization, or argmin, argmax, minimum and maximum")
    read_ones = [read_point(value, key) for key, value in zip(POINTS, (*phi[:2], at), strict=True)]
    (argmin, _), (argmax, _), (query, _) = read_ones
    shape = one_shape([shape for _, shape in read_ones])
    return Visualization(argmin, argmax, phi[2], phi[3], domain), query, shape


def one_shape_of(query: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the one shape that the points of a query have, () where none is stated."""
    return one_shape([read_point(query[key], key)[1] for key in POINTS if query.get(key) is not None])


def read(key: str, value: object) -> Any:  # noqa: ANN401  data
    """Return what a key of a query holds, see `fvproof.theory.queries.answer`, from text, a file or objects.

    Examples
    --------
    >>> read("matrix", "1,0; 0,1/4"), read("link", "-1:0, 1:1"), read("at", "0,1/2"), read("slack", "0.1")
    ([['1', '0'], [' 0', '1/4']], [['-1', '0'], [' 1', '1']], ['0', '1/2'], '0.1')
    """
    if key in POINTS or key == "centre":
        return read_point(value, key)[0]
    if key in ("matrix", "corners"):
        return _rows(key, value)
    if key == "link" and isinstance(value, str):
        return [pair.split(":") for pair in value.split(",")]
    return _labelled(key, value) if key in ("training", "exemplars") else value


def read_point(value: object, key: str, name: str = "") -> Read:
    """Return a point's coordinates and shape from numbers, an array, a tensor, a text or a file."""
    if isinstance(value, str | Path):
        return _read_text(str(value), name or POINTS.get(key, f"the {key}"))
    if hasattr(value, "detach"):  # a tensor: doubles hold what any of its types can
        value = value.detach().cpu().double().numpy()  # type: ignore[union-attr]
    if isinstance(value, np.ndarray):
        return value, value.shape
    if not isinstance(value, list | tuple):
        raise DomainError(f"a point must be a list of numbers, not {value!r}")
    if not any(isinstance(part, list | tuple) for part in value):
        return list(value), (len(value),)
    array = np.asarray(value, object)
    return array.ravel().tolist(), array.shape


@lru_cache(maxsize=8)
def _read_text(text: str, name: str) -> Read:
    """Return what a text names; lines of a batch often name the same files."""
    return read_coordinates(text, name)


def _rows(key: str, value: object) -> Any:  # noqa: ANN401  data
    """Return rows of numbers."""
    if isinstance(value, str):
        return [row.split(",") for row in value.split(";")]
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return value.tolist()
    if not (isinstance(value, list | tuple) and all(isinstance(row, list | tuple) for row in value)):
        raise DomainError(f"{key} must be a list of lists of numbers, not {value!r}")
    return value


def _labelled(key: str, value: object) -> list[tuple[Any, Any]]:
    """Return points with values: those in a file, pairs, or objects as JSON has them."""
    if isinstance(value, str | Path):
        return read_labelled(Path(value))
    if isinstance(value, list | tuple) and value and all(isinstance(e, list | tuple) and len(e) == 2 for e in value):
        return [(read_point(at, key, f"{key}, point {i}")[0], label) for i, (at, label) in enumerate(value)]
    return labelled(list(value) if isinstance(value, tuple) else value, key)
