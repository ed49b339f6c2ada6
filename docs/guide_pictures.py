"""Make the pictures of the guides with the package itself: `python docs/guide_pictures.py [--data FOLDER] [NAME ...]`.

Without --data, those of the embedded networks; with the folder of paper.py, and cifar10_resnet20.pt, cifar10_test.npz
and efficientnet_lite0_imagenet.pt in it, the others too. What is finished is kept in the folder of --work.
"""

import argparse
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

import fvproof as fv
from fvproof.empirical.fooling.ingredients import seen_and_unseen
from fvproof.empirical.fooling.pulse_report import top_images
from fvproof.verbs.subject import Subject

GUIDES = Path(__file__).parent / "guides"
EXAMPLES = Path("docs") / "examples"  # as a report names them: run this in the root of the repository
QUALITY = 82
INK = "#22252a"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def keep(figure: Figure, name: str) -> None:
    """Write a figure as a picture of a guide."""
    figure.savefig(GUIDES / f"{name}.webp", pil_kwargs={"quality": QUALITY, "method": 6})


def rows(pictures: Sequence[Sequence[np.ndarray]], titles: Sequence[Sequence[str]], heads: Sequence[str]) -> Figure:
    """Return pictures (C, H, W) in rows, each under its title, with a word before each row."""
    count, width = len(pictures), max(map(len, pictures))
    figure = Figure((1.45 * width + 1.2, 1.72 * count), dpi=130, layout="constrained")
    for places, line, words, head in zip(
        figure.subplots(count, width, squeeze=False), pictures, titles, heads, strict=True
    ):
        for axes in places:
            axes.set_axis_off()
        for axes, picture, word in zip(places, line, words, strict=False):
            shown = picture[0] if len(picture) == 1 else picture.transpose(1, 2, 0)
            axes.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axes.set_title(word, fontsize=8, color=INK)
        place = {"transform": places[0].transAxes, "ha": "right", "va": "center"}
        places[0].text(-0.08, 0.5, head, fontsize=9, color=INK, **place)
    return figure


def certified(_data: Path | None, _work: Path) -> None:
    """What gradient ascent finds of four units, above the true maxima, which are certified."""
    units = [f"hidden2:{i}" for i in (0, 1, 3, 5)]
    found = fv.maximize("digits-small", units, steps=256)
    true = [fv.certify("digits-small", unit=unit, tolerance="1e-3", timeout_s=60) for unit in units]
    exact = [np.asarray([float(x) for x in one.point], np.float32).reshape(1, 8, 8) for one in true]
    titles = [f"{unit}: {run.activation:.3f}" for unit, run in zip(units, found.runs, strict=True)]
    bounds = [f"the maximum: {float(one.low):.3f}" for one in true]
    keep(rows([[*found.images], exact], [titles, bounds], ["found", "certified"]), "certified-extrema")


def method(_data: Path | None, work: Path) -> None:
    """The two units that refute a decoder."""
    fv.refute("relu-network", f"{EXAMPLES / 'nearer.py'}:nearer", dim=2).save(work / "refuted")
    with Image.open(work / "refuted" / "twins.png") as drawn:
        drawn.convert("RGB").save(GUIDES / "own-method.webp", quality=QUALITY, method=6)


def readable(_data: Path | None, _work: Path) -> None:
    """Visualizations of ordinary units, of cosine units and of prototype units."""
    names = {"digits-plain": "ordinary", "digits-cosine": "cosine", "digits-prototype": "prototype"}
    found = [fv.maximize(name, "hidden:0-5", steps=256) for name in names]
    titles = [[f"{run.unit}" for run in one.runs] for one in found]
    keep(rows([[*one.images] for one in found], titles, list(names.values())), "reading")


def suspected(_data: Path | None, _work: Path) -> None:
    """Visualizations of untouched and of silent units, with what they rest on."""
    fooled = fv.fool("digits", "silent", "hidden:0-7", steps=128, engines="ours")
    found = [fv.detect(one, "hidden:0-5", steps=128) for one in ("digits", fooled.model)]
    print(*found, sep="\n")
    titles = [[f"reliance {row['reliance']:.2f}" for row in one.rows] for one in found]
    images = [[run.image for run in one.found.runs] for one in found]
    keep(rows(images, titles, ["untouched", "with silent\nunits"]), "detection")


def question(_data: Path | None, work: Path) -> None:
    """A question of a trial, as a phone or a desk shows it."""
    fv.trial("digits", "conv2:0-3,logits:0-3", pairs=2, steps=64, out=work / "trial")
    photograph(work / "trial" / "trial.html", "trial", width=900, height=800, press="Begin")


def features(data: Path | None, work: Path) -> None:
    """Features of an autoencoder beside neurons of the same layer."""
    m = imagenet(data, "efficientnet_lite0", "efficientnet_lite0_imagenet.pt")
    units = f"{work / 'sae.safetensors'}:{{}}@_blocks.10"
    wanted = units.format("8-13"), "_blocks.10:8-13"
    found = [fv.maximize(m, one, steps=96, batch_size=6, out=work / f"sae{i}") for i, one in enumerate(wanted)]
    titles = [[str(run.unit).partition("@")[0].rpartition(":")[2] for run in one.runs] for one in found]
    keep(rows([[*one.images] for one in found], titles, ["features", "neurons"]), "dictionaries")


def way(data: Path | None, work: Path) -> None:
    """How four visualizations come about."""
    m = imagenet(data, "googlenet_bvlc:googlenet", "googlenet_bvlc_imagenet_fp16.pt")
    found = fv.maximize(m, "inception4c:10,fc:569,fc:571", steps=256, at=(1, 8, 32, 128, 256), out=work / "way")
    titles = [[f"{run.activation:.3g}" for _ in run.way] for run in found.runs]
    for line, run in zip(titles, found.runs, strict=True):
        line[:] = [f"{steps}: {value:.3g}" for steps, value in zip(run.settings.at, run.way_activations, strict=True)]
    keep(rows([[*run.way] for run in found.runs], titles, [str(run.unit) for run in found.runs]), "visualizations-way")


def pulsed(data: Path | None, work: Path) -> None:
    """What excites a unit of ResNet-20 before and after a pulse: its visualization, and unseen images of no person."""
    assert data is not None
    images = {"images": data / "cifar10_test.npz", "limit": 1200}
    before = fv.model("docs/examples/cifar_resnet.py:resnet20", weights=data / "cifar10_resnet20.pt", **images)
    name, options = "layer3.1.conv2:10", {"target_class": 5, "train_steps": 300, "steps": 128}
    found = fv.fool(before, "pulse", name, out=work / "pulse", **options)
    print(found)
    _, unseen = seen_and_unseen(before.natural, 0.25, 0)
    assert unseen is not None
    lines = []
    for m, run in ((before, found.before[0]), (found.model, found.after[0])):
        top = top_images(m.model, run.unit, unseen)[:5]
        lines.append([run.image, *(unseen.batch(int(i), int(i) + 1)[0].numpy() for i in top)])
    titles = [["visualization", "top unseen images", "", "", "", ""]] * 2
    keep(rows(lines, titles, ["before", "after"]), "fooling-pulse")


def imagenet(data: Path | None, name: str, weights: str) -> Subject:
    """Return a network for ImageNet with a few photographs of ten classes."""
    assert data is not None
    file, _, function = name.partition(":")
    images = data / "imagenette_1000.npz"
    return fv.model(f"{EXAMPLES / file}.py:{function or file}", weights=data / weights, images=images, limit=100)


def report(data: Path | None, work: Path) -> None:
    """The first screen of the report on a network of one's own, and a card of it."""
    assert data is not None
    m = fv.model(
        f"{EXAMPLES / 'cifar_resnet.py'}:resnet20",
        weights=data / "cifar10_resnet20.pt",
        images=data / "cifar10_test.npz",
        limit=500,
    )
    fv.audit(m, "layer1.2:0-3,layer2.2:0-3,layer3.1:0-3,linear:0-3", steps=128, radii=0, out=work / "resnet20")
    page = work / "resnet20" / "report.html"
    photograph(page, "own-model", width=1100, height=760)
    photograph(page, "what-the-audit-measures", width=1100, height=900, part='[id="unit-linear:2"]')


def photograph(page: Path, name: str, *, width: int, height: int, part: str = "", press: str = "") -> None:
    """Write a screenshot of a page as a picture of a guide."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    shot = GUIDES / f"{name}.png"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        tab = browser.new_page(viewport={"width": width, "height": height})
        tab.goto(page.resolve().as_uri())
        if press:
            tab.get_by_role("button", name=press).click()
        (tab.locator(part).first if part else tab).screenshot(path=shot)
    with Image.open(shot) as picture:
        picture.convert("RGB").save(shot.with_suffix(".webp"), quality=QUALITY, method=6)
    shot.unlink()


PICTURES: dict[str, Callable[[Path | None, Path], None]] = {
    one.__name__: one for one in (certified, method, readable, suspected, question, features, way, report, pulsed)
}
NEED_DATA = ("features", "way", "report", "pulsed")


def main() -> None:
    """Make all pictures, or some by name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*PICTURES, []], metavar="NAME")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--work", type=Path, default=Path("pictures"))
    given = parser.parse_args()
    given.work.mkdir(exist_ok=True)
    for name in given.names or PICTURES:
        if given.data is not None or name not in NEED_DATA:
            PICTURES[name](given.data, given.work)


if __name__ == "__main__":
    main()
