"""Units as a verb takes them: text, objects, or several of either."""

from collections.abc import Iterable

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, channel_counts, check_units, parse_units

Units = str | Unit | Iterable[str | Unit]
"""Units, as text (``"layer3:0-7,fc"``), as `Unit`, or several of either."""


def written(units: Units) -> str:
    """Return units as one would type them.

    Examples
    --------
    >>> written(["conv1:0-3", Unit("fc", 2)])
    'conv1:0-3,fc:2'
    """
    return ",".join(map(str, (units,) if isinstance(units, (str, Unit)) else units))


def units_of(units: Units, model: Model) -> list[Unit]:
    """Return the units that were asked for, each once, in that order.

    Raises
    ------
    UnknownName, DomainError
        If there is no such layer or unit, or a text cannot be read.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> [str(unit) for unit in units_of(["logits:3-4", Unit("conv2", 0)], load_model("digits"))]
    ['logits:3', 'logits:4', 'conv2:0']
    """
    if isinstance(units, str):
        return parse_units(units, model)
    named = [units] if isinstance(units, Unit) else list(units)
    found = [each for one in named for each in ([one] if isinstance(one, Unit) else parse_units(one, model))]
    check_units(found, channel_counts(model, dict.fromkeys(unit.layer for unit in found)))
    return list(dict.fromkeys(found))
