"""Make the pictures of paper.md from real weights and images: `python docs/paper.py --data FOLDER`.

FOLDER holds googlenet_bvlc_imagenet_fp16.pt, imagenette_1000.npz and imagenet_sample1000_224.npz. What was finished is
kept in the folder of `--work`, so that a run that was stopped goes on.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import fvproof as fv

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


if __name__ == "__main__":
    main()
