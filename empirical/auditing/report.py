"""The findings of an audit as one page that needs nothing else, and as JSON with the same figures."""

import json
import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from fvproof.empirical.auditing.findings import Audit, UnitFindings
from fvproof.empirical.auditing.judgement import (
    CONTRAST,
    ERROR,
    ORDER,
    RULE,
    SHARE,
    SIMILARITY,
    obstacle,
    predicts,
    processes,
    succeeded,
)
from fvproof.empirical.auditing.statements import where
from fvproof.empirical.auditing.wording import interval, number
from fvproof.empirical.images import spread
from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.scores import Score
from fvproof.empirical.networks.objectives import Objective
from fvproof.empirical.plots import Bar, Plot, activation_line, intervals, layer_curve, picture
from fvproof.theory.wording import percent

PAGE, FIGURES = "report.html", "report.json"
MOST_CARDS = 64
"""Of more units, so many are shown one by one; the JSON file has all."""


def write_report(audit: Audit, folder: Path) -> None:
    """Write `report.html` and `report.json` into a folder that exists; equal findings give equal bytes.

    Raises
    ------
    DomainError
        If a file cannot be written.
    """
    write_atomically(folder / FIGURES, figures(audit).encode())
    write_atomically(folder / PAGE, page(audit).encode())


def figures(audit: Audit) -> str:
    """Return all figures as JSON; images are left out, a number that is not finite is null."""
    content = {
        "verdict": {**_plain(audit.verdict), "trusted": audit.verdict.trusted},
        "rule": {
            "text": RULE,
            "order": ORDER,
            "error": ERROR,
            "similarity": SIMILARITY,
            "contrast": CONTRAST,
            "share_of_units": SHARE,
        },
        **{
            name: _plain(getattr(audit, name))
            for name in ("model", "image_count", "accuracy", "curve", "twin", "silence")
        },
        "units": [_unit(found) for found in audit.units],
        **{name: _plain(getattr(audit, name)) for name in ("settings", "versions", "notes", "labelling")},
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _unit(found: UnitFindings) -> dict[str, Any]:
    """Return one unit's figures, with the distribution of its natural activations."""
    shares = (0, 0.01, 0.25, 0.5, 0.75, 0.99, 1)
    quantiles = np.quantile(found.natural.astype(np.float64), shares)
    natural = {f"{share:.0%}": _plain(float(value)) for share, value in zip(shares, quantiles, strict=True)}
    judged = {"succeeded": succeeded(found), "predicts": predicts(found), "obstacle": obstacle(found)}
    suspicions = [] if found.signs is None else list(found.signs.reasons)
    return {**_plain(found), "natural_quantiles": natural, **judged, "suspicions": suspicions}


def _plain(value: object) -> Any:  # noqa: ANN401  whatever JSON can hold
    """Return the value in what JSON can hold, without its arrays."""
    if isinstance(value, Objective):
        return str(value)
    if is_dataclass(value):
        named = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _plain(part) for name, part in named.items() if not isinstance(part, np.ndarray)}
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def page(audit: Audit) -> str:
    """Return the findings as one HTML page, its styles, pictures and plots inside it."""
    environment = Environment(
        loader=PackageLoader("fvproof.empirical.auditing"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {
        "number": number,
        "picture": picture,
        "line": _line,
        "rows": _rows,
        "obstacle": obstacle,
        "where": where,
        "named": named,
        "sentence": lambda clause: clause[:1].upper() + clause[1:] + ".",
    }
    environment.globals |= {"percent": percent, "interval": interval, "number": number}
    css, _, _ = environment.loader.get_source(environment, "report.css")  # type: ignore[union-attr]
    return environment.get_template(PAGE).render(
        audit=audit,
        css=css,
        rule=RULE,
        confidence=percent(float(audit.settings["confidence"] or 0)),
        layers=_audited(audit),
        cards=_evenly(audit.units),
        order_plot=_order_plot(audit.units),
        curve_plot=_curve_plot(audit),
    )


def _audited(audit: Audit) -> set[str]:
    """Return the layers that the units read."""
    return {layer for found in audit.units for layer in found.layers}


def named(found: UnitFindings) -> str:
    """Return the unit's name, with the class that it stands for."""
    return f"{found.unit} “{found.meaning}”" if found.meaning else str(found.unit)


def _rows(found: UnitFindings) -> list[tuple[str, Score]]:
    """Return the decoders that a reader is shown, in words: in pixels, at the unit's own layer, and the chosen one."""
    if found.reading is None:
        return []
    best = found.reading.chosen
    shown = [
        score
        for score in found.reading.scores
        if score is best or score.decoder == "pixel projection" or score.layer in found.layers
    ]
    return [(f"similarity at {score.layer}" if score.layer else score.decoder, score) for score in shown]


def _line(found: UnitFindings) -> str:
    """Return the plot of a unit's natural activations between its visualizations."""
    least, greatest = found.minimization, found.maximization
    ends, noise = (least.activation, greatest.activation), (least.noise_best, greatest.noise_best)
    return activation_line(found.natural, ends, noise)


def _evenly(units: Sequence[UnitFindings]) -> list[UnitFindings]:
    """Return the units that have a card of their own: all, or so many evenly spaced ones."""
    places = spread(len(units), MOST_CARDS)
    return [units[place] for place in places]


def _order_plot(units: Sequence[UnitFindings]) -> Plot | None:
    """Return the plot of how often the order is told: unit by unit, or layer by layer where there are many units."""
    read = [(found, found.reading.chosen.order) for found in units if found.reading is not None]
    if len(units) <= MOST_CARDS:
        bars = [_bar(named(found), order, passes=predicts(found)) for found, order in read]
    else:
        layers = dict.fromkeys(found.layers for found, _ in read)
        bars = [_layer(", ".join(layer), [pair for pair in read if pair[0].layers == layer]) for layer in layers]
    return intervals(bars, threshold=ORDER, chance=0.5, label="share of pairs in the right order") if bars else None


def _curve_plot(audit: Audit) -> Plot | None:
    """Return the plot of similarity, layer by layer."""
    rows = [_bar(row.layer, row.normalized, passes=processes(row)) for row in audit.curve]
    control = [_bar(row.layer, row.normalized_others, passes=True) for row in audit.curve]
    return layer_curve(rows, control, marked=sorted(_audited(audit)), label="similarity") if rows else None


def _layer(name: str, read: Sequence[tuple[UnitFindings, Estimate]]) -> Bar:
    """Return the units of a layer as one row of a plot."""
    low, middle, high = np.quantile([order.value for _, order in read], (0.1, 0.5, 0.9))
    share = sum(predicts(found) for found, _ in read) / len(read)
    return Bar(name, float(middle), float(low), float(high), share >= SHARE)


def _bar(name: str, estimate: Estimate, *, passes: bool) -> Bar:
    """Return an estimate as a row of a plot."""
    return Bar(name, estimate.value, estimate.low, estimate.high, passes)
