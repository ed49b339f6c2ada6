"""Activation maximization beside lucent and a plain loop, on networks of the usual kinds with random weights.

    python -m benchmarks engine

One thread; on a CPU, CPU time, for other work on the machine must not count. The ways take turns, and what is compared
is the median. Of each way the activations are those of its images, clean, in float32, by the network as it is.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from time import perf_counter, process_time

import torch
from torch import Tensor, nn

from benchmarks import _networks
from benchmarks.lucent_peer import has_lucent, lucent_images
from benchmarks.plain_peer import plain_images
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Unit
from fvproof.empirical.networks.units import activations

TITLE = "The engine beside lucent and a plain loop: ms per step and unit, and how many times faster fvproof is"
CLOCK = perf_counter if torch.cuda.is_available() else process_time
ROUNDS = int(os.environ.get("FVPROOF_ROUNDS", "3"))


@dataclass(frozen=True, slots=True)
class Case:
    """A network, one of its layers near the end, and how many units are optimized at once for how many steps."""

    name: str
    build: Callable[[], nn.Module]
    layer: str
    units: int
    steps: int
    side: int = 224


NETWORKS = (
    ("SqueezeNet", _networks.squeezenet, "10"),
    ("ResNet-18", _networks.resnet18, "7.1.bn2"),
    ("ViT-Ti/16", _networks.vit_tiny, "blocks.9.mlp.1"),
)
CASES = tuple(Case(*network, units, steps) for network in NETWORKS for steps in (48, 128) for units in (1, 8))


@dataclass(frozen=True, slots=True)
class Entrant:
    """A way to find images, the CPU seconds it took each time, and the activations that it found."""

    find: Callable[[Model, Sequence[Unit], int], Tensor]
    seconds: list[float] = field(default_factory=list)
    found: list[float] = field(default_factory=list)


def measure(cases: Sequence[Case] = CASES) -> Iterator[dict[str, object]]:
    """Yield one row per network, number of units and number of steps."""
    lucent = has_lucent()
    if not lucent:
        print("lucent is not installed: see `make bench`", file=sys.stderr)
    for case in cases:
        entrants = {"fvproof": Entrant(_ours), "plain loop": Entrant(plain_images)}
        if lucent:
            entrants["lucent"] = Entrant(lucent_images)
        _race(case, list(entrants.values()))
        times = {name: median(entrant.seconds) for name, entrant in entrants.items()}
        yield {
            "network": f"{case.name} {case.layer}",
            "units": case.units,
            "steps": case.steps,
            **{name: 1e3 * seconds / case.steps / case.units for name, seconds in times.items()},
            **{f"x {name}": seconds / times["fvproof"] for name, seconds in times.items() if name != "fvproof"},
            **{f"activation, {name}": fmean(entrant.found) for name, entrant in entrants.items()},
        }


def _race(case: Case, entrants: Sequence[Entrant]) -> None:
    """Let the entrants take turns, after one short run each."""
    torch.manual_seed(0)
    model = Model(case.name, _networks.with_signal(case.build()).eval(), (3, case.side, case.side))
    model.network.to("cuda" if torch.cuda.is_available() else "cpu")
    for entrant in entrants:
        entrant.find(model, [Unit(case.layer, 0)], 1)
    for turn in range(ROUNDS):
        units = [Unit(case.layer, turn * case.units + i) for i in range(case.units)]
        for entrant in entrants:
            start = CLOCK()
            images = entrant.find(model, units, case.steps)
            entrant.seconds.append(CLOCK() - start)
            clean = activations(model, units, [images.cpu()])
            entrant.found.extend(float(clean[unit][row]) for row, unit in enumerate(units))


def _ours(model: Model, units: Sequence[Unit], steps: int) -> Tensor:
    """Return what fvproof finds, baselines and record included."""
    return torch.stack([torch.from_numpy(run.image) for run in maximize(model, units, Settings(steps=steps))])
