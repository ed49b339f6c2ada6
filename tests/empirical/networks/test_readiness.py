"""Networks that are not ready as they come: lazy, for one image only, made in the first pass, checkpointed, cut off."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
from typing_extensions import override

from fvproof.empirical.detecting.census import census
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings, Status, maximize
from fvproof.empirical.networks.layers import listed, output_layer
from fvproof.empirical.networks.probing import copy_of, frozen
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model, model_of
from fvproof.empirical.notices import heard_by
from fvproof.theory.errors import DomainError

IMAGES = torch.rand(5, 3, 8, 8, generator=torch.Generator().manual_seed(1))
FEW = Settings(steps=6, precision="float32")


class Net(nn.Module):
    """A small network; what it does between its layers is written anew by those below."""

    input_shape = (3, 8, 8)

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 3)

    def maps(self, x):
        return self.conv(x).relu()

    @override
    def forward(self, x):
        return self.head(self.maps(x).mean((2, 3)))


class OneImage(Net):
    @override
    def forward(self, x):
        return self.head(self.maps(x).mean((2, 3)).reshape(1, 4))


class Checkpointed(Net):
    @override
    def maps(self, x):
        return checkpoint(self.conv, x, use_reentrant=True).relu()


class Partly(Net):
    """The convolution is computed without gradients, and there is a way around it."""

    @override
    def forward(self, x):
        with torch.no_grad():
            maps = self.maps(x)
        return self.head(maps.mean((2, 3)) + x.mean((2, 3))[:, :1])


class Makes(Net):
    """Makes its last layers when it sees the first image."""

    @override
    def forward(self, x):
        maps = self.maps(x).flatten(1)
        if not hasattr(self, "late"):
            self.late = nn.Sequential(nn.Dropout(), nn.Linear(maps.shape[1], 2))
        return self.late(maps)


class Remembers(Net):
    """Keeps a table of places that it computes in the first pass, from its own weights."""

    @override
    def maps(self, x):
        if not hasattr(self, "places"):
            self.places = torch.linspace(0, 1, x.shape[-1]) * self.conv.weight.mean()
        return self.conv(x + self.places).relu()


@pytest.fixture
def alone():
    said = []
    with heard_by(said.append):
        found = model_of(OneImage())
    assert said == ["OneImage takes one image at a time: it is run image by image, which is slow"]
    return found


def test_a_network_for_one_image_gives_what_it_gives_for_each(alone):
    wanted = Net()
    torch.testing.assert_close(alone(IMAGES), wanted(IMAGES))
    found = activations(alone, [Unit("conv", 1), Unit("head", 2)], [IMAGES])
    assert found[Unit("conv", 1)] == pytest.approx(wanted.conv(IMAGES)[:, 1].mean((1, 2)).tolist(), rel=1e-4)
    assert found[Unit("head", 2)] == pytest.approx(wanted(IMAGES)[:, 2].tolist(), rel=1e-4)
    assert output_layer(alone) == "head"
    assert [(one.name, one.units) for one in listed(alone)] == [("conv", 4), ("head", 3)]


@pytest.mark.parametrize("diversity", [1, 3])
def test_visualizations_of_a_network_for_one_image_are_those_of_any(alone, diversity):
    settings = Settings(steps=6, precision="float32", diversity=diversity)
    units = [Unit("conv", 0), Unit("conv", 3), Unit("head", 1)]
    for one, other in zip(maximize(alone, units, settings), maximize(model_of(Net()), units, settings), strict=True):
        np.testing.assert_allclose(one.image, other.image, atol=1e-3)
        assert one.activation == pytest.approx(other.activation, abs=1e-4)


def test_silent_channels_of_a_network_for_one_image_are_counted(alone):
    natural = ImageSet(IMAGES.numpy())
    one, other = census(alone, natural), census(model_of(Net()), natural)
    assert [found.opened.tolist() for found in one] == [found.opened.tolist() for found in other]


def test_checkpoints_that_allow_no_gradient_of_an_input_are_passed_over():
    units = [Unit("conv", 0), Unit("head", 1)]
    for one, other in zip(
        maximize(model_of(Checkpointed()), units, FEW), maximize(model_of(Net()), units, FEW), strict=True
    ):
        np.testing.assert_array_equal(one.image, other.image)
    kept = torch.utils.checkpoint.CheckpointFunction
    with pytest.raises(ValueError, match="stop"), frozen(Net()):
        raise ValueError("stop")
    assert torch.utils.checkpoint.CheckpointFunction is kept


def test_a_unit_that_no_gradient_leaves_is_said_to_be_cut_off_and_not_silent():
    cut, free = maximize(model_of(Partly()), [Unit("conv", 0), Unit("head", 1)], FEW)
    assert cut.status is Status.CUT_OFF
    assert str(cut.status) == "no gradient: no_grad, detach or rounding before the unit"
    assert cut.status.failed
    assert free.status is not Status.CUT_OFF
    wanted = Partly().conv(torch.from_numpy(cut.image)[None])[0, 0].mean().item()
    assert cut.activation == pytest.approx(wanted, abs=1e-5)


def test_layers_made_in_the_first_pass_have_units_and_take_weights(tmp_path):
    made = Makes().eval()
    made(IMAGES[:1])
    torch.save(made.eval().state_dict(), tmp_path / "w.pt")
    (tmp_path / "net.py").write_text("from tests.empirical.networks.test_readiness import Makes\n")
    found = load_model(f"{tmp_path / 'net.py'}:Makes", weights=tmp_path / "w.pt")
    torch.testing.assert_close(found(IMAGES), made(IMAGES))
    read = activations(found, [Unit("late.1", 1)], [IMAGES])
    assert read[Unit("late.1", 1)] == pytest.approx(made(IMAGES)[:, 1].tolist(), rel=1e-4)


@pytest.mark.parametrize("used", [False, True])
def test_what_a_network_remembers_from_its_first_pass_is_no_harm(used):
    network = Remembers().eval()
    if used:  # with gradients, as in training
        network(IMAGES).sum().backward()
    (run,) = maximize(model_of(network), [Unit("head", 1)], FEW)
    with torch.no_grad():
        assert run.activation == pytest.approx(network(torch.from_numpy(run.image)[None])[0, 1].item(), abs=1e-5)


def test_old_weight_norms_can_be_copied_though_they_hold_what_they_computed():
    with warnings.catch_warnings(action="ignore"):
        network = nn.Sequential(nn.Flatten(), nn.utils.weight_norm(nn.Linear(192, 3)))
    network(IMAGES)
    with torch.no_grad():
        torch.testing.assert_close(copy_of(network)(IMAGES), network(IMAGES))
    heard = []
    with heard_by(heard.append):
        found = model_of(network.half(), shape=(3, 8, 8))
    assert heard == ["Sequential has weights in half precision, which become float32"]
    assert found(IMAGES).dtype == torch.float32


@pytest.mark.parametrize("name", ["net.pt", "net.pth", "net.safetensors", "net.torchscript"])
def test_a_file_of_weights_as_a_model_is_told_where_it_belongs(name):
    with pytest.raises(DomainError, match=rf"weights need their module \(FILE\.py:FUNCTION with --weights {name}\)"):
        load_model(name)


def test_an_export_of_one_image_is_run_image_by_image(tmp_path):
    network = Net().eval()
    torch.export.save(torch.export.export(network, (IMAGES[:1],)), tmp_path / "one.pt2")
    heard = []
    with heard_by(heard.append):
        found = load_model(str(tmp_path / "one.pt2"))
    torch.testing.assert_close(found(IMAGES), network(IMAGES))
    assert "takes one image at a time" in heard[0]


def test_a_lazy_batch_norm_is_copied_like_any_other_layer_without_numbers():
    network = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(2))
    assert model_of(network, shape=(3, 6, 6)).shape == (3, 6, 6)
    assert isinstance(network[1], nn.LazyBatchNorm2d)
