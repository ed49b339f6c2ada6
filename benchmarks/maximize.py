"""Activation maximization beside lucent: the same network, units, steps, parametrization, optimiser and machine."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean, median
from time import perf_counter, process_time

import torch
from torch import Tensor

from benchmarks.lucent_peer import has_lucent, lucent_images
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model

TITLE = "Activation maximization: time per step and unit (on a CPU: CPU time), and activation of the clean images found"
ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("FVPROOF_DATA", ROOT.parent / "shared" / "data"))
CLOCK = perf_counter if torch.cuda.is_available() else process_time
"""On a CPU, other work on the machine must not count."""


@dataclass(frozen=True, slots=True)
class Case:
    """Units of one layer of a network, and for how many steps to optimize them."""

    spec: str
    weights: str
    layer: str
    units: int
    steps: int
    rounds: int


CASES = (
    Case("cifar_resnet.py:resnet20", "cifar10_resnet20.pt", "layer3.2.conv2", units=16, steps=128, rounds=4),
    Case("googlenet_bvlc.py:googlenet", "googlenet_bvlc_imagenet_fp16.pt", "inception4a", units=8, steps=16, rounds=4),
)

Finder = Callable[[Model, Sequence[Unit], int], Tensor]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A way to find images, how many units it is given at once (0: all), and what it came to."""

    name: str
    find: Finder
    together: bool
    seconds: list[float] = field(default_factory=list)
    found: dict[Unit, float] = field(default_factory=dict)


def measure() -> list[dict[str, object]]:
    """Return one row per network and way."""
    return [row for case in CASES for row in _rows(case)]


def _rows(case: Case) -> Iterator[dict[str, object]]:
    """Yield the rows of one network."""
    model, note = _model(case)
    entrants = _entrants()
    for part in range(case.rounds):
        for entrant in entrants:
            _run(entrant, model, case, part)
    times = {entrant.name: 1e3 * median(entrant.seconds) for entrant in entrants}
    for entrant in entrants:
        yield {
            "network": f"{case.spec.split(':')[1]} {case.layer}{note}",
            "images": f"{model.shape[1]} px",
            "steps": case.steps,
            "by": entrant.name,
            "ms/step/unit": times[entrant.name],
            "x lucent, 1 unit": times.get(LUCENT_ONE, float("nan")) / times[entrant.name],
            "x lucent, batch": times.get(LUCENT_BATCH, float("nan")) / times[entrant.name],
            "clean activation": fmean(entrant.found.values()),
        }


LUCENT_ONE, LUCENT_BATCH = "lucent, 1 unit at once", "lucent, all in one batch"


def _entrants() -> list[Entrant]:
    """Return the ways that can be timed here; those of lucent where it is installed."""
    ours = [
        Entrant("fvproof, 1 unit at once", _fvproof(Settings()), together=False),
        Entrant("fvproof, all in one batch", _fvproof(Settings()), together=True),
        Entrant("fvproof, batch, float32", _fvproof(Settings(precision="float32")), together=True),
    ]
    if not has_lucent():
        print("lucent is not installed: fvproof alone is timed (see `make bench`)", file=sys.stderr)
        return ours
    peers = [
        Entrant(LUCENT_ONE, lucent_images, together=False),
        Entrant(LUCENT_BATCH, lucent_images, together=True),
    ]
    return peers + ours


def _run(entrant: Entrant, model: Model, case: Case, part: int) -> None:
    """Time the entrant: on all units in one batch, or on this part of them one by one, all parts in turn."""
    units = [Unit(case.layer, channel) for channel in range(case.units)]
    batches = [units] if entrant.together else [[unit] for unit in units[part :: case.rounds]]
    for batch in batches:
        start = CLOCK()
        images = entrant.find(model, batch, case.steps)
        entrant.seconds.append((CLOCK() - start) / (case.steps * len(batch)))
        clean = activations(model, batch, [images])
        entrant.found.update({unit: float(clean[unit][row]) for row, unit in enumerate(batch)})


def _fvproof(settings: Settings) -> Finder:
    """Return fvproof's way with these settings, baselines included."""

    def find(model: Model, units: Sequence[Unit], steps: int) -> Tensor:
        runs = maximize(model, units, replace(settings, steps=steps))
        return torch.stack([torch.from_numpy(run.image) for run in runs])

    return find


def _model(case: Case) -> tuple[Model, str]:
    """Return the network, trained where its weights are at hand, and a word where they are not."""
    weights = DATA / case.weights
    trained = weights if weights.exists() else None
    torch.manual_seed(0)
    model = load_model(f"{ROOT / 'docs' / 'examples'}/{case.spec}", weights=trained)
    model.network.to("cuda" if torch.cuda.is_available() else "cpu")
    return model, "" if trained else " (random weights)"
