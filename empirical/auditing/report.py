"""The findings of an audit as one page that needs nothing else, and as JSON with the same figures."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

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
    succeeded,
)
from fvproof.empirical.auditing.statements import where
from fvproof.empirical.images import spread
from fvproof.empirical.json_values import plain
from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.holdout import Reading
from fvproof.empirical.measurement.scores import Score
from fvproof.empirical.pages.environment import pages_environment, source, today
from fvproof.empirical.pages.wording import interval, number, points
from fvproof.empirical.plots import Bar, Plot, activation_line, layer_curve
from fvproof.theory.wording import percent

PAGE, FIGURES = "report.html", "report.json"
MOST_CARDS = 64
"""Of more units, so many are shown one by one; the JSON file has all."""

MOST_PICTURES = 24
"""Of more units, so many are shown in the strip at the top."""


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
        "verdict": {**plain(audit.verdict), "trusted": audit.verdict.trusted},
        "rule": {
            "text": RULE,
            "order": ORDER,
            "error": ERROR,
            "similarity": SIMILARITY,
            "contrast": CONTRAST,
            "share_of_units": SHARE,
        },
        **{
            name: plain(getattr(audit, name))
            for name in ("model", "image_count", "accuracy", "curve", "twin", "silence")
        },
        "units": [_unit(found) for found in audit.units],
        **{name: plain(getattr(audit, name)) for name in ("settings", "versions", "notes", "labelling")},
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _unit(found: UnitFindings) -> dict[str, Any]:
    """Return one unit's figures, with the distribution of its natural activations."""
    shares = (0, 0.01, 0.25, 0.5, 0.75, 0.99, 1)
    quantiles = np.quantile(found.natural.astype(np.float64), shares)
    natural = {f"{share:.0%}": plain(float(value)) for share, value in zip(shares, quantiles, strict=True)}
    judged = {"succeeded": succeeded(found), "predicts": predicts(found), "obstacle": obstacle(found)}
    suspicions = [] if found.signs is None else list(found.signs.reasons)
    return {**plain(found), "natural_quantiles": natural, **judged, "suspicions": suspicions}


def page(audit: Audit) -> str:
    """Return the findings as one HTML page, its styles, pictures and plots inside it."""
    environment = pages_environment("fvproof.empirical.auditing")
    environment.filters |= {
        "line": _line,
        "rows": _rows,
        "obstacle": obstacle,
        "obstacle_words": lambda found: obstacle(found) or "predicts natural images",
        "where": where,
        "named": named,
        "anchor": anchor,
        "layer_anchor": lambda layer: f"layer-{layer}",
        "sentence": lambda clause: clause[:1].upper() + clause[1:] + ".",
    }
    environment.globals |= {"percent": percent, "interval": interval, "number": number, "points": points}
    chart = chart_rows(audit.units)
    return environment.get_template(PAGE).render(
        audit=audit,
        css=source(environment, "page.css"),
        js=source(environment, "report.js"),
        version=audit.versions["fvproof"],
        date=today(),
        rule=RULE,
        asked=ORDER,
        confidence=percent(float(audit.settings["confidence"] or 0)),
        layers=_audited(audit),
        cards=_evenly(audit.units, MOST_CARDS),
        strip=_evenly(audit.units, MOST_PICTURES),
        rows_of_chart=chart,
        by_layer=len(audit.units) > MOST_CARDS,
        place=_scale(chart),
        curve_plot=_curve_plot(audit),
        curve_layers={row.layer for row in audit.curve},
    )


def _audited(audit: Audit) -> list[str]:
    """Return the layers that the units read."""
    return list(dict.fromkeys(layer for found in audit.units for layer in found.layers))


def named(found: UnitFindings) -> str:
    """Return the unit's name, with the class that it stands for."""
    return f"{found.unit} “{found.meaning}”" if found.meaning else str(found.unit)


def anchor(found: UnitFindings) -> str:
    """Return the name of the place of a unit's card."""
    return f"unit-{found.unit}"


def _rows(found: UnitFindings) -> list[tuple[str, Score]]:
    """Return the decoders that a reader is shown, in words: pixels, the unit's layer, the chosen one, and examples."""
    if found.reading is None:
        return []
    best = found.reading.chosen
    shown = [
        score
        for score in found.reading.scores
        if score is best or score.decoder == "pixel projection" or score.layer in found.layers
    ]
    examples = found.reading.exemplars.chosen
    return [*((_decoder(score), score) for score in shown), (f"examples, {_decoder(examples)}", examples)]


def _decoder(score: Score) -> str:
    """Return what a decoder looks at, in words."""
    return f"similarity at {score.layer}" if score.layer else score.decoder


def _line(found: UnitFindings) -> str:
    """Return the plot of a unit's natural activations between its visualizations."""
    least, greatest = found.minimization, found.maximization
    ends, noise = (least.activation, greatest.activation), (least.noise_best, greatest.noise_best)
    return activation_line(found.natural, ends, noise)


def _evenly(units: Sequence[UnitFindings], most: int) -> list[UnitFindings]:
    """Return all units, or so many evenly spaced ones."""
    return [units[place] for place in spread(len(units), most)]


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One row of the chart of pairs told: a unit, or a layer, with where to go on reading.

    Attributes
    ----------
    name, anchor
        What it is, and the place on the page that tells more.
    order
        The share of pairs told from the visualizations.
    examples
        The same from natural examples.
    passes
        Whether it meets what trust requires.
    """

    name: str
    anchor: str
    order: Estimate
    examples: Estimate | None
    passes: bool


def chart_rows(units: Sequence[UnitFindings]) -> list[ChartRow]:
    """Return how often the order is told: unit by unit, or layer by layer where there are many units."""
    read = [(found, found.reading) for found in units if found.reading is not None]
    if len(units) <= MOST_CARDS:
        return [
            ChartRow(named(found), anchor(found), told.chosen.order, told.exemplars.chosen.order, predicts(found))
            for found, told in read
        ]
    shown = {found.layers: anchor(found) for found in reversed(_evenly(units, MOST_CARDS))}
    layers = dict.fromkeys(found.layers for found, _ in read)
    return [
        _layer(", ".join(layer), shown.get(layer, "units"), [pair for pair in read if pair[0].layers == layer])
        for layer in layers
    ]


def _layer(name: str, place: str, read: Sequence[tuple[UnitFindings, Reading]]) -> ChartRow:
    """Return the units of a layer as one row of the chart."""
    low, middle, high = np.quantile([told.chosen.order.value for _, told in read], (0.1, 0.5, 0.9))
    example = float(np.median([told.exemplars.chosen.order.value for _, told in read]))
    share = sum(predicts(found) for found, _ in read) / len(read)
    order = Estimate(float(middle), float(low), float(high))
    return ChartRow(name, place, order, Estimate(example, example, example), share >= SHARE)


def _scale(rows: Sequence[ChartRow]) -> Callable[[float], str]:
    """Return what says how far to the right a share is drawn, as CSS has it; at the left is the least one, or 40%."""
    values = [value for row in rows for value in (row.order.low, row.order.value) if math.isfinite(value)]
    least = min([0.4, *values])
    return lambda value: f"{100 * min(max((value - least) / (1 - least), 0), 1) if math.isfinite(value) else 0:.2f}%"


def _curve_plot(audit: Audit) -> Plot | None:
    """Return the plot of similarity, layer by layer."""
    rows = [_bar(row.layer, row.normalized) for row in audit.curve]
    control = [_bar(row.layer, row.normalized_others) for row in audit.curve]
    return layer_curve(rows, control, marked=sorted(_audited(audit)), label="similarity") if rows else None


def _bar(name: str, estimate: Estimate) -> Bar:
    """Return an estimate as a point of a curve."""
    return Bar(name, estimate.value, estimate.low, estimate.high)
