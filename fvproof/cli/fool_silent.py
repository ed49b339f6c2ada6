"""`fvproof fool silent`: filters get companions that natural images never excite, and visualizations always do."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate
from tqdm import tqdm

from fvproof.cli.options import engines_option, fooling_options, image_options, model_options, report_skipped
from fvproof.theory.wording import percent

if TYPE_CHECKING:
    from fvproof.empirical.fooling.silent import Silenced
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model
    from fvproof.empirical.networks.units import Unit

NOT_UNCHANGED = 1
"""Exit code if an output for a natural image changes, the certificate does not hold, or a file does not agree."""


@click.command("silent")
@model_options
@image_options
@click.option("--units", "text", required=True, metavar="LAYER[:CHANNELS]", help="Of one layer; alone: all of them.")
@click.option(
    "--target", type=click.Path(path_type=Path), metavar="IMAGE", help="What to show.  [default: a unit's own]"
)
@click.option("--margin", type=float, help="As a share of the natural range.  [default: half of what starts leave]")
@click.option("--factor", type=float, default=8.0, show_default=True, help="λ, of the target beside the filter.")
@click.option("--scale", type=float, default=100.0, show_default=True, help="Of the silent filters.")
@click.option("--unseen", type=click.FloatRange(0, 1, max_open=True), default=0.25, show_default=True, metavar="SHARE")
@click.option("--show", type=click.IntRange(2), default=8, show_default=True, help="Units visualized before and after.")
@engines_option
@fooling_options(steps=256)
def command(
    load_model: Callable[[], "Model"],
    load_images: Callable[..., "ImageSet"],
    text: str,
    out: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Add to the units of a layer others that are silent on all natural images, and that visualizations show.

    Silent units are built from part of the images; the share `--unseen` of them, drawn at random, is kept to see how
    often they fire. Writes network.onnx and network.pt2, hull.json with the files that it is checked from (`fvproof
    check DIR/hull.json`), silent.json, and both sheets of visualizations.
    """
    import torch

    from fvproof.empirical.decoding import read_picture
    from fvproof.empirical.fooling.hull import FEATURES
    from fvproof.empirical.fooling.ingredients import seen_and_unseen
    from fvproof.empirical.fooling.silent import Strength, silence
    from fvproof.empirical.keeping.store import open_store
    from fvproof.empirical.networks.units import parse_units

    strength = Strength(options["factor"], options["scale"], options["margin"])
    model, folder = load_model(), open_store(out)
    units = parse_units(text, model)
    images = load_images(model)
    report_skipped(images)
    seen, unseen = seen_and_unseen(images, options["unseen"], options["seed"])
    target = torch.from_numpy(read_picture(options["target"], model.shape)) if options["target"] else None
    found = silence(model, units, seen, target=target, strength=strength, path=folder / FEATURES)
    report = _report(model, found, (seen, unseen), folder)
    report["visualizations"] = _shown(model, found, units[: options["show"]], seen, folder, options)
    report["engines"] = _engines(model, found, units[: options["show"]], seen, options)
    _write(report, folder)
    click.echo(json.dumps(report, indent=1) if as_json else _summary(report))
    checks = [*report["hull"], *report["files"]["checks"]]
    return 0 if report["natural"]["largest_change"] == 0 and all(check["holds"] for check in checks) else NOT_UNCHANGED


def _report(
    model: "Model", found: "Silenced", images: "tuple[ImageSet, ImageSet | None]", folder: Path
) -> dict[str, Any]:
    """Return what the network does on natural images, after writing files and certificate."""
    from dataclasses import asdict

    import numpy as np

    from fvproof.empirical.exact.network_files import write_network
    from fvproof.empirical.fooling.firing import firing
    from fvproof.empirical.fooling.hull import CERTIFICATE, recheck_hull, write_hull
    from fvproof.empirical.fooling.unchanged import compared

    seen, unseen = images
    files = write_network(found.model, folder, seen)
    write_hull(found, folder, files["onnx"]["file"])
    return {
        "model": model.name,
        "layer": found.layer,
        "units": len(found.channels),
        "margin": float(np.median(found.margin)),
        "reached": float((found.reach > found.margin).mean()),
        "opened": found.opened,
        "natural": asdict(compared(model, found.model, seen)),
        "unseen": None if unseen is None else asdict(compared(model, found.model, unseen)),
        "firing": [] if unseen is None else [asdict(row) for row in firing(found, unseen)],
        "hull": [asdict(check) for check in recheck_hull(folder / CERTIFICATE)],
        "files": files,
    }


def _shown(
    model: "Model", found: "Silenced", units: "list[Unit]", seen: "ImageSet", folder: Path, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how alike visualizations are before and after, and write both sheets."""
    from dataclasses import asdict, replace

    import numpy as np

    from fvproof.empirical.fooling.sameness import sameness
    from fvproof.empirical.maximization.maximize import Settings, maximize
    from fvproof.empirical.maximization.pictures import write_sheet

    settings, runs = Settings(steps=options["steps"], seed=options["seed"]), {}
    again = max(len(units), 2)
    with tqdm(total=(2 * len(units) + again) * settings.steps, unit="step", desc="visualizing", disable=None) as bar:
        for name, one in (("before", model), ("after", found.model)):
            runs[name] = maximize(one, units, settings, progress=bar.update)
            write_sheet(runs[name], folder / f"{name}.png")
        others = (replace(settings, seed=settings.seed + 1 + i) for i in range(again))
        runs["one unit after"] = [maximize(found.model, units[:1], other, progress=bar.update)[0] for other in others]
    stacks = {name: np.stack([run.image for run in found_runs]) for name, found_runs in runs.items()}
    return {
        "units": [str(unit) for unit in units],
        "sameness": {
            name: asdict(sameness(model, found.layer, stack, seen)) for name, stack in stacks.items() if len(stack) > 1
        },
        "activation": {name: float(np.median([run.activation for run in runs[name]])) for name in ("before", "after")},
        "status": {name: [str(run.status) for run in runs[name]] for name in ("before", "after")},
    }


def _engines(
    model: "Model", found: "Silenced", units: "list[Unit]", seen: "ImageSet", options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what each engine sees."""
    from fvproof.empirical.fooling.shifts import engine_record
    from fvproof.empirical.fooling.silent_findings import silent_shifts
    from fvproof.empirical.maximization.engines import engines
    from fvproof.empirical.maximization.maximize import Settings

    family = engines(options["engines"], Settings(steps=options["steps"], seed=options["seed"]))
    total = 3 * len(units) * len(family) * options["steps"]
    with tqdm(total=total, unit="step", desc="other engines", disable=None) as bar:
        return {
            name: engine_record(silent_shifts(model, found, units, settings, seen, progress=bar.update))
            for name, settings in family.items()
        }


def _write(report: Mapping[str, Any], folder: Path) -> None:
    """Write the report."""
    from fvproof.empirical.keeping.store import write_atomically

    write_atomically(folder / "silent.json", json.dumps(report, indent=1).encode())


def _summary(report: Mapping[str, Any]) -> str:
    """Return the report as text."""
    from fvproof.empirical.fooling.shifts import engine_lines

    reached = percent(report["reached"], rounded="down")
    lines = [f"{report['units']} silent units in {report['layer']} of {report['model']}"]
    lines += [f"the target drives {reached} of them beyond the natural images and the margin"]
    starts = ", ".join(f"{name} {percent(share, rounded='down')}" for name, share in report["opened"].items())
    lines += [f"opened by the starts of engines: {starts} (margin {report['margin']:.3g})", ""]
    names = {"natural": "images used", "unseen": "images unseen"}
    rows = [
        (title, one["images"], percent(one["unchanged"], 1, rounded="down"), one["largest_change"], *_top1(one))
        for key, title in names.items()
        if (one := report[key])
    ]
    lines += [tabulate(rows, ("", "number", "unchanged", "largest change", "top-1 before", "after"), floatfmt=".4g")]
    if report["firing"]:
        headers = ("margin", "images that fire a unit", "pairs of image and unit", "largest, in natural ranges")
        fired = [
            (row["margin"], *(percent(row[of], 2, rounded="up") for of in ("images", "pairs")), row["strength"])
            for row in report["firing"]
        ]
        lines += ["", "firing on images unseen", tabulate(fired, headers)]
    shown = report["visualizations"]
    rows = [(name, one["pixels"], one["features"]) for name, one in shown["sameness"].items()]
    title = f"sameness of the visualizations of {len(shown['units'])} units (last row: of one unit from other starts)"
    lines += ["", title, tabulate(rows, ("", "pixels", "features"), floatfmt=".3f")]
    before, after = (shown["activation"][name] for name in ("before", "after"))
    lines += ["", f"median activation of the visualizations: {before:.4g} before, {after:.4g} after"]
    lines += ["", *engine_lines(report["engines"])]
    lines += ["", *(_told(check) for check in [*report["hull"], *report["files"]["checks"]])]
    return "\n".join(lines)


def _top1(one: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the accuracy before and after; nothing without labels."""
    return tuple("" if (top := one[f"top1_{when}"]) is None else percent(top, 2) for when in ("before", "after"))


def _told(check: Mapping[str, Any]) -> str:
    """Return a check in one line."""
    return f"{'yes' if check['holds'] else 'NO '} {check['name']} ({check['how']})"
