"""Make the pictures of paper.md from real weights and images: `python docs/paper.py --data FOLDER`.

FOLDER holds googlenet_bvlc_imagenet_fp16.pt, efficientnet_lite0_imagenet.pt, cifar10_resnet20.pt,
resnet50_pqf_imagenet.npz, imagenette_1000.npz, imagenet_sample1000_224.npz and cifar10_test.npz. What was finished is
kept in the folder of `--work`, so that a run that was stopped goes on.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

import fvproof as fv
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.natural_exemplars import mean_gain
from fvproof.empirical.plots import BLUE, GREY, INK

DOCS = Path(__file__).parent
MODEL = "docs/examples/googlenet_bvlc.py:googlenet"  # run this in the root of the repository
BLOCKS = [*("conv1", "conv2", "conv3"), *(f"inception{name}" for name in ("3a", "3b", "4a", "4b", "4c", "4d", "4e"))]
LAYERS = [*BLOCKS, "inception5a", "inception5b", "fc"]
WIDTH = 1600
"""Of a sheet, in pixels."""


def house() -> np.ndarray:
    """Return a drawing that no unit of a network is for, (3, 224, 224) in [0, 1]."""
    large = Image.new("RGB", (896, 896), (150, 200, 240))
    draw = ImageDraw.Draw(large)
    draw.rectangle((0, 600, 896, 896), fill=(110, 170, 80))
    draw.ellipse((660, 60, 820, 220), fill=(250, 210, 60))
    draw.rectangle((240, 380, 600, 700), fill=(235, 225, 205))
    draw.polygon([(192, 388), (420, 200), (648, 388)], fill=(190, 70, 50))
    for box, color in (((380, 520, 468, 700), (110, 70, 45)), ((720, 480, 760, 700), (120, 80, 50))):
        draw.rectangle(box, fill=color)
    for box in ((272, 440, 352, 512), (496, 440, 576, 512)):
        draw.rectangle(box, fill=(90, 140, 190))
    draw.ellipse((640, 320, 840, 540), fill=(60, 125, 60))
    small = large.resize((224, 224), Image.Resampling.LANCZOS)
    return np.asarray(small, np.float32).transpose(2, 0, 1) / 255


def sheet(source: Path, target: Path) -> None:
    """Write a sheet of visualizations as a picture of a page."""
    with Image.open(source) as found:
        size = (WIDTH, round(WIDTH * found.height / found.width))
        found.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(target, quality=80, method=6)


def before_and_after(folder: Path, target: Path) -> None:
    """Write the visualizations before and after that a folder holds, one sheet above the other."""
    with Image.open(folder / "before.png") as before, Image.open(folder / "after.png") as after:
        both = Image.new("RGB", (before.width, before.height + after.height), "white")
        both.paste(before.convert("RGB"), (0, 0))
        both.paste(after.convert("RGB"), (0, before.height))
    size = (WIDTH, round(WIDTH * both.height / both.width))
    both.resize(size, Image.Resampling.LANCZOS).save(target, quality=80, method=6)


def gains(reports: dict[str, Path], target: Path) -> None:
    """Draw of each audited unit by how many points its visualizations tell more than natural examples."""
    figure = Figure((8.4, 3.4), layout="constrained")
    for axes, (name, folder) in zip(figure.subplots(1, len(reports), sharey=True), reports.items(), strict=True):
        units = json.loads((folder / "report.json").read_text(encoding="utf-8"))["units"]
        found = [unit["reading"]["exemplars"]["gain"] for unit in units]
        mean = mean_gain([Estimate(**gain) for gain in found])
        values, lows, highs = (100 * np.array([gain[part] for gain in found]) for part in ("value", "low", "high"))
        axes.axhspan(100 * mean.low, 100 * mean.high, color=BLUE, alpha=0.15, linewidth=0)
        axes.axhline(0, color=GREY, linewidth=0.8)
        bars = np.stack([values - lows, highs - values])
        axes.errorbar(range(len(values)), values, bars, fmt="o", color=INK, markersize=4, linewidth=1)
        axes.set_xticks(range(len(values)), [unit["unit"] for unit in units], rotation=90, fontsize=6)
        axes.set_title(f"{name}: {100 * mean.value:.1f} ({100 * mean.low:.1f} to {100 * mean.high:.1f})", fontsize=9)
        print(name, mean)
    figure.axes[0].set_ylabel("points more than examples", fontsize=8)
    figure.savefig(target, metadata={"Date": None})


def audits(given: Path, work: Path) -> dict[str, Path]:
    """Audit a few units of three networks, and return where the reports are."""
    photographs = {"images": given / "imagenette_1000.npz", "limit": 160}
    classes = ":217,{0}:482,{0}:569,{0}:571"
    asked = {
        "ResNet-20": (
            *("cifar_resnet.py:resnet20", "cifar10_resnet20.pt", {"images": given / "cifar10_test.npz", "limit": 500}),
            *("layer1.2:0-3,layer2.2:0-3,layer3.1:0-3,linear:0-3", 128),
        ),
        "EfficientNet-Lite0": (
            *("efficientnet_lite0.py:efficientnet_lite0", "efficientnet_lite0_imagenet.pt", photographs),
            *(f"_blocks.4:0-3,_blocks.12:0-3,_fc{classes.format('_fc')}", 64),
        ),
        "GoogLeNet": (
            *("googlenet_bvlc.py:googlenet", "googlenet_bvlc_imagenet_fp16.pt", photographs),
            *(f"inception4a:0-3,inception5a:0-3,fc{classes.format('fc')}", 64),
        ),
    }
    for name, (file, weights, images, units, steps) in asked.items():
        model = fv.model(f"docs/examples/{file}", weights=given / weights, **images)
        fv.audit(model, units, steps=steps, radii=0, out=work / name)
    return {name: work / name for name in asked}


def silent(given: Path, work: Path) -> None:
    """Put silent units beside all filters of a layer of ResNet-50."""
    weights, images = given / "resnet50_pqf_imagenet.npz", given / "imagenette_1000.npz"
    model = fv.model("docs/examples/resnet50.py:resnet50", weights=weights, images=images, limit=200)
    print(fv.fool(model, "silent", "layer4.1.conv2", steps=64, show=6, engines="ours", out=work / "silent"))
    before_and_after(work / "silent", DOCS / "paper" / "silent.webp")


def main() -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("paper"))
    given = parser.parse_args()
    natural, others = given.data / "imagenette_1000.npz", given.data / "imagenet_sample1000_224.npz"
    model = fv.model(MODEL, weights=given.data / "googlenet_bvlc_imagenet_fp16.pt", images=natural)
    how = {"held_out": others, "learned": 20, "steps": 32, "show": 8, "engines": "ours"}
    given.work.mkdir(exist_ok=True)
    for name, target in (("arbitrary", {"target": house()}), ("permuted", {"offset": 100})):
        print(fv.fool(model, "circuit", out=given.work / name, **how, **target))
        sheet(given.work / name / "sheet.png", DOCS / "paper" / f"{name}.webp")
    found = fv.sanity(model, layers=LAYERS, steps=96, out=given.work / "sanity")
    print(found)
    found.plot().savefig(DOCS / "paper" / "sanity.svg")
    gains(audits(given.data, given.work), DOCS / "paper" / "exemplars.svg")
    silent(given.data, given.work)


if __name__ == "__main__":
    main()
