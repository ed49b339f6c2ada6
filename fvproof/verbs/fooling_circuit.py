"""`fv.fool(model, "circuit")`: a fooling circuit around the network's outputs."""

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import safetensors.torch
from torch import Tensor
from tqdm import tqdm

from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.fooling.circuit_build import Built, Target, build_circuit
from fvproof.empirical.fooling.circuit_findings import behaviour, shifts
from fvproof.empirical.fooling.circuit_report import REBUILD, report, write_sheet
from fvproof.empirical.fooling.shifts import Shift
from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.keeping.workspace import Workspace, workspace
from fvproof.empirical.maximization.engines import DEFAULT_ENGINES, OURS, engines, named_engines
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.digits import ARCHITECTURES, digits_images
from fvproof.empirical.networks.layers import output_layer
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, channel_counts, parse_units
from fvproof.theory.errors import DomainError
from fvproof.verbs.folders import opened
from fvproof.verbs.fooled import PIECES, FoolResult
from fvproof.verbs.natural import Images, natural_images, required
from fvproof.verbs.pictures import Picture, picture_of
from fvproof.verbs.subject import Subject
from fvproof.verbs.units import Units, units_of

LEAST_FOOLED, MOST_LOST = 0.95, 0.005
"""The share of visualizations to be fooled; the accuracy that may be lost."""

BESIDE = 250
"""Natural images that visualizations are compared with, at most."""

PERMUTED = "permuted"

LEAST_LEARNED = 5
"""Units that the detector learns from."""


class CircuitOptions(TypedDict, total=False):
    """How a fooling circuit is built; see `fv.fool`."""

    held_out: Images | None
    target: Picture | Sequence[Picture]
    offset: int
    learned: int
    show: int
    engines: str | Sequence[str]
    steps: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class CircuitSettings:
    """The same options, checked, with their defaults."""

    held_out: Images | None = None
    target: Picture | Sequence[Picture] = PERMUTED
    offset: int = 1
    learned: int = 30
    show: int = 8
    engines: str | Sequence[str] = DEFAULT_ENGINES
    steps: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        if self.learned < LEAST_LEARNED or self.show < 1:
            numbers = f"{self.learned} and {self.show}"
            raise DomainError(f"learned must be at least {LEAST_LEARNED} and show at least 1, received {numbers}")


def fool_circuit(subject: Subject, units: Units | None, asked: CircuitSettings, out: str | Path | None) -> FoolResult:
    """Return a copy of the network with a fooling circuit, and what it does; see `fv.fool`."""
    (folder, held), model = opened(out), _copy(subject.model)
    settings = Settings(steps=asked.steps, seed=asked.seed)
    family = engines(named_engines(asked.engines), settings)
    fooled, learned, shown = _units(model, units, asked)
    target = _target(model, asked, len(fooled))
    images, held_out = _images(model, subject.natural, asked)
    rounds = -(-asked.learned // len(learned))
    ascents = rounds * len(learned) * (1 if target.pictures is None else 2)
    every = {OURS: settings, **family}
    with tqdm(total=(ascents + 3 * len(shown) * len(every)) * settings.steps, unit="step", disable=None) as bar:
        place = workspace(model, images, settings, folder / PIECES)
        built = build_circuit(place, fooled, learned, target, rounds=rounds, progress=bar.update)
        beside = workspace(model, held_out.subset(range(min(len(held_out), BESIDE))), settings, folder / PIECES)
        found = {name: _seen(beside, built, shown, one, bar) for name, one in every.items()}
    family_found = {name: found[name] for name in family}
    written = report(model.name, built, behaviour(model, built, held_out), found[OURS], family_found)
    written["files"] = _write_network(built, held_out, folder)
    write_sheet(found[OURS], folder / "sheet.png")
    write_atomically(folder / "circuit.json", json.dumps(written, indent=1).encode())
    runs = ([getattr(shift, name) for shift in found[OURS]] for name in ("own", "fooled", "target"))
    before, after, wanted = map(tuple, runs)
    made = Subject(built.fooled, subject.natural)
    pictures = tuple(run.image for run in wanted)
    return FoolResult("circuit", made, written, before, after, pictures, _worked(written), folder, held)


def _copy(model: Model) -> Model:
    """Return the network once more: the circuit goes around this one, and nobody else trains or moves it."""
    return replace(model, network=deepcopy(model.network).eval().requires_grad_(requires_grad=False))


def _seen(beside: Workspace, built: Built, units: Sequence[Unit], settings: Settings, bar: tqdm) -> list[Shift]:
    """Return what one engine sees."""
    place = workspace(beside.model, beside.images, settings, beside.folder, beside.report)
    return shifts(place, built, units, progress=bar.update)


def _target(model: Model, asked: CircuitSettings, fooled: int) -> Target:
    """Return what so many units are to show."""
    target = asked.target
    if isinstance(target, str) and target == PERMUTED:
        layer = output_layer(model)
        if asked.offset % (count := channel_counts(model, [layer])[layer]) == 0:
            raise DomainError(f"offset {asked.offset} gives each of the {count} units its own visualization")
        return Target(asked.offset)
    given = [target] if isinstance(target, (str, Path, Tensor, np.ndarray)) else [*target]
    if len(given) not in (1, fooled):
        raise DomainError(f"target must be one picture, or one for each of {fooled} units, not {len(given)}")
    for one in given:
        if isinstance(one, (str, Path)) and not Path(one).is_file():
            raise DomainError(f"target must be {PERMUTED}, or the file of a picture, not {str(one)!r}")
    return Target(pictures=np.stack([picture_of(one, model.shape) for one in given]))


def _units(model: Model, units: Units | None, asked: CircuitSettings) -> tuple[list[Unit], list[Unit], list[Unit]]:
    """Return the units to fool, those the detector learns from, and those to show: others, where there are enough."""
    everything = parse_units(output_layer(model), model)
    fooled = everything if units is None else units_of(units, model)
    random = np.random.default_rng(asked.seed)
    shown = [fooled[i] for i in random.permutation(len(fooled))[: asked.show]]
    others = [everything[i] for i in random.permutation(len(everything)) if everything[i] not in set(shown)]
    return fooled, [*others, *shown][: asked.learned], shown


def _images(model: Model, images: ImageSet, asked: CircuitSettings) -> tuple[ImageSet, ImageSet]:
    """Return the images to build from, and those to test on: both given, or an embedded network's, or halves."""
    if asked.held_out is not None:
        return images, required(model, natural_images(model, asked.held_out))
    if model.name in ARCHITECTURES:
        return digits_images(held_out=False), images
    first, second = np.array_split(np.random.default_rng(asked.seed).permutation(len(images)), 2)
    return images.subset(np.sort(first)), images.subset(np.sort(second))


def _write_network(built: Built, images: ImageSet, folder: Path) -> dict[str, Any]:
    """Write the fooled network in every form; return the record of the files and of how they were checked."""
    model = built.fooled
    record = write_network(model, folder, images, name="fooled")
    weights = {name: weight.contiguous().clone() for name, weight in model.network.state_dict().items()}
    write_atomically(folder / "fooled.safetensors", safetensors.torch.save(weights))
    source = REBUILD.format(shape=tuple(model.shape), class_names=model.class_names)
    write_atomically(folder / "fooled.py", source.encode())
    return record


def _worked(written: dict[str, Any]) -> bool:
    """Return whether enough visualizations are fooled, little accuracy is lost, and the files agree."""
    seen = written["behaviour"]
    lost = 1 - seen["same_prediction"] if seen["top1_before"] is None else seen["top1_before"] - seen["top1_after"]
    agree = all(check["holds"] for check in written["files"]["checks"])
    return written["fooled_share"] >= LEAST_FOOLED and lost <= MOST_LOST and agree
