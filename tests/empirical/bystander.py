"""Everything of a user's that measurements must leave alone: a network in an odd state, and what is global."""

import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import nn

from fvproof.empirical.auditing.work import visualize
from fvproof.empirical.fooling.circuit_build import Target, build_circuit
from fvproof.empirical.fooling.cones import Readout
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.fooling.twins import build_twin
from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.theory.visualization import Visualization

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks", "_state_dict_hooks")


HELD = {
    "views.before_projection": "is called within a forward pass that its caller holds",
    "ascent.ascend": "its caller holds the network",
    "ascent.seeing": "its caller holds the network",
    "rows.rows": "its caller holds the network",
    "class_means.class_by_class": "its caller holds the network",
    "class_means.image_by_image": "its caller holds the network",
    "directions.visit_directions": "its caller holds the network",
    "response_norm.quick_norms": "changes how some layers compute, while it is entered",
    "weights.load_weights": "is asked to change the network",
    "openness.bare": "is given a network that was built for it",
    "readiness.materialize": "is given a network that was built for it",
    "ridge_ways.way_to": "exports a copy for `ridges`, which is a case",
    "questions.questions": "asks of what was visualized; `fv.trial` is a case of the verbs",
    "naming.place": "reads what is written of a place",
    "room.require_room": "is given a module that is made from a node",
    "modules.export": "takes a module of its own kind",
    "digits.one_layer": "takes a layer to build a network from",
    "certified.write_certificates": "reads weights alone",
    "hull.write_hull": "reads weights alone",
    "circuit_report.report": "reads findings",
    "twin_files.write_twins": "takes no network",
    "twin_picture.draw_twins": "takes no network",
    "statements.statements": "reads findings",
    "judgement.judge": "reads findings",
    "records.remembered": "runs what it is given",
    "records.recorded": "runs what it is given",
    "records.job_for": "runs nothing",
    "sweep.found": "reads what was kept",
    "sweep.run_names": "names what is kept",
    "executors.named_workers": "opens processes",
}
"""Functions that take a network and are no case of their own, and why."""


class Tired(RuntimeError):
    """Raised by a network that was asked to fail."""


class Counting(nn.Module):
    """Hands on what it is given; it counts, draws from every global stream, and fails at the pass it is told to."""

    def __init__(self):
        super().__init__()
        self.register_buffer("passes", torch.zeros((), dtype=torch.long))
        self.register_buffer("replaced", torch.zeros(()))
        self.left = None

    def forward(self, x):
        self.passes += 1
        self.replaced = self.replaced + 1
        random.random(), np.random.rand(), torch.rand(1)  # noqa: NPY002
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Tired("the network failed")
        return x


def network(*, chain=False):
    """Return a small convolutional network, or a chain of layers that can be certified, in an odd state."""
    torch.manual_seed(3)
    if chain:
        layers = {"flatten": nn.Flatten(), "hidden": nn.Linear(64, 6), "relu": nn.ReLU(), "logits": nn.Linear(6, 10)}
    else:
        layers = {
            "counting": Counting(),
            "conv": nn.Conv2d(1, 4, 3),
            "bn": nn.BatchNorm2d(4),
            "relu": nn.ReLU(),
            "dropout": nn.Dropout(0.3),
            "flatten": nn.Flatten(),
            "hidden": nn.Linear(144, 6),
            "relu2": nn.ReLU(),
            "logits": nn.Linear(6, 10),
        }
    found = nn.Sequential()
    for name, layer in layers.items():
        found.add_module(name, layer)
    found.train()
    found.logits.eval()
    found.hidden.weight.requires_grad = False
    found.logits.weight.grad = torch.ones_like(found.logits.weight)
    found.hidden.register_forward_hook(lambda _module, _inputs, output: output)
    if not chain:
        found.bn.running_mean.fill_(0.25)
    return found


def state(of):
    """Return all that must be the same afterwards, as plain values."""
    tensors = {**dict(of.named_parameters()), **dict(of.named_buffers())}
    return {
        "training": {name: module.training for name, module in of.named_modules()},
        "hooks": {name: [list(getattr(module, kind)) for kind in HOOKS] for name, module in of.named_modules()},
        "attributes": {name: sorted(vars(module)) for name, module in of.named_modules()},
        "tensors": {name: (id(tensor), tensor.tolist(), tensor.dtype) for name, tensor in tensors.items()},
        "requires_grad": {name: parameter.requires_grad for name, parameter in of.named_parameters()},
        "grad": {name: None if p.grad is None else p.grad.tolist() for name, p in of.named_parameters()},
        **everywhere(),
    }


def everywhere():
    """Return what is global."""
    return {
        "python": random.getstate(),
        "numpy": [part.tolist() if isinstance(part, np.ndarray) else part for part in np.random.get_state()],  # noqa: NPY002
        "torch": torch.get_rng_state().tolist(),
        "dtype": torch.get_default_dtype(),
        "threads": (torch.get_num_threads(), torch.get_num_interop_threads()),
        "deterministic": (torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark),
        "gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.is_anomaly_enabled()),
        "autocast": (torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")),
        "precision": torch.get_float32_matmul_precision(),
    }


@dataclass
class Case:
    """What functions are given."""

    folder: Path
    chain: bool = False

    def __post_init__(self):
        self.network = network(chain=self.chain)
        self.model = Model("mine", self.network, (1, 8, 8))
        pixels = np.random.default_rng(0).random((40, 1, 8, 8), dtype=np.float32)
        self.images = ImageSet(pixels, np.arange(40) % 4)
        self.settings = Settings(steps=3)
        self.unit, self.units = Unit("hidden", 1), [Unit("hidden", 1), Unit("logits", 3)]
        self.picture = torch.full((1, 8, 8), 0.75)

    @cached_property
    def runs(self):
        return maximize(self.model, self.units, self.settings)

    @cached_property
    def natural(self):
        return activations(self.model, self.units, [self.images.batch()])

    @cached_property
    def work(self):
        return workspace(self.model, self.images, self.settings, self.folder / "pieces")

    @cached_property
    def shown(self):
        phi = Visualization(np.zeros(64), np.ones(64), -9, 9)
        return dict.fromkeys(self.units, phi)

    @cached_property
    def twin(self):
        return build_twin(Readout(self.model, "logits"), 3, self.shown[self.unit], self.images, 7)

    @cached_property
    def silenced(self):
        return silence(self.model, [self.unit], self.images)

    @cached_property
    def built(self):
        outputs = [Unit("logits", channel) for channel in range(10)]
        return build_circuit(self.work, outputs[:2], outputs[5:], Target(1))

    def visualize(self):
        visualize(self.work, self.units, self.units, self.natural, None)
        return self.work
