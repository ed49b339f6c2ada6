"""What verbs are given is of the kind that they ask for: whole numbers, numbers, text, paths, and several of them."""

import reprlib
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import Parameter, signature
from numbers import Integral, Real
from os import PathLike
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np
import typing_extensions

from fvproof.theory.errors import DomainError

Verb = TypeVar("Verb", bound=Callable[..., Any])

Kind = tuple[str, Callable[[Any], bool]]
"""A kind: the words for it, and whether something is of it."""

ANYTHING: Kind = ("", lambda _: True)

UNPACKED = (typing.Unpack, typing_extensions.Unpack)
"""What stands for settings by name; two where Python is older than what it is taken from."""

KINDS: dict[Any, Kind] = {
    int: ("a whole number", lambda value: isinstance(value, Integral) and not isinstance(value, bool)),
    float: ("a number", lambda value: isinstance(value, Real) and not isinstance(value, bool)),
    bool: ("True or False", lambda value: isinstance(value, bool | np.bool_)),
    str: ("text", lambda value: isinstance(value, str)),
    Path: ("a path", lambda value: isinstance(value, PathLike)),
    NoneType: ("None", lambda value: value is None),
}
"""Each kind that is told from others: its words, and what is of it. Of what has another one, the verb itself says."""


def checked(verb: Verb) -> Verb:
    """Return a verb that refuses, in one sentence, what is of another kind than its signature says.

    Raises
    ------
    DomainError
        When the verb is called with something of another kind.
    """
    known = signature(verb)

    @wraps(verb)
    def asked(*given: Any, **named: Any) -> Any:  # noqa: ANN401  the verb's own
        for name, value in known.bind(*given, **named).arguments.items():
            _check(known.parameters[name], value)
        return verb(*given, **named)

    return asked  # type: ignore[return-value]  of the same signature


def require_kinds(given: Mapping[str, object], kinds: Mapping[str, Any]) -> None:
    """Refuse settings of another kind than stated.

    Raises
    ------
    DomainError
        If one is; those of which nothing is stated are left to others.

    Examples
    --------
    >>> require_kinds({"steps": None}, {"steps": int})
    Traceback (most recent call last):
    fvproof.theory.errors.DomainError: steps must be a whole number, not None
    """
    for name, value in given.items():
        words, fits = _kind(kinds.get(name))
        if not fits(value):
            raise DomainError(f"{name} must be {words}, not {_shown(value)}")


def _check(parameter: Parameter, value: Any) -> None:  # noqa: ANN401  whatever was given
    """Refuse what a parameter does not take."""
    kind = parameter.annotation
    match parameter.kind:
        case Parameter.VAR_KEYWORD if get_origin(kind) in UNPACKED:
            require_kinds(value, get_args(kind)[0].__annotations__)
        case Parameter.VAR_KEYWORD:
            return
        case Parameter.VAR_POSITIONAL:
            for one in value:
                require_kinds({f"one of the {parameter.name}": one}, {f"one of the {parameter.name}": kind})
        case _:
            require_kinds({parameter.name: value}, {parameter.name: kind})


def _kind(asked: Any) -> Kind:  # noqa: ANN401  an annotation
    """Return the words for what an annotation asks for, and whether something is of it; anything, if that is open."""
    if asked in KINDS:
        return KINDS[asked]
    if isinstance(asked, typing_extensions.TypeAliasType):
        return _kind(asked.__value__)
    origin = get_origin(asked)
    if origin is Literal:
        return KINDS[str]  # which text, the verb says
    if origin is Callable:
        return "a function", callable
    parts = [_kind(part) for part in get_args(asked)]
    return COMPOSED[origin](*parts) if origin in COMPOSED and all(words for words, _ in parts) else ANYTHING


def _either(*kinds: Kind) -> Kind:
    """Return what is of one of several kinds."""
    return " or ".join(words for words, _ in kinds), lambda value: any(fits(value) for _, fits in kinds)


def _sequence(kind: Kind) -> Kind:
    """Return several things of a kind."""
    words, fits = kind
    return f"a list of which each is {words}", lambda value: _all(fits, value)


def _mapping(key: Kind, value: Kind) -> Kind:
    """Return things of one kind by those of another."""
    return (
        f"a dictionary from {key[0]} to {value[0]}",
        lambda given: isinstance(given, Mapping) and _all(key[1], [*given]) and _all(value[1], [*given.values()]),
    )


COMPOSED: dict[Any, Callable[..., Kind]] = {
    Union: _either,
    UnionType: _either,
    Sequence: _sequence,
    Mapping: _mapping,
}
"""Kinds that are made of others."""


def _all(fits: Callable[[object], bool], value: object) -> bool:
    """Return whether several things are given, as a list or an array, and each is of a kind."""
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes) and all(map(fits, value))


def _shown(value: object) -> str:
    """Return what was given in a few words."""
    return (
        f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else " ".join(reprlib.repr(value).split())
    )
