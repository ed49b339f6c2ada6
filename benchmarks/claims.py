"""What `fvproof claim` decides about pictures that deserve their claims, and about those that do not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor

from benchmarks.detection import DATA, EXAMPLE, _circuit, _trained
from fvproof.empirical.claim.asked import Claim
from fvproof.empirical.claim.measure import measure as measured
from fvproof.empirical.claim.verdict import Decision, Measured, Verdict, decide
from fvproof.empirical.fooling.circuit_build import Target, build_circuit
from fvproof.empirical.fooling.ingredients import rings
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.fooling.slingshot import Sling, sling
from fvproof.empirical.images import ImageSet, load_images
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.baselines import noise_batches
from fvproof.empirical.maximization.engines import ENGINES
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import frozen
from fvproof.empirical.networks.readout import reading
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model

TITLE = "Verdicts of fvproof claim, kind by kind: right claims should be accepted or left undecided, wrong ones refused"

SETTINGS = Settings(steps=128)

METHODS = ("ours", "plain", "pixels", "noise", "still", "fast")
"""Engines that make right claims, from seeds that the card's own searches do not use."""

LONGER = replace(SETTINGS, steps=512)

SEED = 11

OTHERS = (1, 2, 3)
"""Seeds of other networks of digits; the embedded one was trained from seed 0."""

LOOPS = {
    "plain Adam, Fourier": {"pixels": False},
    "plain Adam, pixels": {"pixels": True},
    "plain Adam, Fourier, moved by a pixel": {"pixels": False, "moved": True},
}
"""What people write first, without anything of this package."""

SHIFTS = (1, 2, 3)
"""A picture is claimed for the units so many places further in its layer."""

UNITS = {"digits": ("conv2:8", "hidden:8", "logits:10"), "resnet20": ("layer2.2:3", "layer3.1.conv2:3", "linear:3")}
"""Of each network so many units of these layers."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Claims of one kind about one network: right ones, or wrong ones."""

    name: str
    right: bool
    model: Model
    images: ImageSet
    claims: tuple[Claim, ...]


def measure(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """Yield one row for each kind of claims; `quick` takes two units of the embedded network only."""
    for network, kind, pairs in decided(quick=quick):
        yield {"network": network, "claims": kind.name, "right": kind.right, **_counts(kind, pairs)}


def decided(*, quick: bool = False) -> Iterator[tuple[str, Kind, list[tuple[Measured, Decision]]]]:
    """Yield the network, the kind of claims, and what was measured and decided of each."""
    for network, kinds in _networks(quick=quick):
        with TemporaryDirectory() as folder:
            for kind in kinds:
                work = workspace(kind.model, kind.images, SETTINGS, Path(folder), lambda _: None)
                found = measured(work, kind.claims, None)
                yield network, kind, [(one, decide(one)) for one in found]


def _counts(kind: Kind, pairs: Sequence[tuple[Measured, Decision]]) -> dict[str, object]:
    """Return how many there are of each verdict; of right claims, those count that natural images and noise let be."""
    failed = [one for one, _ in pairs if kind.right and _is_beaten(one)]
    rest = [(one, said) for one, said in pairs if one not in failed]
    count = {verdict: sum(said.verdict is verdict for _, said in rest) for verdict in Verdict}
    faulty = Verdict.NOT_DESERVED if kind.right else Verdict.DESERVED
    return {
        "of": len(rest),
        **{str(verdict): number for verdict, number in count.items()},
        "ascents that failed": len(failed) if kind.right else None,
        "wrongly decided": ", ".join(one.unit for one, said in rest if said.verdict is faulty) or None,
    }


def _is_beaten(found: Measured) -> bool:
    """Return whether a natural image or noise is more extreme: the ascent that made the picture failed."""
    return found.sign * found.activation < max(found.sign * found.natural_best, found.sign * found.noise_best)


def _networks(*, quick: bool) -> Iterator[tuple[str, Iterator[Kind]]]:
    """Yield each network and the kinds of claims about it."""
    seen, images = digits_images(held_out=False), digits_images()
    digits = load_model("digits")
    others = [
        replace(digits, name=f"seed {seed}", network=_trained(seed, seen)) for seed in OTHERS[: 1 if quick else None]
    ]
    units = _units("digits", most=2 if quick else None)
    yield "digits", _kinds(digits, images, units, others)
    fooled = _fooled(digits, seen, units, quick=quick)
    yield "digits", (_about_itself(name, model, images, some) for name, model, some in fooled)
    if DATA.is_dir() and not quick:
        yield "resnet20", _residual()


def _residual() -> Iterator[Kind]:
    """Yield the kinds of claims about the residual network for CIFAR-10; other weights are those of ResNet-44."""
    model, other = (
        load_model(f"{EXAMPLE}:{name}", weights=DATA / f"cifar10_{name}.pt") for name in ("resnet20", "resnet44")
    )
    images = load_images(DATA / "cifar10_test.npz", model.shape, limit=200)
    units = _units("resnet20")
    yield from _kinds(model, images, units, [replace(other, name="ResNet-44")])
    fooled = silence(model, [unit for unit in units if unit.layer == "layer3.1.conv2"], images).model
    yield _about_itself("silent units", fooled, images, [unit for unit in units if unit.layer == "layer3.1.conv2"])


def _units(network: str, most: int | None = None) -> list[Unit]:
    """Return the units that are claimed."""
    pairs = [text.split(":") for text in UNITS[network]]
    return [Unit(layer, channel) for layer, count in pairs for channel in range(int(count))[:most]]


def _kinds(model: Model, images: ImageSet, units: Sequence[Unit], others: Sequence[Model]) -> Iterator[Kind]:
    """Yield right claims by several methods, then wrong ones."""
    for name in METHODS:
        settings = replace(ENGINES[name](SETTINGS), seed=SEED)
        yield _right(f"engine {name}", model, images, _claims(units, _visualized(model, units, settings)))
    shown = _visualized(model, units, replace(LONGER, seed=SEED))
    yield _right(f"{LONGER.steps} steps", model, images, _claims(units, shown))
    for name, how in LOOPS.items():
        yield _right(name, model, images, _claims(units, [plain_loop(model, unit, **how) for unit in units]))
    pictures = _visualized(model, units, replace(SETTINGS, seed=SEED))
    for shift in SHIFTS:
        turned = [pictures[_next(units, place, shift)] for place in range(len(units))]
        yield _wrong(f"of another unit, {shift} further", model, images, _claims(units, turned))
    for other in others:
        shown = _visualized(other, units, replace(SETTINGS, seed=SEED))
        yield _wrong(f"other weights, {other.name}", model, images, _claims(units, shown))
    noise = torch.cat(list(noise_batches(model.shape, len(units), SEED, batch=len(units)))).numpy()
    yield _wrong("noise", model, images, _claims(units, list(noise)))
    yield _wrong("natural images that are beaten", model, images, _claims(units, _natural(model, images, units)))


def _right(name: str, model: Model, images: ImageSet, claims: tuple[Claim, ...]) -> Kind:
    """Return claims that should be accepted, or left undecided."""
    return Kind(name, right=True, model=model, images=images, claims=claims)


def _wrong(name: str, model: Model, images: ImageSet, claims: tuple[Claim, ...]) -> Kind:
    """Return claims that should not be accepted."""
    return Kind(name, right=False, model=model, images=images, claims=claims)


def _next(units: Sequence[Unit], place: int, shift: int) -> int:
    """Return the place of another unit of the same layer."""
    mates = [i for i, unit in enumerate(units) if unit.layer == units[place].layer]
    return mates[(mates.index(place) + shift) % len(mates)]


def _visualized(model: Model, units: Sequence[Unit], settings: Settings) -> list[np.ndarray]:
    """Return visualizations of units."""
    return [run.image for run in maximize(model, units, settings)]


def _claims(units: Sequence[Unit], pictures: Sequence[np.ndarray]) -> tuple[Claim, ...]:
    """Return the claims that pictures, as files hold them, are visualizations of units."""
    return tuple(
        Claim(unit, (np.rint(255 * picture) / 255).astype(np.float32))
        for unit, picture in zip(units, pictures, strict=True)
    )


def _natural(model: Model, images: ImageSet, units: Sequence[Unit]) -> list[np.ndarray]:
    """Return the image that excites each unit second most: the first one beats it."""
    found = activations(model, units, images.batches(64))
    places = [int(np.argsort(-found[unit], kind="stable")[1]) for unit in units]
    return [images.batch(place, place + 1)[0].numpy() for place in places]


def plain_loop(model: Model, unit: Unit, *, pixels: bool, moved: bool = False, steps: int = 256) -> np.ndarray:
    """Return what the shortest loop finds: Adam on an image, in pixels or in waves over frequency."""
    generator = torch.Generator().manual_seed(SEED)
    channels, height, width = model.shape
    size = (channels, height, width) if pixels else (channels, height, width // 2 + 1, 2)
    values = (0.01 * torch.randn(size, generator=generator)).requires_grad_()
    optimizer = torch.optim.Adam([values], lr=0.05)
    slowness = (torch.fft.fftfreq(height)[:, None].square() + torch.fft.rfftfreq(width).square()).sqrt()

    def image() -> Tensor:
        if pixels:
            return torch.sigmoid(values)
        waves = torch.view_as_complex(values) / slowness.clamp(min=1 / max(height, width))
        return torch.sigmoid(torch.fft.irfft2(waves, s=(height, width), norm="ortho"))

    with frozen(model.network), torch.enable_grad(), reading(model, [unit], "mean") as read:
        for step in range(steps):
            optimizer.zero_grad()
            seen = image().roll((step % 2, step // 2 % 2), (1, 2)) if moved else image()
            (-read(seen[None], None).sum()).backward()
            optimizer.step()
    return image().detach().numpy()


def _fooled(
    model: Model, seen: ImageSet, units: Sequence[Unit], *, quick: bool
) -> Iterator[tuple[str, Model, Sequence[Unit]]]:
    """Yield networks that were manipulated, and the units that were."""
    for layer in ("hidden", "logits"):
        some = [unit for unit in units if unit.layer == layer]
        yield f"silent units in {layer}", silence(model, some, seen).model, some
    if quick:
        return
    outputs = [unit for unit in units if unit.layer == "logits"]
    yield "fooling circuit, permuted", _circuit(model, outputs, seen), outputs
    with TemporaryDirectory() as folder:
        place = workspace(model, seen, SETTINGS, Path(folder), lambda _: None)
        picture = build_circuit(place, outputs, outputs, Target(picture=rings(model.shape).numpy())).fooled
    yield "fooling circuit, a picture", picture, outputs
    for unit in (Unit("logits", 3), Unit("logits", 7), Unit("hidden", 5)):
        slung = sling(model, unit, seen, rings(model.shape), Sling(steps=250)).model
        yield f"slingshot at {unit}", slung, [unit]


def _about_itself(name: str, model: Model, images: ImageSet, units: Sequence[Unit]) -> Kind:
    """Return claims about a manipulated network, with the pictures that it shows: extrema there, and manipulated."""
    return _wrong(name, model, images, _claims(units, _visualized(model, units, replace(SETTINGS, seed=SEED))))
