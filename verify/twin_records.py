"""Twins on paper: classes and visualizations as JSON, and back."""

from inspect import signature
from typing import Any

from theory.classes import function_class
from theory.classes.base import FunctionClass
from theory.classes.erm import EmpiricalRiskMinimisers
from theory.errors import DomainError
from theory.points import Point
from theory.visualization import Visualization
from verify.records import field, number, point_from, point_record


def class_record(within: FunctionClass) -> dict[str, Any]:
    """Return a class as an object that `json` can write: its name and parameters.

    Examples
    --------
    >>> class_record(function_class("lipschitz", lipschitz="1/2", norm="l1"))
    {'class': 'lipschitz', 'parameters': {'lipschitz': '1/2', 'norm': 'l1'}}
    """
    if isinstance(within, EmpiricalRiskMinimisers):
        training = [[point_record(key.point), str(label)] for key, label in within.labels.items()]
        return {"class": within.name, "parameters": {"training": training}}
    parameters = {name: str(getattr(within, name)) for name in signature(type(within)).parameters}
    return {"class": within.name, "parameters": parameters}


def class_from(record: object) -> FunctionClass:
    """Return the class that `class_record` wrote.

    Raises
    ------
    DomainError, UnknownName
        If the record names no class with these parameters.
    """
    parameters = dict(field(record, "parameters", dict))
    if "training" in parameters:
        parameters["training"] = [_labelled(pair) for pair in field(parameters, "training", list)]
    return function_class(field(record, "class", str), **parameters)


def visualization_record(phi: Visualization) -> dict[str, Any]:
    """Return a visualization as an object that `json` can write."""
    extrema = {"argmin": point_record(phi.argmin), "argmax": point_record(phi.argmax)}
    return {**extrema, "minimum": str(phi.minimum), "maximum": str(phi.maximum)}


def visualization_from(record: object) -> Visualization:
    """Return the visualization that `visualization_record` wrote.

    Raises
    ------
    DomainError, ShapeError
        If the record is no visualization.
    """
    assert isinstance(record, dict)
    argmin, argmax = (point_from(record.get(name), f"the {name}") for name in ("argmin", "argmax"))
    minimum, maximum = (number(record.get(name), f"the {name}") for name in ("minimum", "maximum"))
    return Visualization(argmin, argmax, minimum, maximum)


def _labelled(pair: object) -> tuple[Point, str]:
    """Return a training point and its label."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], str):
        raise DomainError("every training point must be a pair of a point and its label as text")
    return point_from(pair[0], "a training point"), pair[1]
