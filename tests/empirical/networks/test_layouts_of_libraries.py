"""The learned layers of torchvision's and timm's networks, with random weights."""

import importlib

import pytest
import torch
from torch import nn

from fvproof.empirical.networks.layers import LEARNED, learned_layers
from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import channel_counts

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

KEPT = []
"""Operators that were declared, for as long as the tests run."""


def library(name):
    """Return a package, or skip the test."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        pytest.skip(f"needs {name} ({error})")
    except RuntimeError:  # torchvision of another build of torch: what classification does not need is declared
        KEPT.append(torch.library.Library("torchvision", "DEF"))
        for operator in ("nms", "qnms"):
            KEPT[-1].define(f"{operator}(Tensor a, Tensor b, float c) -> Tensor")
        return importlib.import_module(name)


def axes_are_right(network, size):
    """Assert that all learned layers that run have their units where their kind has them; return how many there are."""
    torch.manual_seed(0)
    model, outputs = Model("net", network.eval(), (3, size, size)), {}
    modules = dict(network.named_modules())

    def note(name, output):
        outputs.setdefault(name, output)

    learned = [(name, module) for name, module in modules.items() if isinstance(module, LEARNED)]
    handles = [module.register_forward_hook(lambda _, __, out, name=name: note(name, out)) for name, module in learned]
    with torch.no_grad():
        network(torch.rand(3, 3, size, size))
    for handle in handles:
        handle.remove()
    seen = {name: output for name, output in outputs.items() if "cpb_mlp" not in name}  # no image enters these
    known = layouts(model)
    assert set(learned_layers(model)) == set(seen)
    for name, output in seen.items():
        last = isinstance(modules[name], nn.Linear)
        assert (known[name].axis, known[name].source) == (output.dim() - 1 if last else 1, "known")
    widths = {
        n: modules[n].out_features if isinstance(modules[n], nn.Linear) else modules[n].out_channels for n in seen
    }
    assert channel_counts(model, list(seen)) == widths
    return len(seen)


@pytest.mark.parametrize(
    ("name", "size", "count"),
    [
        ("convnext_tiny", 64, 59),
        ("swin_t", 64, 29),
        ("swin_v2_t", 64, 29),
        ("vit_b_16", 224, 26),
        ("maxvit_t", 224, 151),
    ],
)
def test_torchvision(name, size, count):
    models = importlib.import_module("torchvision.models") if library("torchvision") else None
    assert axes_are_right(getattr(models, name)(weights=None), size) == count


@pytest.mark.parametrize(
    ("name", "size", "count"),
    [
        ("swin_tiny_patch4_window7_224", 224, 53),
        ("swinv2_tiny_window8_256", 256, 41),
        ("convnextv2_atto", 64, 41),
        ("vit_tiny_patch16_224", 224, 50),
        ("mixer_s32_224", 224, 34),
        ("gmlp_s16_224", 224, 92),
    ],
)
def test_timm(name, size, count):
    library("torchvision")
    assert axes_are_right(library("timm").create_model(name, pretrained=False), size) == count
