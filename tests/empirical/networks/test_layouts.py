"""Where the units of layers lie, against what is known of each kind of layer, and against torch itself."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fvproof.empirical.networks.layouts import Layout, layouts
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, UnknownName


class Steps(nn.Module):
    """A network whose forward pass is a chain of layers and functions."""

    def __init__(self, *steps):
        super().__init__()
        self.steps = steps
        for i, step in enumerate(steps):
            if isinstance(step, nn.Module):
                self.add_module(f"m{i}", step)

    def forward(self, x):
        for step in self.steps:
            x = step(x)
            x = x[0] if isinstance(x, tuple) else x
        return x


def found(*steps, shape=(3, 8, 8), **given):
    return layouts(Model("steps", Steps(*steps).eval(), shape, **given))


def rows(x):
    """Return images as sequences of their rows, (N, H, C·W)."""
    return x.movedim(1, 2).flatten(2)


def rows_first(x):
    return rows(x).transpose(0, 1)


def frames(x):
    """Return images as videos of four frames."""
    return x[:, :, None].expand(-1, -1, 4, -1, -1)


class Attending(nn.Module):
    """Self-attention."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x, x, x)


def windows(x):
    """Return channels-last maps as windows of 4 x 4, `(N * windows, 16, C)`."""
    n, h, w, c = x.shape
    return x.view(n, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, c)


def unwindowed(x):
    return x.view(-1, 2, 2, 4, 4, x.shape[-1]).permute(0, 1, 3, 2, 4, 5).reshape(-1, 8, 8, x.shape[-1])


def last(x):
    return x.permute(0, 2, 3, 1)


def first(x):
    return x.permute(0, 3, 1, 2)


def filtered(x):
    """Return a convolution with filters that depend on the image, all images at once."""
    filters = x.mean((2, 3))[:, None, :, None, None] * torch.ones(1, 5, 1, 3, 3)
    return F.conv2d(x.reshape(1, -1, 8, 8), filters.flatten(0, 1), groups=len(x)).view(-1, 5, 6, 6)


CASES = {
    "Conv1d": ([rows, nn.Conv1d(8, 5, 3)], 1, 5),
    "Conv2d": ([nn.Conv2d(3, 5, 3)], 1, 5),
    "Conv3d": ([frames, nn.Conv3d(3, 5, 3)], 1, 5),
    "ConvTranspose1d": ([rows, nn.ConvTranspose1d(8, 5, 3)], 1, 5),
    "ConvTranspose2d": ([nn.ConvTranspose2d(3, 5, 3)], 1, 5),
    "ConvTranspose3d": ([frames, nn.ConvTranspose3d(3, 5, 3)], 1, 5),
    "a grouped convolution": ([nn.Conv2d(3, 6, 3, groups=3)], 1, 6),
    "BatchNorm1d": ([rows, nn.BatchNorm1d(8)], 1, 8),
    "BatchNorm1d after a linear layer": ([rows, nn.Linear(24, 5), nn.BatchNorm1d(8)], 1, 8),
    "BatchNorm2d": ([nn.BatchNorm2d(3)], 1, 3),
    "BatchNorm3d": ([frames, nn.BatchNorm3d(3)], 1, 3),
    "GroupNorm": ([nn.Conv2d(3, 6, 1), nn.GroupNorm(2, 6)], 1, 6),
    "InstanceNorm1d": ([rows, nn.Conv1d(8, 5, 3), nn.InstanceNorm1d(5)], 1, 5),
    "InstanceNorm2d": ([nn.Conv2d(3, 5, 3), nn.InstanceNorm2d(5, affine=True)], 1, 5),
    "LocalResponseNorm": ([nn.Conv2d(3, 5, 3), nn.LocalResponseNorm(3)], 1, 5),
    "Linear": ([nn.Flatten(), nn.Linear(192, 5)], 1, 5),
    "Linear on rows": ([rows, nn.Linear(24, 5)], 2, 5),
    "Linear on maps": ([last, nn.Linear(3, 5)], 3, 5),
    "Linear without bias on maps": ([last, nn.Linear(3, 5, bias=False)], 3, 5),
    "LayerNorm on maps": ([nn.Conv2d(3, 5, 1), last, nn.LayerNorm(5)], 3, 5),
    "LayerNorm over whole maps": ([nn.Conv2d(3, 5, 1), nn.LayerNorm([5, 8, 8])], 1, 5),
    "RMSNorm": ([rows, nn.Linear(24, 5), nn.RMSNorm(5)], 2, 5),
    "Embedding": ([lambda x: (x.mean(1) > 0.5).long().flatten(1), nn.Embedding(2, 5)], 2, 5),
    "LSTM": ([rows, nn.LSTM(24, 5, batch_first=True)], 2, 5),
    "LSTM, time first": ([rows_first, nn.LSTM(24, 5)], 2, 5),
    "LSTM in both directions": ([rows, nn.LSTM(24, 5, num_layers=2, bidirectional=True, batch_first=True)], 2, 10),
    "GRU": ([rows, nn.GRU(24, 5, batch_first=True)], 2, 5),
    "RNN, time first": ([rows_first, nn.RNN(24, 5)], 2, 5),
    "attention": ([rows, Attending(nn.MultiheadAttention(24, 4, batch_first=True))], 2, 24),
    "attention, tokens first": ([rows_first, Attending(nn.MultiheadAttention(24, 4))], 2, 24),
    "a transformer block": ([rows, nn.TransformerEncoderLayer(24, 2, 16, batch_first=True)], 2, 24),
    "a transformer block, tokens first": ([rows_first, nn.TransformerEncoderLayer(24, 2, 16)], 2, 24),
    "ReLU on maps": ([last, nn.Linear(3, 5), nn.ReLU()], 3, 5),
    "dropout on maps": ([last, nn.Linear(3, 5), nn.Dropout()], 3, 5),
    "pooling": ([nn.Conv2d(3, 5, 3), nn.MaxPool2d(2)], 1, 5),
    "pooling over all positions": ([nn.Conv2d(3, 5, 3), nn.AdaptiveAvgPool2d(1)], 1, 5),
    "pooling over all positions of what was last": ([last, nn.Linear(3, 5), first, nn.AdaptiveAvgPool2d(1)], 1, 5),
    "one dimension pooled": ([rows, nn.Conv1d(8, 5, 3), nn.AvgPool1d(2)], 1, 5),
    "enlarging": ([nn.Conv2d(3, 5, 3), nn.Upsample(scale_factor=2)], 1, 5),
    "shuffled channels": ([nn.Conv2d(3, 6, 3), nn.ChannelShuffle(2)], 1, 6),
    "shuffled pixels": ([nn.Conv2d(3, 8, 3), nn.PixelShuffle(2)], 1, 2),
    "Identity after a permutation": ([nn.Conv2d(3, 5, 3), last, nn.Identity()], 3, 5),
    "Identity after a mean over tokens": ([rows, nn.Linear(24, 5), lambda x: x.mean(1), nn.Identity()], 1, 5),
    "Identity after a token was chosen": ([rows, nn.Linear(24, 5), lambda x: x[:, 0], nn.Identity()], 1, 5),
    "Identity after patches": ([nn.Conv2d(3, 5, 4, 4), lambda x: x.flatten(2).mT, nn.Identity()], 2, 5),
    "Identity after stacking": (
        [rows, lambda x: torch.stack([F.relu(x), x], 1), nn.Linear(24, 5), nn.Identity()],
        3,
        5,
    ),
    "Identity after concatenating": ([nn.Conv2d(3, 5, 3), lambda x: torch.cat([x, -x], 1), nn.Identity()], 1, 10),
    "Identity after einsum": (
        [lambda x: torch.einsum("nchw,oc->nohw", x, torch.ones(5, 3)), nn.Identity()],
        1,
        5,
    ),
    "Linear in windows": ([nn.Conv2d(3, 6, 1), last, windows, nn.Linear(6, 5)], 2, 5),
    "Identity after windows": ([last, nn.Linear(3, 5), windows, unwindowed, nn.Identity()], 3, 5),
    "Linear on images times steps": ([rows, lambda x: x.flatten(0, 1), nn.Linear(24, 5)], 1, 5),
    "filters of each image": ([filtered, nn.Identity()], 1, 5),
    "weights that are normed": ([last, nn.utils.parametrizations.weight_norm(nn.Linear(3, 5))], 3, 5),
    "Bilinear": ([rows, lambda x: nn.Bilinear(24, 24, 5)(x, x), nn.Identity()], 2, 5),
    "a lazy convolution": ([nn.LazyConv2d(5, 3)], 1, 5),
    "patches": ([nn.Conv2d(3, 5, 1), nn.Unfold(2, stride=2)], 1, 20),
    "patches put back": ([nn.Conv2d(3, 5, 1), nn.Unfold(2, stride=2), nn.Fold(8, 2, stride=2)], 1, 5),
    "Flatten": ([nn.Conv2d(3, 5, 3), nn.Flatten()], 1, 180),
    "Unflatten": ([nn.Flatten(), nn.Linear(192, 12), nn.Unflatten(1, (3, 2, 2)), nn.Conv2d(3, 5, 1)], 1, 5),
    "images by hand": ([lambda x: x, nn.Identity()], 1, 3),
}


@pytest.mark.parametrize(("steps", "axis", "units"), CASES.values(), ids=CASES)
def test_the_units_lie_where_the_layer_that_computes_them_puts_them(steps, axis, units):
    layer = list(found(*steps).values())[-1]
    assert (layer.axis, layer.units, layer.source) == (axis, units, "known")


def test_a_block_keeps_the_units_of_the_way_around_it():
    class Mixer(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.channels = nn.Linear(9, 9), nn.Linear(5, 5)

        def forward(self, x):
            return self.channels(self.tokens(x.mT).mT + x) + x

    seen = found(nn.Conv2d(3, 5, 2, 2, 1), lambda x: x[:, :, :3, :3].flatten(2).mT, Mixer(), nn.Identity())
    assert {name: (one.axis, one.units) for name, one in seen.items()} == {
        "m0": (1, 5),
        "m2.tokens": (2, 9),  # its own learned units are mixtures of positions
        "m2.channels": (2, 5),
        "m2": (2, 5),
        "m3": (2, 5),
    }


@pytest.mark.parametrize("build", [rows, rows_first], ids=["images first", "images second"])
def test_activations_are_those_of_torch_wherever_images_lie(build):
    torch.manual_seed(0)
    lstm, images = nn.LSTM(24, 5, batch_first=build is rows), torch.rand(7, 3, 8, 8)
    model = Model("lstm", Steps(build, lstm).eval(), (3, 8, 8))
    read = activations(model, [Unit("m1", i) for i in range(5)], images.split(3))
    with torch.no_grad():
        wanted = lstm(build(images))[0].mean(1 if build is rows else 0)
    for i in range(5):
        torch.testing.assert_close(torch.from_numpy(read[Unit("m1", i)]), wanted[:, i])


def test_activations_in_windows_are_the_means_over_all_windows_of_an_image():
    torch.manual_seed(0)
    linear, images = nn.Linear(3, 5), torch.rand(7, 3, 8, 8)
    model = Model("windows", Steps(last, windows, linear), (3, 8, 8))
    read = activations(model, [Unit("m2", i) for i in range(5)], images.split(3))
    with torch.no_grad():
        wanted = linear(last(images)).mean((1, 2))
    for i in range(5):
        torch.testing.assert_close(torch.from_numpy(read[Unit("m2", i)]), wanted[:, i])


def test_a_table_that_no_image_enters_has_no_units():
    class Biased(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.head = nn.Linear(2, 192), nn.Linear(192, 4)

        def forward(self, x):
            return self.head(x.flatten(1) + self.table(torch.ones(1, 2)))

    assert list(layouts(Model("biased", Biased(), (3, 8, 8)))) == ["head"]


def test_what_is_written_a_part_at_a_time_is_assumed_and_not_known():
    def halves(x):
        out = torch.zeros(len(x), 8, 5)
        out[:, :4] = x[:, 0, :4, :5]
        return out

    (layer,) = found(halves, nn.Identity()).values()
    assert (layer.axis, layer.source) == (2, "assumed")


def test_a_network_for_one_image_only_is_followed_too():
    def single(x):
        assert len(x) == 1
        return last(x)

    assert found(single, nn.Linear(3, 5))["m1"] == Layout((1, 8, 8, 5), 3, "known")


def test_a_network_that_cannot_be_followed_is_read_by_the_kinds_of_its_layers():
    def alone(x):
        assert torch.utils._python_dispatch._get_current_dispatch_mode() is None
        return last(x)

    seen = found(nn.Conv2d(3, 4, 1), alone, nn.Linear(4, 5), nn.ReLU())
    assert {name: (one.axis, one.source) for name, one in seen.items()} == {
        "m0": (1, "assumed"),
        "m2": (3, "assumed"),
        "m3": (1, "assumed"),
    }


@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
def test_a_torch_export_has_the_axes_of_its_network(tmp_path):
    network = Steps(nn.Conv2d(3, 4, 1), last, nn.Linear(4, 5), nn.ReLU()).eval()
    any_batch = ({0: torch.export.Dim("n")},)
    export = torch.export.export(network, (torch.rand(2, 3, 8, 8),), dynamic_shapes=(any_batch[0],))
    torch.export.save(export, tmp_path / "net.pt2")
    seen = layouts(load_model(str(tmp_path / "net.pt2")))
    assert {name: (one.axis, one.units) for name, one in seen.items()} == {"m0": (1, 4), "m2": (3, 5), "m3": (3, 5)}


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
def test_what_comes_after_a_scripted_layer_has_its_axes():
    scripted = torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(2), nn.Linear(36, 5)))
    seen = layouts(Model("scripted", nn.Sequential(scripted, nn.ReLU()), (3, 8, 8)))
    assert {name: (one.axis, one.units) for name, one in seen.items()} == {"1": (2, 5)}


def test_a_given_axis_overrules_and_holds_for_what_comes_after():
    steps = last, nn.Linear(3, 5), nn.ReLU(), nn.AdaptiveAvgPool2d((2, 5))
    seen = found(*steps, axes={"m1": 1})
    assert [(one.axis, one.units, one.source) for one in seen.values()] == [
        (1, 8, "given"),
        (1, 8, "known"),
        (1, 8, "known"),
    ]
    assert found(*steps, axes={"m2": -2})["m2"].axis == 2


@pytest.mark.parametrize("place", [0, 4, -5, -4])
def test_an_axis_that_a_layer_cannot_have_is_refused(place):
    with pytest.raises(DomainError, match=rf"'m1' gives 1×8×8×5, whose units .* 1, 2, 3, received the axis {place}"):
        found(last, nn.Linear(3, 5), axes={"m1": place})


def test_an_axis_of_a_layer_that_there_is_not_is_answered_with_the_near_ones():
    with pytest.raises(UnknownName, match="did you mean m1"):
        found(last, nn.Linear(3, 5), axes={"m11": 1})
