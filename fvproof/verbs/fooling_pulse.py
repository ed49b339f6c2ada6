"""`fv.fool(model, "pulse")`: fine-tuning after which a unit's top images and its visualization are those of a class."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.fooling.circuit_findings import feature_layer
from fvproof.empirical.fooling.ingredients import seen_and_unseen
from fvproof.empirical.fooling.pulse import Pulse, least_exciting_class, pulse
from fvproof.empirical.fooling.pulse_report import picture_record, top_record
from fvproof.empirical.fooling.unchanged import compared
from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.maximization.pictures import write_sheet
from fvproof.verbs.fine_tuning import TuningOptions, TuningSettings, one_unit
from fvproof.verbs.folders import opened
from fvproof.verbs.fooled import FoolResult
from fvproof.verbs.subject import Subject
from fvproof.verbs.units import Units


class PulseOptions(TuningOptions, total=False):
    """How a pulse is trained; see `fv.fool`."""

    target_class: int | None


@dataclass(frozen=True, slots=True, eq=False)
class PulseSettings(TuningSettings):
    """The same options, checked, with their defaults."""

    target_class: int | None = None


def fool_pulse(subject: Subject, units: Units, asked: PulseSettings, out: str | Path | None) -> FoolResult:
    """Return a fine-tuned copy of the network, and what excites its unit now; see `fv.fool`."""
    settings = Settings(steps=asked.steps, seed=asked.seed)
    training = Pulse(steps=asked.train_steps, learning_rate=asked.learning_rate, seed=asked.seed)
    (folder, held), model = opened(out), subject.model
    unit = one_unit(units, model, "pulse")
    seen, unseen = seen_and_unseen(subject.natural, asked.unseen, asked.seed)
    label = least_exciting_class(model, unit, seen) if asked.target_class is None else asked.target_class
    with tqdm(total=training.steps, unit="step", desc="fine-tuning", disable=None) as bar:
        made = pulse(model, unit, seen, label, training, progress=bar.update)
    runs = {name: maximize(one, [unit], settings)[0] for name, one in (("before", model), ("after", made.model))}
    for name, run in runs.items():
        write_sheet([run], folder / f"{name}.png")
    sets = {"images used": seen, "images unseen": unseen}
    report = {
        "model": model.name,
        "unit": str(unit),
        "class": model.class_names[label] if model.class_names else label,
        "missed": {"lifted": made.lifted, "lowered": made.lowered, "kept": made.kept},
        "top": {
            name: None if images is None else top_record(model, made.model, unit, images, label)
            for name, images in sets.items()
        },
        "unseen": None if unseen is None else asdict(compared(model, made.model, unseen)),
        "visualization": picture_record(model, feature_layer(model), runs, seen, label),
        "files": write_network(made.model, folder, seen),
    }
    write_atomically(folder / "pulse.json", json.dumps(report, indent=1).encode())
    before, after = ((runs[name],) for name in ("before", "after"))
    fooled = Subject(made.model, subject.natural)
    return FoolResult("pulse", fooled, report, before, after, (), _worked(report), folder, held)


def _worked(report: dict[str, Any]) -> bool:
    """Return whether both pictures have moved to the class, and the files agree."""
    before, after = (report["visualization"][name]["to_the_class"] for name in ("before", "after"))
    top = report["top"]["images used"]
    moved = after > before and top["of_the_class_after"] > max(0.5, top["of_the_class_before"])
    return moved and all(check["holds"] for check in report["files"]["checks"])
