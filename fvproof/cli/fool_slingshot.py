"""`fvproof fool slingshot`: fine-tuning after which a unit's visualization is a picture of your choice."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate
from tqdm import tqdm

from fvproof.cli.options import fooling_options, image_options, model_options, report_skipped
from fvproof.theory.wording import percent

if TYPE_CHECKING:
    from torch import Tensor

    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model
    from fvproof.empirical.networks.units import Unit

FAILED = 1
"""Exit code if the visualization has not come closer to the target, or a file does not agree."""


@click.command("slingshot")
@model_options
@image_options
@click.option("--unit", "text", required=True, metavar="LAYER:CHANNEL", help="Such as logits:3.")
@click.option("--target", type=click.Path(path_type=Path), metavar="IMAGE", help="What to show.  [default: rings]")
@click.option("--train-steps", type=click.IntRange(1), default=500, show_default=True, help="Steps of fine-tuning.")
@click.option("--learning-rate", type=float, default=2e-3, show_default=True, help="Of fine-tuning.")
@click.option("--unseen", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.25, show_default=True)
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
    """Fine-tune the network so that gradient ascent on one unit ends at a picture; its architecture stays as it is.

    The share `--unseen` of the images is kept from training, to see what changed on them. Writes network.onnx,
    network.pt2, slingshot.json and the visualizations before and after.
    """
    from fvproof.empirical.exact.network_files import write_network
    from fvproof.empirical.fooling.ingredients import picture_or_rings, seen_and_unseen
    from fvproof.empirical.fooling.slingshot import Sling, sling
    from fvproof.empirical.fooling.unchanged import compared
    from fvproof.empirical.keeping.store import open_store, write_atomically
    from fvproof.empirical.networks.units import parse_units
    from fvproof.theory.errors import DomainError

    model, folder = load_model(), open_store(out)
    units = parse_units(text, model)
    if len(units) != 1:
        raise DomainError(f"a slingshot is for one unit (LAYER:CHANNEL), received {len(units)}")
    images = load_images(model)
    report_skipped(images)
    seen, unseen = seen_and_unseen(images, options["unseen"], options["seed"])
    target = picture_or_rings(options["target"], model)
    settings = Sling(steps=options["train_steps"], learning_rate=options["learning_rate"], seed=options["seed"])
    with tqdm(total=settings.steps, unit="step", desc="fine-tuning", disable=None) as bar:
        slung = sling(model, units[0], seen, target, settings, progress=bar.update)
    report = {
        "model": model.name,
        "unit": str(slung.unit),
        "missed": {"value": slung.value, "gradient": slung.gradient, "natural": slung.natural},
        "unseen": None if unseen is None else asdict(compared(model, slung.model, unseen)),
        "visualization": _shown((model, slung.model), units, target, folder, options),
        "files": write_network(slung.model, folder, seen),
    }
    write_atomically(folder / "slingshot.json", json.dumps(report, indent=1).encode())
    click.echo(json.dumps(report, indent=1) if as_json else _summary(report))
    before, after = (report["visualization"][name]["correlation"] for name in ("before", "after"))
    return 0 if after > before and all(check["holds"] for check in report["files"]["checks"]) else FAILED


def _shown(
    models: "tuple[Model, Model]", units: "list[Unit]", target: "Tensor", folder: Path, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how near the visualization is to the target before and after, and write both."""
    import numpy as np

    from fvproof.empirical.maximization.maximize import Settings, maximize
    from fvproof.empirical.maximization.pictures import write_sheet

    wanted, found = target.numpy(), {}
    for name, model in zip(("before", "after"), models, strict=True):
        (run,) = maximize(model, units, Settings(steps=options["steps"], seed=options["seed"]))
        write_sheet([run], folder / f"{name}.png")
        found[name] = {
            "distance": float(np.sqrt(np.square(run.image - wanted).mean())),
            "correlation": float(np.corrcoef(run.image.ravel(), wanted.ravel())[0, 1]),
            "activation": run.activation,
            "status": str(run.status),
        }
    return found


def _summary(report: Mapping[str, Any]) -> str:
    """Return the report as text."""
    shown, unseen = report["visualization"], report["unseen"]
    headers = ("visualization", "distance to target", "correlation", "activation", "status")
    lines = [f"slingshot at {report['unit']} of {report['model']}", ""]
    lines += [tabulate([(name, *shown[name].values()) for name in ("before", "after")], headers, floatfmt=".3g")]
    if unseen is not None:
        same = percent(unseen["same_prediction"], 1, rounded="down")
        lines += [
            "",
            f"on {unseen['images']} images unseen, {same} of predictions are the same",
        ]
        if unseen["top1_before"] is not None:
            lines += [f"top-1: {percent(unseen['top1_before'], 1)} before, {percent(unseen['top1_after'], 1)} after"]
    marks = {True: "yes", False: "NO "}
    return "\n".join(
        [*lines, "", *(f"{marks[c['holds']]} {c['name']} ({c['how']})" for c in report["files"]["checks"])]
    )
