"""Units as a verb takes them: text, objects, or a sequence of both."""

from collections.abc import Iterable, Sequence
from typing import Any

from typing_extensions import TypeAliasType

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.naming import checked_objectives, parse_objectives
from fvproof.empirical.networks.objectives import Objective, Unit
from fvproof.empirical.networks.units import channel_counts, check_units, parse_units
from fvproof.theory.errors import DomainError

Units = TypeAliasType("Units", str | Objective | Sequence[str | Objective])
"""What a verb takes as units: ``"layer3:0-7,fc"``, ``Unit("fc", 3)``, or several of either."""


def objectives_of(given: Units, model: Model) -> list[Objective]:
    """Return the objectives that are asked for, in their order and each once; see `parse_objectives`.

    Raises
    ------
    DomainError, UnknownName
        If there is no such layer or unit.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> [str(found) for found in objectives_of(["logits:3", Unit("relu1", 0)], load_model("digits-small"))]
    ['logits:3', 'relu1:0']
    """
    named = [
        found
        for one in _several(given, Objective)
        for found in (parse_objectives(one, model) if isinstance(one, str) else [one])
    ]
    return checked_objectives(list(dict.fromkeys(named)), model)


def units_of(given: Units, model: Model) -> list[Unit]:
    """Return the units that are asked for, in their order and each once; see `parse_units`.

    Raises
    ------
    DomainError, UnknownName
        If there is no such layer or unit, or something else is asked for, such as a difference.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> [str(found) for found in units_of([Unit("logits", 3), "logits:2-3"], load_model("digits-small"))]
    ['logits:3', 'logits:2']
    """
    parts = _several(given, Unit)
    objects = [one for one in parts if isinstance(one, Unit)]
    check_units(objects, channel_counts(model, dict.fromkeys(one.layer for one in objects)) if objects else {})
    named = (found for one in parts for found in (parse_units(one, model) if isinstance(one, str) else [one]))
    return list(dict.fromkeys(named))


def _several(given: Units, kind: Any) -> list[Any]:  # noqa: ANN401  a class, or a union of them
    """Return one or several as a list, or say what there should be."""
    several = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    wrong = [one for one in several if not isinstance(one, str | kind)]
    if wrong or not several:
        raise DomainError(f"units are written LAYER:CHANNELS (conv1:0-7,fc:3), received {(wrong or several)!r}")
    return several


def written(given: Units) -> str:
    """Return what is asked for as one would type it.

    Examples
    --------
    >>> written(["conv1:0-3", Unit("fc", 2)])
    'conv1:0-3,fc:2'
    """
    return ",".join(map(str, _several(given, Objective)))
