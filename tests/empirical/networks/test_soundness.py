"""Every network works, or is refused in one sentence that says what is wrong and what to do."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.layers import layer_sizes
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.soundness import require_fit, require_sound
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, FvproofError, ShapeError

FILE = """
import torch
from torch import nn

class Base(nn.Module):
    input_shape = (3, 8, 8)

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.conv(x).relu().mean((2, 3)))

def lazy():
    network = Base()
    network.head = nn.LazyLinear(3)
    return network

def compiled():
    return torch.compile(Base())

def compiled_part():
    network = Base()
    network.conv = torch.compile(network.conv)
    network.compile()
    return network

def parallel():
    return nn.DataParallel(Base())

def half():
    return Base().half()

def double():
    return Base().double()

class Casting(Base):
    def forward(self, x):
        return super().forward(x.to(self.head.weight.dtype)).float()

def casts_to_half():
    return Casting().half()

def casts_to_double():
    return Casting().double()

def normed():
    network = Base()
    nn.utils.parametrizations.weight_norm(network.conv)
    nn.utils.spectral_norm(network.head)
    return network

def meta():
    with torch.device("meta"):
        return Base()
"""


class Base(nn.Module):
    """A small network whose forward pass can be written anew."""

    def __init__(self, forward=None):
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 3)
        self.body = forward or Base.plain

    def plain(self, x):
        return self.head(self.conv(x).relu().mean((2, 3)))

    def forward(self, x):
        return self.body(self, x)


def model(forward=None):
    torch.manual_seed(0)
    return Model("mine", Base(forward), (3, 8, 8))


@pytest.fixture
def file(tmp_path):
    (tmp_path / "net.py").write_text(FILE)
    return tmp_path / "net.py"


@pytest.mark.parametrize(
    "function",
    ["lazy", "compiled", "compiled_part", "parallel", "half", "double", "casts_to_half", "casts_to_double", "normed"],
)
def test_networks_in_other_wrappings_and_numbers_work_under_their_own_layer_names(file, function):
    with warnings.catch_warnings(action="ignore"):
        found = load_model(f"{file}:{function}", shape=(3, 8, 8))
    (run,) = maximize(found, [Unit("conv", 1)], Settings(steps=2))
    assert np.isfinite(run.activation)
    assert activations(found, [Unit("head", 2)], [torch.rand(3, 3, 8, 8)])[Unit("head", 2)].shape == (3,)


def test_weights_on_no_device_are_one_sentence(file):
    with pytest.raises(DomainError, match="must have weights, some are on the device meta"):
        load_model(f"{file}:meta")


def even(self, x):
    if len(x) % 2 and len(x) > 1:
        raise ValueError("even batches")
    return self.plain(x)


def one(self, x):
    return self.plain(x.reshape(1, 3, -1, 8))


def in_place(self, x):
    x -= 0.5
    return self.plain(x)


def batch_statistics(self, x):
    maps = functional.batch_norm(self.conv(x), torch.zeros(4), torch.ones(4), training=True)
    return self.head(maps.relu().mean((2, 3)))


def remembers(self, x):
    maps = self.conv(x)
    before, self.last = getattr(self, "last", maps), maps.detach()
    return self.head((maps + before.mean(0, keepdim=True)).relu().mean((2, 3)))


def sets_default(self, x):
    torch.set_default_dtype(torch.float64)
    return self.plain(x)


def rarely(self, x):
    return self.plain(x) * (1 if np.random.rand() < 0.8 else 2)  # noqa: NPY002


def trains(self, x):
    return self.head(nn.functional.batch_norm(self.conv(x).mean((2, 3)), torch.zeros(4), torch.ones(4), training=True))


def reentrant(self, x):
    return self.plain(checkpoint(self.conv, x, use_reentrant=True)[:, :3])


@pytest.mark.parametrize(
    ("forward", "message"),
    [
        (lambda self, x: (self.plain(x),), "one tensor of floats with a row per image, not tuple"),
        (lambda self, x: {"logits": self.plain(x)}, "not dict"),
        (lambda *_: None, "not NoneType"),
        (lambda self, x: self.plain(x).to(torch.complex64), r"not complex numbers.*: return their abs\(\)"),
        (lambda self, x: self.plain(x).argmax(1, keepdim=True), r"not torch\.int64"),
        (lambda self, x: self.plain(x).sum(), r"of shape \(\)"),
        (lambda self, x: self.plain(x[:, :1]), "does not take an image of shape"),
        (lambda self, x: even(self, x[:3]), "must take batches of several images.*ValueError: even batches"),
        (one, "with a row per image"),
        (in_place, "must leave images as they are: it changes its input in place"),
        (batch_statistics, "another answer for an image alone than among others.*mixes the images"),
        (lambda self, x: self.plain(x - x.mean(0)), "another answer for an image alone than among others"),
        (lambda self, x: functional.dropout(self.plain(x), 0.5), "two answers for one image.*F.dropout without"),
        (lambda self, x: self.plain(x + 0.01 * torch.randn_like(x)), "two answers for one image"),
        (lambda self, x: self.plain(x * np.random.rand()), "two answers for one image"),  # noqa: NPY002
        (lambda self, x: functional.dropout(self.plain(x), 0.05), "two answers for one image"),
        (sets_default, "sets torch's default type in its forward"),
        (rarely, "two answers for one image"),
        (remembers, "other answers after other images.*keeps something of the images before"),
        (trains, "takes no image alone: its forward puts layers in training mode"),
        (lambda self, x: self.plain(x)[:, :0], r"of shape \(1, 0\)"),
        (lambda self, x: self.plain(x).to_sparse(), r"not a sparse one: add \.to_dense"),
        (lambda self, x: self.plain(x)[10], "does not take an image of shape.*index 10 is out of bounds"),
        (lambda self, x: [][0] if len(x) == 1 else self.plain(x), "does not take an image.*list index"),
        (lambda self, x: next(iter(())), "StopIteration"),
        (lambda self, x: self.plain(x).detach(), "no gradient comes back"),
        (torch.no_grad()(Base.plain), "no gradient comes back"),
        (torch.inference_mode()(Base.plain), "no gradient comes back"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(forward, message):
    with pytest.raises(FvproofError, match=message) as found:
        require_sound(model(forward))
    assert "\n" not in str(found.value)


def test_the_layer_that_takes_statistics_of_the_batch_is_named():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=False), nn.Flatten())
    with pytest.raises(DomainError, match="layer '1' takes the mean of the batch; train it with track_running_stats"):
        require_sound(Model("mine", network, (3, 8, 8)))


def test_a_layer_that_the_network_puts_in_training_mode_is_named():
    network = nn.Sequential(nn.Flatten(), nn.Linear(192, 4), nn.BatchNorm1d(4))
    network.register_forward_pre_hook(lambda module, _inputs: module.train() and None)
    with pytest.raises(DomainError, match="takes no image alone: layer '2' is in training mode"):
        require_sound(Model("mine", network, (3, 8, 8)))


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c", "d")])
def test_there_is_one_name_for_each_output(names):
    with pytest.raises(DomainError, match=f"a class name for each of its 3 outputs, not {len(names)}"):
        require_sound(Model("mine", Base(), (3, 8, 8), class_names=names))


def test_scripted_compiled_and_quantized_layers_are_named():
    with warnings.catch_warnings(action="ignore"):
        scripted = nn.Sequential(nn.Flatten(), torch.jit.script(nn.Linear(192, 2)))
        quantized = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), {nn.Linear})
        compiled = nn.Sequential(nn.Flatten(), torch.compile(nn.Linear(192, 2)))
    for network, kind in ((scripted, "TorchScript"), (quantized, "quantized"), (compiled, "compiled")):
        with pytest.raises(DomainError, match=f"its layer '1' is {kind}"):
            require_sound(Model("mine", network, (3, 8, 8)))


@pytest.mark.parametrize(
    "forward",
    [
        Base.plain,
        lambda self, x: self.head(self.conv(x)[:, :, ::6, ::6].contiguous().view(len(x), -1)[:, :4]),
        lambda self, x: self.plain(torch.fft.fft2(x).abs()),
        lambda self, x: self.plain(checkpoint(self.conv, x, use_reentrant=False)[:, :3]),
        lambda self, x: self.plain(x) * float("nan"),
        lambda self, x: self.conv(x),
        lambda self, x: self.plain(x)[:, 0],
        reentrant,
    ],
)
def test_what_is_a_function_of_each_image_is_sound(forward):
    require_sound(model(forward))


def catches(self, x):
    try:
        return self.plain(x)
    except:  # noqa: E722  as users write it
        return self.head(torch.zeros(len(x), 4))


def raises_its_own(self, x):
    try:
        return self.plain(x)
    except BaseException as error:
        raise RuntimeError("wrapped") from error


@pytest.mark.parametrize("forward", [catches, raises_its_own])
def test_a_network_that_catches_everything_is_read_like_any_other(forward):
    images, read = torch.rand(2, 3, 8, 8), model(forward)
    wanted = read.network.conv(images)
    with capturing(read, ["conv"]) as run:
        torch.testing.assert_close(run(images)["conv"], wanted)
    found = activations(read, [Unit("conv", 0)], [images])
    assert found[Unit("conv", 0)] == pytest.approx(wanted[:, 0].mean((1, 2)).tolist(), rel=1e-4)


def test_a_network_that_views_its_maps_as_vectors_can_be_visualized():
    torch.manual_seed(0)
    network = Base(lambda self, x: self.head(self.conv(x).view(len(x), -1)))
    network.head = nn.Linear(144, 3)
    (run,) = maximize(Model("viewing", network, (3, 8, 8)), [Unit("head", 0)], Settings(steps=2))
    assert np.isfinite(run.activation)


def test_a_layer_with_one_row_for_all_images_does_not_count_as_a_layer():
    read = model(lambda self, x: self.plain(x) + self.table(torch.ones(1, 2)))
    read.network.table = nn.Linear(2, 3)
    assert "table" not in layer_sizes(read)


def test_images_of_another_shape_than_the_networks_are_one_sentence():
    with pytest.raises(ShapeError, match=r"mine takes images \(C, H, W\) of \(3, 8, 8\), these are \(3, 9, 9\)"):
        require_fit(model(), ImageSet(np.zeros((1, 3, 9, 9), np.uint8)))
