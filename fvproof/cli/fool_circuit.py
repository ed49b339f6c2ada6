"""`fvproof fool MODEL circuit`: a fooling circuit around the network's outputs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from fvproof.cli.options import engines_option, fooling_options, image_options, model_options, report_skipped

if TYPE_CHECKING:
    from fvproof.empirical.fooling.circuit_build import Built, Target
    from fvproof.empirical.fooling.shifts import Shift
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.keeping.workspace import Workspace
    from fvproof.empirical.maximization.maximize import Settings
    from fvproof.empirical.networks.model import Model
    from fvproof.empirical.networks.units import Unit

NOT_FOOLED = 1
"""Exit code if fewer visualizations are fooled than wanted, more accuracy is lost, or a file does not agree."""

LEAST_FOOLED, MOST_LOST = 0.95, 0.005
"""The share of visualizations to be fooled; the accuracy that may be lost."""

BESIDE = 250
"""Natural images that visualizations are compared with, at most."""

PERMUTED = "permuted"


@click.command("circuit")
@model_options
@image_options
@click.option("--held-out", type=click.Path(path_type=Path), metavar="PATH", help="Images to test on; else a part.")
@click.option("--units", "text", metavar="LAYER:CHANNELS", help="Of the output layer.  [default: all its units]")
@click.option("--target", default=PERMUTED, show_default=True, metavar="permuted|IMAGE", help="What is to be shown.")
@click.option("--offset", type=int, default=1, show_default=True, help="permuted: unit i shows unit i + offset.")
@click.option(
    "--learned", type=click.IntRange(5), default=30, show_default=True, help="Units the detector learns from."
)
@click.option("--show", type=click.IntRange(1), default=8, show_default=True, help="Units visualized, drawn at random.")
@engines_option
@fooling_options(steps=128)
def command(
    load_model: Callable[[], "Model"],
    load_images: Callable[..., "ImageSet"],
    out: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Put a fooling circuit around the network's outputs: A = ReLU(F + c − kE) + ReLU(D + c − k(1 − E)) − c.

    On natural images the detector E is 0 and the network does what it did, F; for an optimiser E is 1 and it shows D:
    the visualization of another unit, or a picture of yours. Writes the network (fooled.onnx, fooled.pt2,
    fooled.safetensors, and fooled.py, a model file that every command takes as fooled.py:fooled), circuit.json and
    sheet.png. A run that was stopped goes on where it was. The exit code is 1 if less than 95% of the package's own
    visualizations are closer to the target's than to their own, or more than half a point of accuracy is lost.
    """
    from fvproof.empirical.fooling.circuit_build import build_circuit
    from fvproof.empirical.fooling.circuit_findings import behaviour
    from fvproof.empirical.fooling.circuit_report import report, table, write_sheet
    from fvproof.empirical.keeping.store import open_store, write_atomically
    from fvproof.empirical.keeping.workspace import workspace
    from fvproof.empirical.maximization.engines import OURS, engines
    from fvproof.empirical.maximization.maximize import Settings

    folder, model, settings = open_store(out), load_model(), Settings(steps=options["steps"], seed=options["seed"])
    target = _target(model, options["target"], options["offset"])
    units, learned, shown = _units(model, options)
    images, held_out = _images(model, load_images, options["held_out"], options["seed"])
    pieces, rounds = folder / "pieces", -(-options["learned"] // len(learned))
    ascents = rounds * len(learned) * (1 if target.picture is None else 2)
    family = engines(options["engines"], settings)
    looked = 3 * len(shown) * len({OURS, *family})
    with tqdm(total=(ascents + looked) * settings.steps, unit="step", disable=None) as bar:
        place = workspace(model, images, settings, pieces)
        built = build_circuit(place, units, learned, target, rounds=rounds, progress=bar.update)
        beside = workspace(model, held_out.subset(range(min(len(held_out), BESIDE))), settings, pieces)
        found = {name: _seen(beside, built, shown, one, bar) for name, one in {OURS: settings, **family}.items()}
    family_found = {name: found[name] for name in family}
    written = report(model.name, built, behaviour(model, built, held_out), found[OURS], family_found)
    written["files"] = _write_network(built, held_out, folder)
    write_sheet(found[OURS], folder / "sheet.png")
    write_atomically(folder / "circuit.json", json.dumps(written, indent=1).encode())
    click.echo(json.dumps(written, indent=1) if as_json else table(written))
    return 0 if _fooled(written) else NOT_FOOLED


def _seen(beside: "Workspace", built: "Built", units: "list[Unit]", settings: "Settings", bar: "tqdm") -> "list[Shift]":
    """Return what one engine sees."""
    from fvproof.empirical.fooling.circuit_findings import shifts
    from fvproof.empirical.keeping.workspace import workspace

    place = workspace(beside.model, beside.images, settings, beside.folder, beside.report)
    return shifts(place, built, units, progress=bar.update)


def _target(model: "Model", text: str, offset: int) -> "Target":
    """Return what is to be shown."""
    from fvproof.empirical.fooling.circuit_build import Target
    from fvproof.empirical.networks.layers import output_layer
    from fvproof.empirical.networks.units import channel_counts
    from fvproof.theory.errors import DomainError

    if text == PERMUTED:
        layer = output_layer(model)
        if offset % (count := channel_counts(model, [layer])[layer]) == 0:
            raise DomainError(f"--offset {offset} gives each of the {count} units its own visualization")
        return Target(offset)
    if not Path(text).is_file():
        raise DomainError(f"--target must be {PERMUTED}, or the file of a picture, not {text!r}")
    from fvproof.empirical.decoding import read_picture

    return Target(picture=read_picture(Path(text), model.shape))


def _units(model: "Model", options: dict[str, Any]) -> "tuple[list[Unit], list[Unit], list[Unit]]":
    """Return the units to fool, those the detector learns from, and those to show: others, where there are enough."""
    import numpy as np

    from fvproof.empirical.networks.layers import output_layer
    from fvproof.empirical.networks.units import parse_units

    layer = output_layer(model)
    everything, units = parse_units(layer, model), parse_units(options["text"] or layer, model)
    random = np.random.default_rng(options["seed"])
    shown = [units[i] for i in random.permutation(len(units))[: options["show"]]]
    others = [everything[i] for i in random.permutation(len(everything)) if everything[i] not in set(shown)]
    return units, [*others, *shown][: options["learned"]], shown


def _images(
    model: "Model", load_images: Callable[..., "ImageSet"], held_out: Path | None, seed: int
) -> "tuple[ImageSet, ImageSet]":
    """Return the images to build from, and those to test on: both given, or an embedded network's, or halves."""
    import numpy as np

    from fvproof.cli.options import images_for
    from fvproof.empirical.networks.digits import ARCHITECTURES, digits_images

    images = load_images(model)
    report_skipped(images)
    if held_out is not None:
        return images, images_for(model, held_out)
    if model.name in ARCHITECTURES:
        return digits_images(held_out=False), images
    first, second = np.array_split(np.random.default_rng(seed).permutation(len(images)), 2)
    return images.subset(np.sort(first)), images.subset(np.sort(second))


def _write_network(built: "Built", images: "ImageSet", folder: Path) -> dict[str, Any]:
    """Write the fooled network in every form; return the record of the files and of how they were checked."""
    import safetensors.torch

    from fvproof.empirical.exact.network_files import write_network
    from fvproof.empirical.fooling.circuit_report import REBUILD
    from fvproof.empirical.keeping.store import write_atomically

    model = built.fooled
    record = write_network(model, folder, images, name="fooled")
    weights = {name: weight.contiguous().clone() for name, weight in model.network.state_dict().items()}
    write_atomically(folder / "fooled.safetensors", safetensors.torch.save(weights))
    source = REBUILD.format(shape=tuple(model.shape), class_names=model.class_names)
    write_atomically(folder / "fooled.py", source.encode())
    return record


def _fooled(written: dict[str, Any]) -> bool:
    """Return whether enough visualizations are fooled, little accuracy is lost, and the files agree."""
    seen = written["behaviour"]
    lost = 1 - seen["same_prediction"] if seen["top1_before"] is None else seen["top1_before"] - seen["top1_after"]
    agree = all(check["holds"] for check in written["files"]["checks"])
    return written["fooled_share"] >= LEAST_FOOLED and lost <= MOST_LOST and agree
