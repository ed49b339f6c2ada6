"""`fv.fool(model, "silent")`: filters get companions that natural images never excite, and visualizations always do."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import torch
from tqdm import tqdm

from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.fooling.firing import firing
from fvproof.empirical.fooling.hull import CERTIFICATE, FEATURES, recheck_hull, write_hull
from fvproof.empirical.fooling.ingredients import seen_and_unseen
from fvproof.empirical.fooling.sameness import sameness
from fvproof.empirical.fooling.shifts import engine_record
from fvproof.empirical.fooling.silent import Silenced, Strength, silence
from fvproof.empirical.fooling.silent_findings import silent_shifts
from fvproof.empirical.fooling.unchanged import compared
from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.maximization.engines import DEFAULT_ENGINES, engines, named_engines
from fvproof.empirical.maximization.maximize import Run, Settings, maximize
from fvproof.empirical.maximization.pictures import write_sheet
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
    """The network before and after, and who looks at what of it."""

    model: Model
    found: Silenced
    units: Sequence[Unit]
    seen: ImageSet
    settings: Settings


def fool_silent(subject: Subject, units: Units, asked: SilentSettings, out: str | Path | None) -> FoolResult:
    """Return a copy of the network with silent units, and what they do; see `fv.fool`."""
    strength, settings = Strength(asked.factor, asked.scale, asked.margin), Settings(steps=asked.steps, seed=asked.seed)
    family = engines(named_engines(asked.engines), settings)
    (folder, held), model = opened(out), subject.model
    named = units_of(units, model)
    seen, unseen = seen_and_unseen(subject.natural, asked.unseen, asked.seed)
    target = None if asked.target is None else torch.from_numpy(picture_of(asked.target, model.shape))
    found = silence(model, named, seen, target=target, strength=strength, path=folder / FEATURES)
    report = _report(model, found, (seen, unseen), folder)
    look = _Look(model, found, named[: asked.show], seen, settings)
    runs = _runs(look)
    for name in ("before", "after"):
        write_sheet(runs[name], folder / f"{name}.png")
    report["visualizations"] = _alike(look, runs)
    report["engines"] = _engines(look, family)
    write_atomically(folder / "silent.json", json.dumps(report, indent=1).encode())
    before, after = (tuple(runs[name]) for name in ("before", "after"))
    made = Subject(found.model, subject.natural)
    return FoolResult("silent", made, report, before, after, (), _worked(report), folder, held)


def _report(model: Model, found: Silenced, images: tuple[ImageSet, ImageSet | None], folder: Path) -> dict[str, Any]:
    """Return what the network does on natural images, after writing files and certificate."""
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


def _runs(look: _Look) -> dict[str, list[Run]]:
    """Return visualizations before and after, and those of one unit after from other starts."""
    units, settings, fooled = look.units, look.settings, look.found.model
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
    layer = look.found.layer
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
        return {
            name: engine_record(
                silent_shifts(look.model, look.found, look.units, settings, look.seen, progress=bar.update)
            )
            for name, settings in family.items()
        }


def _worked(report: dict[str, Any]) -> bool:
    """Return whether no output for a natural image changes, the certificate holds, and the files agree."""
    checks = [*report["hull"], *report["files"]["checks"]]
    return report["natural"]["largest_change"] == 0 and all(check["holds"] for check in checks)
