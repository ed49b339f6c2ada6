import importlib
import sys
import warnings

import pytest
import torch
from torch import nn

from fvproof.empirical.networks.digits import ARCHITECTURES
from fvproof.empirical.networks.preprocessing import standardized
from fvproof.empirical.networks.zoo import EMBEDDED, load_model
from fvproof.theory.errors import DomainError, ShapeError, UnknownName

FILE = """
import torch
from torch import nn
from neighbour import WIDTH

def tiny():
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * WIDTH * WIDTH, 2), nn.Dropout(0.5))
    network.input_shape = (3, WIDTH, WIDTH)
    network.class_names = ("cat", "dog")
    return network

def fails():
    raise KeyError("depth")

def leaves():
    raise SystemExit(5)

def number():
    return 7

def several():
    class Several(nn.Module):
        input_shape = (3, 4, 4)
        def forward(self, x):
            return {"age": x, "sex": [x, x[:, :1]]}
    return Several()
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "neighbour.py").write_text("WIDTH = 4\n")
    (tmp_path / "net.py").write_text(FILE)
    yield tmp_path / "net.py"
    sys.path.remove(str(tmp_path))
    del sys.modules["neighbour"]


def test_a_function_in_a_file_gives_a_model_in_evaluation_mode(file):
    model = load_model(f"{file}:tiny")
    assert model.shape == (3, 4, 4)
    assert model.class_names == ("cat", "dog")
    assert not any(module.training for module in model.network.modules())
    assert model(torch.zeros(5, 3, 4, 4)).shape == (5, 2)


def test_mean_and_std_standardize_the_images(file):
    bare = load_model(f"{file}:tiny")
    model = load_model(f"{file}:tiny", mean=(0.5, 0.4, 0.3), std=(0.2, 0.2, 0.1))
    model.network.load_state_dict(bare.network.state_dict())
    images = torch.rand(2, 3, 4, 4)
    by_hand = torch.stack([(images[:, 0] - 0.5) / 0.2, (images[:, 1] - 0.4) / 0.2, (images[:, 2] - 0.3) / 0.1], 1)
    torch.testing.assert_close(model(images), bare(by_hand))


def test_weights_are_put_into_the_network(file, tmp_path):
    state = load_model(f"{file}:tiny").network.state_dict()
    torch.save(state, tmp_path / "w.pt")
    model = load_model(f"{file}:tiny", weights=tmp_path / "w.pt")
    assert torch.equal(model.network.state_dict()["1.weight"], state["1.weight"])


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        ("tinny", UnknownName, "did you mean tiny"),
        ("fails", DomainError, "raised KeyError: 'depth'"),
        ("leaves", DomainError, "raised SystemExit: 5"),
        ("number", DomainError, r"must return a torch\.nn\.Module, not int"),
        (
            "several",
            DomainError,
            r"not dict: name one of age \(1×3×4×4\), sex.0 \(1×3.*, or a layer",
        ),
    ],
)
def test_what_is_wrong_with_a_model_function_is_one_clear_line(file, function, error, message):
    with pytest.raises(error, match=message):
        load_model(f"{file}:{function}")


def test_a_file_that_fails_is_named_with_its_error(tmp_path):
    (tmp_path / "broken.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(DomainError, match="ModuleNotFoundError"):
        load_model(f"{tmp_path / 'broken.py'}:f")
    sys.path.remove(str(tmp_path))


def test_a_missing_file_is_named():
    with pytest.raises(DomainError, match=r"no model file nowhere\.py"):
        load_model("nowhere.py:f")


def test_an_unknown_model_lists_the_near_ones():
    with pytest.raises(UnknownName, match="did you mean digits"):
        load_model("digit")


def test_a_shape_that_the_network_does_not_take_is_an_error():
    with pytest.raises(ShapeError, match=r"digits does not take an image of shape \(3, 32, 32\)"):
        load_model("digits", shape=(3, 32, 32))


@pytest.mark.parametrize(
    ("mean", "std"), [((0.5,), None), ((0.5,), (0.0,)), ((0.5, 0.5), (1.0,)), ((float("nan"),), (1.0,))]
)
def test_a_mean_and_std_that_do_not_belong_together_are_an_error(mean, std):
    with pytest.raises(DomainError, match="mean and std"):
        load_model("digits", mean=mean, std=std)


def test_a_model_file_without_a_function_is_told_what_is_missing():
    with pytest.raises(DomainError, match=r"net\.py needs the name of the function"):
        load_model("net.py")


@pytest.mark.parametrize("package", ["torchvision", "timm"])
def test_a_library_that_is_not_installed_says_how_to_install_it(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DomainError, match=rf"pip install 'fvproof\[{package}\]'"):
        load_model(f"{package}:resnet18")


@pytest.fixture
def models():
    try:
        return importlib.import_module("torchvision.models")
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"needs a torchvision that fits this torch ({error})")


@pytest.mark.usefixtures("models")
def test_an_unknown_torchvision_model_lists_the_near_ones():
    with pytest.raises(UnknownName, match="did you mean resnet50"):
        load_model("torchvision:resnte50")


def test_a_torchvision_model_states_its_shape_and_classes(models, tmp_path):
    torch.save(models.resnet18().state_dict(), tmp_path / "w.pt")
    model = load_model("torchvision:resnet18", weights=tmp_path / "w.pt")
    assert model.shape == (3, 224, 224)
    assert model.class_names is not None
    assert model.class_names[0] == "tench"
    assert isinstance(model.network.conv1, nn.Conv2d)


def test_standardizing_copies_the_constants_to_a_device_once(monkeypatch):
    images = torch.rand(2, 3, 4, 4)
    first = standardized(images, (0.25, 0.5, 0.75), (0.5, 1.0, 2.0))
    monkeypatch.setattr(torch, "tensor", lambda *_, **__: pytest.fail("copied again"))
    assert torch.equal(standardized(images, [0.25, 0.5, 0.75], (0.5, 1.0, 2.0)), first)
    torch.testing.assert_close(first[:, 2], (images[:, 2] - 0.75) / 2)


def test_constants_first_seen_in_inference_mode_serve_gradients_too():
    with torch.inference_mode():
        standardized(torch.rand(1, 1, 2, 2), (0.125,), (0.375,))
    images = torch.rand(1, 1, 2, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(standardized(images, (0.125,), (0.375,)).sum(), images)
    torch.testing.assert_close(gradient, torch.full((1, 1, 2, 2), 1 / 0.375))


def test_standardizing_can_be_traced():
    class Standard(nn.Module):
        def forward(self, x):
            return standardized(x, (0.0625,), (0.9375,))

    with warnings.catch_warnings(action="ignore"):
        program = torch.export.export(Standard(), (torch.rand(2, 1, 3, 3),), strict=False)
    images = torch.rand(2, 1, 3, 3)
    expected = (images - 0.0625) / 0.9375
    torch.testing.assert_close(program.module()(images), expected)
    torch.testing.assert_close(standardized(images, (0.0625,), (0.9375,)), expected)


def test_every_embedded_network_can_be_named():
    assert set(EMBEDDED) == set(ARCHITECTURES)


def test_a_file_that_ends_the_process_is_refused(tmp_path):
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(5)\n")
    with pytest.raises(DomainError, match="raised SystemExit: 5"):
        load_model(f"{tmp_path}/leaves.py:net")


def test_an_image_for_which_there_is_no_memory_is_one_sentence():
    with pytest.raises(DomainError, match="out of memory: there must be room for digits and one image"):
        load_model("digits", shape=(1, 8_000_000, 8_000_000))


def test_a_range_and_blue_green_red_are_what_the_network_is_given(file):
    bare = load_model(f"{file}:tiny")
    model = load_model(f"{file}:tiny", value_range=(0, 255), bgr=True, mean=(104, 117, 123))
    model.network.load_state_dict(bare.network.state_dict())
    images = torch.rand(2, 3, 4, 4)
    by_hand = 255 * images[:, [2, 1, 0]] - torch.tensor([104.0, 117.0, 123.0]).view(1, 3, 1, 1)
    torch.testing.assert_close(model(images), bare(by_hand))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"value_range": (255, 0)}, "LOW < HIGH"),
        ({"value_range": (0, 1, 2)}, "the range must be HIGH or LOW,HIGH"),
        ({"value_range": (float("inf"),)}, "the range must be"),
        ({"bgr": True, "shape": (1, 8, 8)}, "three channels, the network has 1"),
        ({"mean": (0.5, 0.5), "std": (1.0, 1.0)}, "one for each of 1 channels"),
    ],
)
def test_what_is_stated_of_images_must_belong_together(options, message):
    with pytest.raises(DomainError, match=message):
        load_model("digits", **options)


def test_a_users_own_files_win_over_this_packages_of_the_same_name(tmp_path):
    (tmp_path / "theory.py").write_text("WIDTH = 7")
    (tmp_path / "verify").mkdir()
    (tmp_path / "verify" / "__init__.py").write_text("from theory import WIDTH")
    (tmp_path / "net.py").write_text(
        "from torch import nn\nimport theory\n\n\ndef build():\n    from verify import WIDTH\n\n"
        "    assert WIDTH == theory.WIDTH\n    return nn.Sequential(nn.Flatten(), nn.Linear(64, theory.WIDTH))\n"
    )
    before, modules = list(sys.path), {name: sys.modules[name] for name in ("fvproof", "fvproof.theory.errors")}
    try:
        model = load_model(f"{tmp_path}/net.py:build", shape=(1, 8, 8))
        assert model(torch.zeros(1, 1, 8, 8)).shape == (1, 7)
        assert {name: sys.modules[name] for name in modules} == modules
        assert sys.path == [*before, str(tmp_path)]
    finally:
        sys.path[:] = before
