"""All that should be tried on a graphics card, in one go: `make gpu-check`, or `python -m benchmarks.gpu_check`.

Each verb that runs a network, on the card against the CPU; networks written from the card and read again; bfloat16
against float32; a batch that does not fit; and units per second of ResNet-50 and ViT-S, random weights, beside lucent's
loop. Networks: the digits, and those of the folder that FVPROOF_DATA names (`cifar10_resnet20.pt`,
`googlenet_bvlc_imagenet_fp16.pt`), where they are. Nothing is fetched. Prints one line per check, and JSON at the end;
the exit code is 0 if every check holds.

    python -m benchmarks.gpu_check --device cpu --small      # a rehearsal where there is no card
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import torch

import fvproof as fv
from benchmarks.gpu import measured
from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.maximization.ascent import fast_bfloat16
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.notices import heard_by
from fvproof.verbs.subject import Subject

TITLE = "What `make gpu-check` measures, in a trial where there is no GPU"
ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("FVPROOF_DATA", ROOT.parent / "shared" / "data"))

CLOSE = 0.02
"""Two figures agree that differ by no more than this share of the larger, or by so much where both are below 1."""

MOST_APART = 0.05
"""Of all figures of a result, a chaotic ascent may move this share further apart."""

SHORT = 3 << 27
"""Bytes, 384 MiB, that are left for a batch that does not fit."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: what was done, whether it holds, what was seen, and the seconds that it took."""

    name: str
    holds: bool
    seen: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Case:
    """A network that can be had on any device, units of it, and a layer for what is written in the units' place."""

    name: str
    load: Callable[[str], Subject]
    units: str


def measure() -> list[dict[str, object]]:
    """Return one row per check."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return [asdict(row) for row in checks(device, small=device == "cpu")]


def checks(device: str, *, small: bool) -> Iterator[Checked]:
    """Yield the checks as they are made; small ones with few steps, and on the digits alone."""
    digits = Case("digits", partial(_digits, small), "conv2:0-3,logits:0-3")
    every = [digits] if small else [digits, *_real()]
    with TemporaryDirectory() as folder:
        for case in every:
            for verb, call in _verbs(8 if small else 64).items():
                if case is digits or verb in ("maximize", "census"):
                    yield _checked(f"{verb} of {case.name}, {device} against cpu", partial(_same, call, case, device))
            yield _checked(f"files of {case.name} from {device}", partial(_written, case, device, Path(folder)))
            yield _checked(f"bfloat16 of {case.name} on {device}", partial(_low, case, device, 16 if small else 128))
        yield _checked(f"a batch that does not fit on {device}", partial(_halved, device, small))
    for network in ("resnet50", "vit-s"):
        yield _checked(f"speed of {network} on {device}", partial(_fast, network, small))


def _checked(name: str, check: Callable[[], tuple[bool, str]]) -> Checked:
    """Return what comes of a check; an error is a check that does not hold."""
    start = perf_counter()
    try:
        holds, seen = check()
    except Exception as error:  # noqa: BLE001  the other checks are to be made
        holds, seen = False, f"{type(error).__name__}: {error}"
    return Checked(name, holds, seen, round(perf_counter() - start, 1))


def _verbs(steps: int) -> dict[str, Callable[[Subject, str], Any]]:
    """Return every verb that runs a network on a device, in float32, and what is compared of its result."""
    return {
        "maximize": lambda m, units: fv.maximize(m, units, steps=steps, precision="float32").record(),
        "census": lambda m, _units: fv.census(m).record(),
        "sanity": lambda m, _units: fv.sanity(m, steps=steps).record(),
        "detect": lambda m, units: fv.detect(m, units, steps=steps).record(),
        "audit": lambda m, units: fv.audit(m, units, steps=steps, certify_s=0, radii=2).record(),
        "fool": lambda m, units: fv.fool(
            m, "silent", units.partition(",")[0], steps=steps, show=2, engines="ours"
        ).record(),
    }


def _same(call: Callable[[Subject, str], Any], case: Case, device: str) -> tuple[bool, str]:
    """Return whether a verb's figures on the device are those on the CPU."""
    here, there = (dict(_figures(call(case.load(where), case.units))) for where in ("cpu", device))
    if here.keys() != there.keys():
        return False, f"other figures: {sorted(here.keys() ^ there.keys())[:3]}"
    apart = [name for name in here if not np.isclose(here[name], there[name], CLOSE, CLOSE, equal_nan=True)]
    seen = f"{len(here) - len(apart)} of {len(here)} figures agree" + (f"; not {apart[:3]}" if apart else "")
    return len(here) > 0 and len(apart) <= MOST_APART * len(here), seen


def _figures(record: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number of a record, with its path; traces of ascents, which are scattered, and settings left out."""
    if isinstance(record, dict):
        for name, value in record.items():
            if name not in ("trace", "settings", "versions", "seed"):
                yield from _figures(value, f"{path}.{name}")
    elif isinstance(record, (list, tuple)):
        for place, value in enumerate(record):
            yield from _figures(value, f"{path}.{place}")
    elif isinstance(record, (bool, int, float)):
        yield path, float(record)


def _written(case: Case, device: str, folder: Path) -> tuple[bool, str]:
    """Return whether the files of a network on the device give what it gives, and it stays on its device."""
    subject = case.load(device)
    record = write_network(subject.model, folder, subject.natural, name=f"{case.name}-{device}")
    stayed = {parameter.device.type for parameter in subject.model.network.parameters()} <= {torch.device(device).type}
    holds = stayed and all(check["holds"] for check in record["checks"])
    return holds, "; ".join(f"{check['name']}: {check['how']}" for check in record["checks"])


def _low(case: Case, device: str, steps: int) -> tuple[bool, str]:
    """Return whether ascent in bfloat16 ends no lower, on average, than in float32, up to 5 %."""
    subject = case.load(device)
    means = {}
    for precision in ("float32", "bfloat16"):
        found = fv.maximize(subject, case.units, steps=steps, precision=precision)
        means[precision] = float(np.mean([run.activation for run in found.runs]))
    fast = fast_bfloat16(torch.device(device))
    seen = f"mean activation {means['bfloat16']:.4g}, in float32 {means['float32']:.4g}; chosen by itself: {fast}"
    return means["bfloat16"] >= means["float32"] - 0.05 * abs(means["float32"]), seen


def _halved(device: str, small: bool) -> tuple[bool, str]:  # noqa: FBT001
    """Return whether a batch that is too large for the memory is halved, and gives what small batches give."""
    from benchmarks._networks import resnet18
    from fvproof.empirical.networks.model import Model

    torch.manual_seed(0)
    model = Model("resnet18", resnet18().eval().to(device), (3, 64, 64) if small else (3, 224, 224))
    units, told = [Unit("7.0.conv1", channel) for channel in range(256)], []
    few = maximize(model, units[:2], Settings(steps=2, batch=2, precision="float32"))
    with heard_by(told.append), _short_of_memory(device):
        many = maximize(model, units, Settings(steps=2, batch=len(units), precision="float32"))
    close = all(np.allclose(one.image, other.image, atol=1e-3) for one, other in zip(few, many, strict=False))
    return close and any("out of memory" in sentence for sentence in told), "; ".join(told) or "it did fit"


@contextmanager
def _short_of_memory(device: str) -> Iterator[None]:
    """Leave torch little memory on the device; on a CPU, the whole process."""
    if torch.device(device).type == "cuda":
        torch.cuda.empty_cache()
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved(device) + 4 * SHORT) / total)
        try:
            yield
        finally:
            torch.cuda.set_per_process_memory_fraction(1.0)
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + SHORT, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _fast(network: str, small: bool) -> tuple[bool, str]:  # noqa: FBT001
    """Return the speed of many units, and what it was measured on."""
    found = measured(network, trial=small)
    units = found["units"] / found["seconds"]
    share = f"{found['TFLOP/s']:.3g} TFLOP/s, {found['share']:.0%} of what matrix products reach"
    seen = f"{found['device']}: {units:.3g} units/s of {found['steps']} steps at {found['pixels']} px; {share}"
    return found["seconds"] > 0, f"{seen}; {found['x faster']:.3g} times the {_peer(found)}"


def _peer(found: dict[str, Any]) -> str:
    """Return what the speed was compared with."""
    return next(name.partition(",")[0] for name in found if name.endswith("(scaled)"))


def _digits(small: bool, device: str) -> Subject:  # noqa: FBT001
    """Return the network that comes with the package."""
    return fv.model("digits", device=device, **({"limit": 120} if small else {}))


def _real() -> Iterator[Case]:
    """Yield the networks whose weights are in the folder of data."""
    examples = ROOT / "docs" / "examples"
    for name, file, weights, images, units in (
        ("resnet20", "cifar_resnet.py", "cifar10_resnet20.pt", "cifar10_test.npz", "layer2.1.conv1:0-3,linear:0-3"),
        ("googlenet", "googlenet_bvlc.py", "googlenet_bvlc_imagenet_fp16.pt", None, "inception4a:0-3,fc:0-3"),
    ):
        if not (DATA / weights).exists():
            print(f"{name} is left out: there is no {DATA / weights}", file=sys.stderr)
            continue
        natural = None if images is None else DATA / images
        yield Case(name, partial(_loaded, f"{examples / file}:{name}", DATA / weights, natural), units)


def _loaded(spec: str, weights: Path, images: Path | None, device: str) -> Subject:
    """Return a network with weights; without images, noise takes their place."""
    if images is not None and images.exists():
        return fv.model(spec, weights=weights, images=images, limit=200, device=device)
    noise = np.random.default_rng(0).random((16, 3, 224, 224)).astype(np.float32)
    return fv.model(spec, weights=weights, images=noise, device=device)


def main(arguments: list[str] | None = None) -> int:
    """Print the checks as they are made, then all of them as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--small", action="store_true", help="few steps, the digits alone")
    options = parser.parse_args(arguments)
    found = []
    for row in checks(options.device, small=options.small):
        found.append(row)
        print(f"{'holds' if row.holds else 'FAILS'}  {row.name}: {row.seen} ({row.seconds} s)", file=sys.stderr)
    print(json.dumps([asdict(row) for row in found], indent=1))
    return 0 if all(row.holds for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
