"""The pages that `maximize`, `sanity`, `detect` and `fool` write beside their figures: report.html."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fvproof.empirical.auditing.judgement import CONTRAST, SIMILARITY, processes
from fvproof.empirical.detecting.detection import RELIANCE, RIFT, Detection, Signs
from fvproof.empirical.images import spread
from fvproof.empirical.maximization.baselines import Status
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.measurement.sanity import Sanity
from fvproof.empirical.pages.results import MOST_CARDS, KeyFigure, Results, Section, UnitCard, results_page
from fvproof.empirical.plots import Plot
from fvproof.theory.wording import percent

SOUGHT = {"max": "greatest", "min": "least"}
"""What is looked for at each end."""

BEATEN = (
    "Each picture was found by gradient ascent. As optimized is the activation through the motions that the optimizer "
    "applies to the image; natural is the range of the natural images, noise the most extreme of as many noise images "
    "as there were steps. A picture that natural images or noise beat is not the extremum that it claims to be.",
    "That a picture is the best that was found does not say that it tells how the unit responds to other images: "
    "fvproof audit measures that.",
)

PROCESSED = (
    "At each layer: how alike are the activations of natural images and of visualizations of the same class? 0 is as "
    "alike as natural images of different classes are, 1 as natural images of the same class. The control compares the "
    "visualizations with natural images of other classes: where the two curves meet, the layer does not tell which "
    "class a visualization is of.",
    f"A layer processes visualizations like natural images where the similarity is at least {SIMILARITY} and at least "
    f"{CONTRAST} above that to other classes, at the worse end of the interval over images.",
)

UNUSED = (
    "A channel that no image opens has no part in what the network does on these images, and its visualization can "
    "show anything. Trained networks have such channels too; silent units and fooling circuits hide among them.",
    "Opened: the visualization gives the unit an activation above 0. A visualization that does not, or that noise "
    "beats, is none to go by.",
)

SIGNS = (
    "Reliance: how much of the visualization's activation, above the median of the images, is lost when all channels "
    f"that at most 1% of the images open are shut; {RELIANCE} and more is suspicious.",
    "Rift: how much better each of the unit's two mean gradients, where ascent starts and at natural images, fits its "
    f"own side than the other one does; {RIFT} and more is suspicious, a dash where it cannot be measured.",
    "Excess: the activation above the median, in multiples of that of the most exciting image; it decides nothing. "
    "That nothing is found does not prove that nothing was done.",
)

SHOWN = (
    "Before and after are visualizations by the package's own engine, from the same start. Pixels to target and to own "
    "are correlations of the picture after with what was to be shown, and with the picture before.",
    "Other engines look otherwise: the table says which of them are fooled. Whoever looks in another way may not be.",
)


def maximize_page(model: str, runs: Sequence[Run], records: Sequence[Mapping[str, Any]], printed: str) -> str:
    """Return the page of visualizations; of very many, evenly spaced ones are shown."""
    places = spread(len(runs), MOST_CARDS)
    shown = [runs[place] for place in places]
    states = [Status(one["status"]) for one in records]
    good, rising = sum(not one.failed for one in states), states.count(Status.NOT_CONVERGED)
    beaten = "noise" if records[0]["natural_low"] is None else "natural images and noise"
    said = f"{good} of {len(runs)} visualizations are more extreme than {beaten}."
    figures = [
        KeyFigure(f"visualizations more extreme than {beaten}", f"{good} of {len(runs)}", good == len(runs)),
        KeyFigure("still rose at the last step", f"{rising} of {len(runs)}"),
        KeyFigure("steps of gradient ascent", str(shown[0].settings.steps)),
    ]
    about = f"{len(runs)} visualizations of {SOUGHT[shown[0].end]} activation"
    title = f"Which images have the {SOUGHT[shown[0].end]} activation?"
    return results_page(
        Results(
            *(title, model, about, f"{good} of {len(runs)}", said, good == len(runs), figures),
            cards=[_visualized(run) for run in shown],
            explained=BEATEN,
            printed=printed,
            file="runs.json",
            made=shown[0].settings.record(),
            count=len(runs),
        )
    )


def _visualized(run: Run) -> UnitCard:
    """Return the card of one visualization."""
    natural = None if run.natural_low is None else f"{run.natural_low:.4g} to {run.natural_high:.4g}"
    figures = {
        "activation": run.activation,
        "as optimized": run.activation_seen,
        "natural": natural,
        "noise": run.noise_best,
        **({} if run.likeness is None else {"likeness": run.likeness}),
    }
    kept = zip(run.settings.at, run.way, run.way_activations, strict=True)
    way = [(f"{steps}: {activation:.3g}", image) for steps, image, activation in kept]
    name = f"{run.unit}" if run.settings.diversity == 1 else f"{run.unit} no. {run.variant}"
    return UnitCard(name, str(run.status), not run.status.failed, [("found", run.image)], figures, way)


def sanity_page(model: str, found: Sanity, plots: Sequence[tuple[Plot, str]], about: Mapping[str, Any]) -> str:
    """Return the page of a sanity check; `about` holds the rows of its table, the text printed, and the image count."""
    curve = [row for row in found.curve if row.measure == "spearman"]
    good, failed = sum(map(processes, curve)), [run for run in found.runs if run.status.failed]
    said = f"{good} of {len(curve)} layers process visualizations like natural images of their class."
    figures = [
        KeyFigure("layers that process them like natural images", f"{good} of {len(curve)}", good == len(curve)),
        KeyFigure("classes visualized", str(len(found.runs))),
        *([] if found.accuracy is None else [KeyFigure("of the images recognised", percent(found.accuracy))]),
    ]
    doubts = [*([] if found.doubt is None else [found.doubt])]
    doubts += [f"the visualization of {run.unit} failed: {run.status}" for run in failed]
    layers = Section("layers", "Layer by layer", plots=plots, rows=about["rows"])
    return results_page(
        Results(
            *("Are visualizations processed like natural images?", model),
            *(f"{len(curve)} layers, {about['count']} natural images", f"{good} of {len(curve)} layers", said),
            *(good == len(curve), figures),
            cards=[_visualized(run) for run in found.runs],
            explained=(*PROCESSED, *BEATEN),
            printed=about["printed"],
            file="sanity.json",
            made=found.runs[0].settings.record(),
            sections=[layers],
            notes=[f"{one[:1].upper()}{one[1:]}." for one in doubts],
        )
    )


def census_page(
    headline: tuple[str, str, str], rows: Sequence[Mapping[str, object]], runs: Sequence[Run], printed: str
) -> str:
    """Return the page of silent units and their visualizations; the headline is split at the network's name."""
    opened, (model, _, said) = sum(run.activation > 0 for run in runs), headline
    figures = [KeyFigure("silent units visualized", str(len(runs))), KeyFigure("of them opened", str(opened))]
    told = ["Of each rectifier, the channels that none of the images opens."]
    return results_page(
        Results(
            *("What do units show that no image opens?", model, f"{len(runs)} silent units visualized"),
            *(f"{opened} opened", f"{said[:1].upper()}{said[1:]}.", None, figures, [_visualized(run) for run in runs]),
            explained=UNUSED,
            printed=printed,
            file="census.json",
            made=runs[0].settings.record(),
            sections=[Section("silent", "Silent channels", told, rows=rows)],
        )
    )


def detect_page(model: str, found: Detection, count: int, printed: str) -> str:
    """Return the page of what speaks for a manipulation, on so many images."""
    suspected, number = len(found.suspected), len(found.signs)
    said = f"In {number} units nothing speaks for a manipulation; that proves nothing."
    if suspected:
        said = f"Something speaks for a manipulation of {suspected} of {number} units."
    silent = [
        {"rectifier": one.name, "channels": len(one.opened), "silent": int(one.silent.sum())}
        for one in found.rectifiers
    ]
    shut, channels = (sum(row[name] for row in silent) for name in ("silent", "channels"))
    figures = [
        KeyFigure("units for which something speaks for a manipulation", f"{suspected} of {number}", not suspected),
        KeyFigure("channels that no image opens", f"{shut} of {channels}"),
        KeyFigure("natural images", str(count)),
    ]
    cards = [_suspect(one, run) for one, run in zip(found.signs, found.runs, strict=True)]
    told = ["Of each rectifier, the channels that none of the images opens."]
    census = Section("silent", "Silent channels", told, rows=silent)
    return results_page(
        Results(
            *("Has somebody manipulated the visualizations?", model, f"{number} units, {count} natural images"),
            *("suspected" if suspected else "nothing found", said, False if suspected else None, figures, cards),
            explained=SIGNS,
            printed=printed,
            file="detect.json",
            made=found.runs[0].settings.record(),
            sections=[census] if silent else [],
        )
    )


def _suspect(one: Signs, run: Run) -> UnitCard:
    """Return the card of one unit and what was measured of its visualization."""
    figures = {"reliance": one.reliance, "rift": one.rift, "excess": one.excess, "activation": run.activation}
    remarks = [f"{reason[:1].upper()}{reason[1:]}." for reason in one.reasons]
    badge = "suspected" if remarks else "nothing found"
    return UnitCard(one.unit, badge, not remarks, [("visualization", run.image)], figures, remarks=remarks)


def fool_page(method: str, shown: Sequence[tuple[Run, Run, np.ndarray | None]], about: Mapping[str, Any]) -> str:
    """Return the page of a fooled network; `about` holds its model, verdict, sentence, rows, engines, text, figures."""
    cards = [_fooled(*one, row) for one, row in zip(shown, about["rows"], strict=True)]
    engines = [{"engine": name, **row} for name, row in about["engines"].items()]
    return results_page(
        Results(
            *(
                "What do the visualizations of this network show?",
                about["model"],
                f"{method}, {len(cards)} units shown",
            ),
            *("fooled" if about["worked"] else "not fooled", about["sentence"], None, about["figures"], cards),
            explained=SHOWN,
            printed=about["printed"],
            file=f"{method}.json",
            made={"method": method, **shown[0][1].settings.record()},
            sections=[Section("engines", "Who is fooled", rows=engines)] if engines else [],
        )
    )


def _fooled(before: Run, after: Run, target: np.ndarray | None, row: Mapping[str, Any]) -> UnitCard:
    """Return the card of one unit before and after."""
    wanted = [] if target is None else [("to be shown", target)]
    figures = {name.replace("_", " "): value for name, value in row.items() if name != "unit"}
    likeness = (row.get("pixels_to_target"), row["pixels_to_own"])
    shifted = None if likeness[0] is None else likeness[0] > likeness[1]
    badge = "changed" if shifted is None else "shows the target" if shifted else "shows its own"
    return UnitCard(
        str(after.unit), badge, shifted, [("before", before.image), ("after", after.image), *wanted], figures
    )
