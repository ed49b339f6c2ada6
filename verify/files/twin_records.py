"""Twins on paper: classes and visualizations as JSON, and back."""

from fractions import Fraction
from inspect import signature
from typing import Any

from fvproof.theory.classes import function_class
from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.classes.erm import EmpiricalRiskMinimisers
from fvproof.theory.domains import CUBE, Domain
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.points import Point
from fvproof.theory.visualization import Visualization
from fvproof.verify.files.domain_records import domain_from, domain_record
from fvproof.verify.files.records import check_fields, field, number, point_from, point_record, value_text

EXTREMA = ("argmin", "argmax", "minimum", "maximum")
"""The fields of a visualization."""


def class_record(within: FunctionClass) -> dict[str, Any]:
    """Return a class as an object that `json` can write: its name and parameters.

    Raises
    ------
    DomainError
        If a parameter has no format, such as a known link.

    Examples
    --------
    >>> class_record(function_class("lipschitz", lipschitz="1/2", norm="l1"))
    {'class': 'lipschitz', 'parameters': {'lipschitz': '1/2', 'norm': 'l1'}}
    """
    if isinstance(within, EmpiricalRiskMinimisers):
        training = [[point_record(key.point), str(label)] for key, label in within.labels.items()]
        return {"class": within.name, "parameters": {"training": training}}
    parameters = {name: getattr(within, name) for name in signature(type(within)).parameters}
    return {"class": within.name, "parameters": {n: _parameter(v) for n, v in parameters.items() if v is not None}}


def _parameter(value: object) -> object:
    """Return a parameter as JSON."""
    if isinstance(value, Domain):
        return domain_record(value)
    if isinstance(value, Fraction | str):
        return str(value)
    raise DomainError(f"a class with the parameter {value!r} has no format")


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
    read = {name: _read_parameter(name, value) for name, value in parameters.items()}
    return function_class(field(record, "class", str), **read)


def _read_parameter(name: str, value: object) -> object:
    """Return a parameter of a class."""
    if isinstance(value, dict):
        return domain_from(value)
    return value if name in ("norm", "training") else number(value, f"the parameter {name}")


def visualization_record(phi: Visualization) -> dict[str, Any]:
    """Return a visualization as an object that `json` can write; the domain is stated unless it is the cube."""
    extrema = {"argmin": point_record(phi.argmin), "argmax": point_record(phi.argmax)}
    domain = {} if phi.domain == CUBE else {"domain": domain_record(phi.domain)}
    return {**extrema, "minimum": value_text(phi.minimum), "maximum": value_text(phi.maximum), **domain}


def visualization_from(record: object, further: tuple[str, ...] = ()) -> Visualization:
    """Return the visualization that `visualization_record` wrote, perhaps with further fields beside it.

    Raises
    ------
    DomainError, ShapeError
        If the record is no visualization.
    """
    assert isinstance(record, dict)
    check_fields(record, (*EXTREMA, *further), ("domain",), name="a visualization")
    domain = domain_from(record["domain"]) if "domain" in record else CUBE
    argmin, argmax = (point_from(record.get(name), f"the {name}", domain) for name in ("argmin", "argmax"))
    minimum, maximum = (number(record.get(name), f"the {name}") for name in ("minimum", "maximum"))
    return Visualization(argmin, argmax, minimum, maximum, domain)


def _labelled(pair: object) -> tuple[Point, str]:
    """Return a training point and its label."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], str):
        raise DomainError("every training point must be a pair of a point and its label as text")
    return point_from(pair[0], "a training point"), pair[1]
