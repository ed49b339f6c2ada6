"""All units of a layer of ResNet-50, or of ViT-S, on one device, with nothing but this repository, torch and NumPy.

    python benchmarks/gpu.py                                        # 512 units of layer4.1.conv2, 512 steps, 224 pixels
    python benchmarks/gpu.py --network vit-s                        # 512 units of blocks.9.mlp.1
    python benchmarks/gpu.py --units 4 --steps 4 --size 64 --batch 4 --peer-steps 2      # a trial on a CPU

Prints the time of `maximize` (baselines included), images per second, the rate of arithmetic that the network's passes
come to and its share of the device's measured rate of bfloat16 matrix products, the peak of memory, and the time that
one unit after another takes in the loop of lucent: lucent itself where it is installed, else a plain loop of the same
steps, measured on a few units and steps and scaled.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import torch
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

import fvproof  # noqa: E402 (found by the line above)

fvproof.__path__.append(str(ROOT))  # its rooms lie beside it in a checkout, also in one that is not installed

from fvproof.empirical.maximization.maximize import Settings, maximize  # noqa: E402 (found by the line above)
from fvproof.empirical.networks.capturing import capturing  # noqa: E402
from fvproof.empirical.networks.model import Model  # noqa: E402
from fvproof.empirical.networks.objectives import Unit  # noqa: E402
from fvproof.empirical.networks.probing import device_of, frozen  # noqa: E402
from fvproof.empirical.networks.zoo import load_model  # noqa: E402

TITLE = "Hundreds of units of ResNet-50 and ViT-S (`python benchmarks/gpu.py --help` for other sizes)"

LAYERS = {"resnet50": "layer4.1.conv2", "vit-s": "blocks.9.mlp.1"}
"""The networks, and the layer of each whose units are visualized."""

TRIAL = ["--units=4", "--steps=8", "--size=64", "--batch=4", "--peer-steps=4"]
"""What is measured where there is no GPU: that it runs."""


def measure() -> list[dict[str, object]]:
    """Return the figures, one row per network; on a CPU, of a few units and steps on small images."""
    return [measured(network) for network in LAYERS]


def measured(network: str, *, trial: bool | None = None) -> dict[str, object]:
    """Return the figures of one network; of a trial, those of a few units and steps (None: where there is no GPU)."""
    small = not torch.cuda.is_available() if trial is None else trial
    return figures(_parser().parse_args([f"--network={network}", *(TRIAL if small else [])]))


def figures(options: argparse.Namespace) -> dict[str, object]:
    """Return what was measured, by name."""
    options.layer = options.layer or LAYERS[options.network]
    model = _model(options)
    units = [Unit(options.layer, channel) for channel in range(options.units)]
    settings = Settings(steps=options.steps, batch=options.batch, precision=options.precision)
    maximize(model, units[: options.batch], Settings(steps=2, batch=options.batch, precision=options.precision))
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    seconds, runs = timed(lambda: maximize(model, units, settings))
    memory = torch.cuda.max_memory_allocated() / 2**30 if torch.cuda.is_available() else None
    peer, loop = peer_seconds(model, options)
    rate = len(units) * options.steps * flops_per_image(model, options.layer) / seconds / 1e12
    matrix = matrix_rate(device_of(model))
    return {
        "network": options.network,
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU",
        "weights": "given" if options.weights else "random",
        "units": len(units),
        "steps": options.steps,
        "pixels": options.size,
        "seconds": seconds,
        "images/s": len(units) * options.steps / seconds,
        "TFLOP/s": rate,
        "bf16 matrix TFLOP/s": matrix,
        "share": rate / matrix,
        "peak GiB": memory,
        "failed": sum(run.status.failed for run in runs),
        f"{loop}, s (scaled)": peer,
        "x faster": peer / seconds,
    }


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Return the seconds that the work takes on the device, and what it returns."""
    _wait()
    start = perf_counter()
    found = work()
    _wait()
    return perf_counter() - start, found


def flops_per_image(model: Model, layer: str) -> float:
    """Return the floating-point operations of one step for one image: forward to the layer, and back to the image.

    A multiplication and an addition count as two; those of convolutions and matrix products alone are counted.
    """
    images = torch.rand(2, *model.shape, device=device_of(model), requires_grad=True)
    with frozen(model.network), capturing(model, [layer]) as run, FlopCounterMode(display=False) as counter:
        run(images)[layer].sum().backward()
    return counter.get_total_flops() / len(images)


def matrix_rate(device: torch.device) -> float:
    """Return the best rate in TFLOP/s of products of large square matrices in bfloat16."""
    size = 8192 if device.type == "cuda" else 1024
    left, right = torch.randn(2, size, size, device=device).to(torch.bfloat16).unbind()
    seconds = min(timed(lambda: left @ right)[0] for _ in range(20))
    return 2 * size**3 / seconds / 1e12


def peer_seconds(model: Model, options: argparse.Namespace) -> tuple[float, str]:
    """Return the seconds that lucent's loop would take for all units, one after another, and what was timed."""
    from benchmarks.lucent_peer import has_lucent, lucent_images
    from benchmarks.plain_peer import plain_images

    lucent = has_lucent()
    look = lucent_images if lucent else plain_images
    look(model, [Unit(options.layer, 0)], 1)
    seconds = [timed(lambda u=u: look(model, [Unit(options.layer, u)], options.peer_steps))[0] for u in (0, 1)]
    return min(seconds) / options.peer_steps * options.units * options.steps, "lucent" if lucent else "plain loop"


def _model(options: argparse.Namespace) -> Model:
    """Return the network on the device, its channels together in memory."""
    shape = (3, options.size, options.size)
    if options.network == "vit-s":
        from benchmarks._networks import vit_small

        torch.manual_seed(0)
        model = Model("vit-s", vit_small(options.size).eval(), shape)
    else:
        file = ROOT / "docs" / "examples" / "resnet50.py"
        model = load_model(f"{file}:resnet50", weights=options.weights, shape=shape)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.network.to(device, memory_format=torch.channels_last)
    return model


def _wait() -> None:
    """Wait until the device has done all that it was asked."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _parser() -> argparse.ArgumentParser:
    """Return what the command line takes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--network", default="resnet50", choices=LAYERS)
    parser.add_argument("--weights", help="of resnet50: a state_dict, safetensors or .npz; random without")
    parser.add_argument("--layer", help=", ".join(f"of {network} {layer}" for network, layer in LAYERS.items()))
    parser.add_argument("--units", type=int, default=512)
    parser.add_argument("--steps", type=int, default=512)
    parser.add_argument("--size", type=int, default=224, help="pixels")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
    parser.add_argument("--peer-steps", type=int, default=16, help="for each of two units")
    return parser


if __name__ == "__main__":
    print(json.dumps(figures(_parser().parse_args()), indent=1))
