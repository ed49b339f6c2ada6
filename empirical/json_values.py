"""Findings as JSON holds them."""

from dataclasses import fields, is_dataclass
from enum import Enum
from math import isfinite
from typing import Any

import numpy as np

from fvproof.empirical.networks.objectives import Objective


def plain(value: object) -> Any:  # noqa: ANN401  whatever JSON can hold
    """Return a value in what JSON can hold: without arrays in it, None in the place of NaN and infinities.

    Parameters
    ----------
    value
        A finding: a dataclass, a dictionary, a tuple or list, a unit, a member of an enumeration, a number or a text.

    Examples
    --------
    >>> from fvproof.empirical.networks.objectives import Unit
    >>> plain({"unit": Unit("fc", 3), "activation": (0.5, float("nan"), float("inf"))})
    {'unit': 'fc:3', 'activation': [0.5, None, None]}
    """
    if isinstance(value, Objective):
        return str(value)
    if is_dataclass(value):
        named = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: plain(part) for name, part in named.items() if not isinstance(part, np.ndarray)}
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    return None if isinstance(value, float) and not isfinite(value) else value
