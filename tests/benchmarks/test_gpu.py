import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from benchmarks import gpu
from benchmarks.plain_peer import plain_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Unit

SCRIPT = Path(gpu.__file__)
ONLY_TORCH = """
import runpy, sys
sys.modules.update(dict.fromkeys({missing}))
sys.argv = {arguments}
runpy.run_path(sys.argv[0], run_name="__main__")
"""
MISSING = {"PIL", "click", "matplotlib", "onnx", "platformdirs", "safetensors", "scipy", "sklearn", "tabulate", "tqdm"}
"""What fvproof needs elsewhere, and this script does not."""


def test_the_script_runs_with_nothing_but_torch_and_numpy():
    arguments = [str(SCRIPT), "--units=3", "--steps=2", "--size=32", "--batch=2", "--peer-steps=1", "--layer=layer2.0"]
    code = ONLY_TORCH.format(missing=MISSING, arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["units"], found["steps"], found["pixels"], found["weights"]) == (3, 2, 32, "random")
    assert found["images/s"] == pytest.approx(6 / found["seconds"])
    assert found["share"] == pytest.approx(found["TFLOP/s"] / found["bf16 matrix TFLOP/s"])
    (peer,) = (value for name, value in found.items() if name.endswith("(scaled)"))
    assert found["x faster"] == pytest.approx(peer / found["seconds"])


def test_operations_are_counted_forward_to_the_layer_and_back_to_the_image():
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 1), nn.Conv2d(4, 100, 3))
    products = 16 * 16 * (8 * 3 * 9 + 4 * 8)
    assert gpu.flops_per_image(Model("net", network, (3, 16, 16)), "2") == 2 * 2 * products


def test_the_plain_loop_climbs_and_leaves_no_hook():
    torch.manual_seed(0)
    model = Model("net", nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh()), (3, 40, 40))
    units = [Unit("1", 2), Unit("1", 3)]
    first, last = (model(plain_images(model, units, steps))[0, 2].mean() for steps in (1, 40))
    assert last > first + 0.02
    assert not any(module._forward_hooks for module in model.network.modules())


def test_a_vision_transformer_is_measured_too():
    options = ["--network=vit-s", "--units=2", "--steps=1", "--size=32", "--batch=2", "--peer-steps=1"]
    found = gpu.figures(gpu._parser().parse_args(options))
    assert (found["network"], found["units"], found["failed"] >= 0) == ("vit-s", 2, True)
    assert found["TFLOP/s"] > 0
