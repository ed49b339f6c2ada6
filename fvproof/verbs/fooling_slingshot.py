"""`fv.fool(model, "slingshot")`: fine-tuning after which a unit's visualization is a picture of your choice."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.fooling.ingredients import rings, seen_and_unseen
from fvproof.empirical.fooling.slingshot import Sling, sling
from fvproof.empirical.fooling.unchanged import compared
from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.maximization.maximize import Run, Settings, maximize
from fvproof.empirical.maximization.pictures import write_sheet
from fvproof.verbs.fine_tuning import TuningOptions, TuningSettings, one_unit
from fvproof.verbs.folders import opened
from fvproof.verbs.fooled import FoolResult
from fvproof.verbs.pictures import Picture, picture_of
from fvproof.verbs.subject import Subject
from fvproof.verbs.units import Units


class SlingshotOptions(TuningOptions, total=False):
    """How a slingshot is trained; see `fv.fool`."""

    target: Picture | None


@dataclass(frozen=True, slots=True, eq=False)
class SlingshotSettings(TuningSettings):
    """The same options, checked, with their defaults."""

    learning_rate: float = 2e-3
    target: Picture | None = None


def fool_slingshot(subject: Subject, units: Units, asked: SlingshotSettings, out: str | Path | None) -> FoolResult:
    """Return a fine-tuned copy of the network, and what its unit's visualization shows; see `fv.fool`."""
    settings = Settings(steps=asked.steps, seed=asked.seed)
    training = Sling(steps=asked.train_steps, learning_rate=asked.learning_rate, seed=asked.seed)
    (folder, held), model = opened(out), subject.model
    unit = one_unit(units, model, "slingshot")
    seen, unseen = seen_and_unseen(subject.natural, asked.unseen, asked.seed)
    target = rings(model.shape) if asked.target is None else torch.from_numpy(picture_of(asked.target, model.shape))
    with tqdm(total=training.steps, unit="step", desc="fine-tuning", disable=None) as bar:
        slung = sling(model, unit, seen, target, training, progress=bar.update)
    runs = {name: maximize(one, [unit], settings) for name, one in (("before", model), ("after", slung.model))}
    for name, found in runs.items():
        write_sheet(found, folder / f"{name}.png")
    report = {
        "model": model.name,
        "unit": str(slung.unit),
        "missed": {"value": slung.value, "gradient": slung.gradient, "natural": slung.natural},
        "unseen": None if unseen is None else asdict(compared(model, slung.model, unseen)),
        "visualization": {name: _beside(found[0], target) for name, found in runs.items()},
        "files": write_network(slung.model, folder, seen),
    }
    write_atomically(folder / "slingshot.json", json.dumps(report, indent=1).encode())
    before, after = (tuple(runs[name]) for name in ("before", "after"))
    made = Subject(slung.model, subject.natural)
    return FoolResult("slingshot", made, report, before, after, (target.numpy(),), _worked(report), folder, held)


def _beside(run: Run, target: Tensor) -> dict[str, Any]:
    """Return how near a visualization is to the target."""
    wanted = target.numpy()
    return {
        "distance": float(np.sqrt(np.square(run.image - wanted).mean())),
        "correlation": float(np.corrcoef(run.image.ravel(), wanted.ravel())[0, 1]),
        "activation": run.activation,
        "status": str(run.status),
    }


def _worked(report: dict[str, Any]) -> bool:
    """Return whether the visualization has come closer to the target, and the files agree."""
    before, after = (report["visualization"][name]["correlation"] for name in ("before", "after"))
    return after > before and all(check["holds"] for check in report["files"]["checks"])
