"""`fv.fool(model, "silent")`: filters get companions that natural images never excite, and visualizations always do."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import torch
from tqdm import tqdm

from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.fooling.firing import firing
from fvproof.empirical.fooling.hull import CERTIFICATE, FEATURES, marked, recheck_hull, write_hull
from fvproof.empirical.fooling.ingredients import seen_and_unseen
from fvproof.empirical.fooling.sameness import sameness
from fvproof.empirical.fooling.shifts import Shift, engine_record
from fvproof.empirical.fooling.silent import Silenced, Strength, silence
from fvproof.empirical.fooling.silent_findings import silent_shifts
from fvproof.empirical.fooling.starts import own_picture
from fvproof.empirical.fooling.unchanged import compared
from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.maximization.engines import DEFAULT_ENGINES, engines, named_engines
from fvproof.empirical.maximization.maximize import Run, Settings, maximize
from fvproof.empirical.maximization.pictures import write_sheet
from fvproof.empirical.networks.layers import layer_sizes
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError
from fvproof.verbs.folders import opened
from fvproof.verbs.fooled import FoolResult
from fvproof.verbs.pictures import Picture, picture_of
from fvproof.verbs.subject import Subject
from fvproof.verbs.units import Units, units_of


class SilentOptions(TypedDict, total=False):
    """How silent units are built; see `fv.fool`."""

    target: Picture | None
    margin: float | None
    factor: float
    scale: float
    unseen: float
    show: int
    engines: str | Sequence[str]
    steps: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class SilentSettings:
    """The same options, checked, with their defaults."""

    target: Picture | None = None
    margin: float | None = None
    factor: float = 8.0
    scale: float = 100.0
    unseen: float = 0.25
    show: int = 8
    engines: str | Sequence[str] = DEFAULT_ENGINES
    steps: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.unseen < 1 or self.show < 2:
            numbers = f"{self.unseen} and {self.show}"
            raise DomainError(f"unseen must be in [0, 1) and show at least 2, received {numbers}")


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """The network before and after, layer by layer, and who looks at what of it."""

    model: Model
    found: tuple[Silenced, ...]
    units: Sequence[Unit]
    seen: ImageSet
    settings: Settings

    @property
    def fooled(self) -> Model:
        """The network with all silent units: the last layer was done last."""
        return self.found[-1].model


def fool_silent(subject: Subject, units: Units, asked: SilentSettings, out: str | Path | None) -> FoolResult:
    """Return a copy of the network with silent units, and what they do; see `fv.fool`."""
    settings = Settings(steps=asked.steps, seed=asked.seed)
    family = engines(named_engines(asked.engines), settings)
    (folder, held), model = opened(out), subject.model
    layers = _by_layer(units_of(units, model), model)
    seen, unseen = seen_and_unseen(subject.natural, asked.unseen, asked.seed)
    found = _silenced(model, layers, seen, asked, folder)
    report = _report(model, found, (seen, unseen), folder)
    look = _Look(model, found, _shown(layers, asked.show), seen, settings)
    runs = _runs(look)
    for name in ("before", "after"):
        write_sheet(runs[name], folder / f"{name}.png")
    report["visualizations"] = _alike(look, runs)
    report["engines"] = _engines(look, family)
    write_atomically(folder / "silent.json", json.dumps(report, indent=1).encode())
    before, after = (tuple(runs[name]) for name in ("before", "after"))
    made = Subject(look.fooled, subject.natural)
    return FoolResult("silent", made, report, before, after, (), _worked(report), folder, held)


def _by_layer(units: Sequence[Unit], model: Model) -> dict[str, list[Unit]]:
    """Return the units of each layer, the layers in the order in which they run."""
    asked = {unit.layer for unit in units}
    order = [*(name for name in layer_sizes(model) if name in asked), *sorted(asked)]
    return {name: [unit for unit in units if unit.layer == name] for name in dict.fromkeys(order)}


def _silenced(
    model: Model, layers: dict[str, list[Unit]], seen: ImageSet, asked: SilentSettings, folder: Path
) -> tuple[Silenced, ...]:
    """Return the network with silent units in one layer, in that and the next, and so on.

    On the natural images no earlier silent unit changes what enters a later layer.
    """
    strength = Strength(asked.factor, asked.scale, asked.margin)
    given = None if asked.target is None else picture_of(asked.target, model.shape)
    found: list[Silenced] = []
    for layer, mates in layers.items():
        before = found[-1].model if found else model
        target = torch.from_numpy(own_picture(model, layer) if given is None else given)
        path = folder / marked(FEATURES, _mark(layer, layers))
        found.append(silence(before, mates, seen, target=target, strength=strength, path=path))
    named = replace(found[-1].model, name=found[0].model.name)
    return (*found[:-1], replace(found[-1], model=named))


def _mark(layer: str, layers: Collection[str]) -> str:
    """Return what the files of a layer are marked with: nothing where there is one layer only."""
    return layer if len(layers) > 1 else ""


def _shown(layers: dict[str, list[Unit]], count: int) -> list[Unit]:
    """Return so many units to look at, the layers in turn, each from its first."""
    turns = zip_longest(*layers.values())
    return [unit for mates in turns for unit in mates if unit is not None][:count]


def _report(
    model: Model, found: Sequence[Silenced], images: tuple[ImageSet, ImageSet | None], folder: Path
) -> dict[str, Any]:
    """Return what the network does on natural images, after writing files and certificates."""
    seen, unseen = images
    fooled, names = found[-1].model, [one.layer for one in found]
    files = write_network(fooled, folder, seen)
    for one in found:
        write_hull(one, folder, files["onnx"]["file"], _mark(one.layer, names))
    hulls = [check for name in names for check in recheck_hull(folder / marked(CERTIFICATE, _mark(name, names)))]
    return {
        "model": model.name,
        "layer": ", ".join(names),
        "units": sum(len(one.channels) for one in found),
        "layers": [_layer(one, unseen) for one in found],
        "natural": asdict(compared(model, fooled, seen)),
        "unseen": None if unseen is None else asdict(compared(model, fooled, unseen)),
        "hull": [asdict(check) for check in hulls],
        "files": files,
    }


def _layer(found: Silenced, unseen: ImageSet | None) -> dict[str, Any]:
    """Return what is known of the silent units of one layer."""
    return {
        "layer": found.layer,
        "units": len(found.channels),
        "margin": float(np.median(found.margin)),
        "reached": float((found.reach > found.margin).mean()),
        "opened": found.opened,
        "firing": [] if unseen is None else [asdict(row) for row in firing(found, unseen)],
    }


def _runs(look: _Look) -> dict[str, list[Run]]:
    """Return visualizations before and after, and those of one unit after from other starts."""
    units, settings, fooled = look.units, look.settings, look.fooled
    again = max(len(units), 2)
    with tqdm(total=(2 * len(units) + again) * settings.steps, unit="step", desc="visualizing", disable=None) as bar:
        before = maximize(look.model, units, settings, progress=bar.update)
        after = maximize(fooled, units, settings, progress=bar.update)
        others = (replace(settings, seed=settings.seed + 1 + i) for i in range(again))
        one = [maximize(fooled, units[:1], other, progress=bar.update)[0] for other in others]
    return {"before": before, "after": after, "one unit after": one}


def _alike(look: _Look, runs: dict[str, list[Run]]) -> dict[str, Any]:
    """Return how alike visualizations are before and after."""
    stacks = {name: np.stack([run.image for run in found]) for name, found in runs.items() if len(found) > 1}
    layer = look.found[0].layer
    return {
        "units": [str(unit) for unit in look.units],
        "sameness": {name: asdict(sameness(look.model, layer, stack, look.seen)) for name, stack in stacks.items()},
        "activation": {name: float(np.median([run.activation for run in runs[name]])) for name in ("before", "after")},
        "status": {name: [str(run.status) for run in runs[name]] for name in ("before", "after")},
    }


def _engines(look: _Look, family: dict[str, Settings]) -> dict[str, Any]:
    """Return what each engine sees."""
    total = 3 * len(look.units) * len(family) * look.settings.steps
    with tqdm(total=total, unit="step", desc="other engines", disable=None) as bar:
        return {name: engine_record(_seen(look, settings, bar)) for name, settings in family.items()}


def _seen(look: _Look, settings: Settings, bar: tqdm) -> list[Shift]:
    """Return what one engine sees of each layer's units: silent units of later layers have no part in these."""
    shifts = []
    for one in look.found:
        units = [unit for unit in look.units if unit.layer == one.layer]
        if units:
            shifts += silent_shifts(look.model, one, units, settings, look.seen, progress=bar.update)
    return shifts


def _worked(report: dict[str, Any]) -> bool:
    """Return whether no output for a natural image changes, the certificate holds, and the files agree."""
    checks = [*report["hull"], *report["files"]["checks"]]
    return report["natural"]["largest_change"] == 0 and all(check["holds"] for check in checks)
