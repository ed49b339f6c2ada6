"""`fv.model`: a network from anything, with its images, and what is said where they do not fit."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import fvproof as fv
from fvproof.cli.main import main
from fvproof.empirical.networks.model import Model
from fvproof.empirical.notices import heard_by
from fvproof.theory.errors import DomainError, FvproofError, ShapeError, UnknownName
from tests.empirical.bystander import network, state
from tests.empirical.networks.graphs import onnx_examples

PIXELS = torch.rand(20, 3, 4, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(20) % 5

FILE = """
from torch import nn

def build():
    net = nn.Sequential(nn.Flatten(), nn.Linear(48, 5))
    net.input_shape = (3, 4, 4)
    return net
"""


def net():
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 5))


def test_an_embedded_network_brings_its_images():
    m = fv.model("digits-small")
    assert repr(m) == "<Subject digits-small: 1×8×8, 450 images>"
    assert len(fv.model("digits-small", limit=7).images) == 7
    assert len(fv.model("digits-small", per_class=2).images) == 20


def test_a_module_a_model_a_subject_a_file_and_an_export_are_taken(tmp_path):
    (tmp_path / "net.py").write_text(FILE)
    module = net()
    torch.export.save(
        torch.export.export(module.eval(), (PIXELS[:2],), dynamic_shapes=({0: torch.export.Dim("n")},)),
        tmp_path / "net.pt2",
    )
    subject = fv.model(module, images=PIXELS)
    for given in (
        module,
        Model("mine", module, (3, 4, 4)),
        subject,
        f"{tmp_path}/net.py:build",
        tmp_path / "net.pt2",
    ):
        shape = {} if isinstance(given, nn.Module | Model | fv.verbs.subject.Subject) else {"shape": (3, 4, 4)}
        found = fv.model(given, images=PIXELS, labels=LABELS, **shape)
        assert found.model.shape == (3, 4, 4)
        assert found(PIXELS[:2]).shape == (2, 5)
        assert found.natural.labels.tolist() == LABELS.tolist()
    assert torch.equal(subject(PIXELS), module(PIXELS))


@pytest.mark.parametrize(
    "images",
    [
        PIXELS,
        PIXELS.double(),
        PIXELS.numpy(),
        list(PIXELS),
        [image.numpy() for image in PIXELS],
        PIXELS.tolist(),
        (PIXELS * 255).round().byte(),
    ],
    ids=["tensor", "float64", "array", "list of tensors", "list of arrays", "lists", "bytes"],
)
def test_images_in_memory_are_taken_as_they_come(images):
    found = fv.model(net(), images=images, labels=LABELS.tolist()).natural
    assert found.shape == (3, 4, 4)
    assert np.abs(found.batch().numpy() - PIXELS.numpy()).max() <= 0.5 / 255 + 1e-6


def test_a_folder_and_an_npz_are_brought_to_the_networks_shape(tmp_path):
    for name in ("1", "3"):
        (tmp_path / "folder" / name).mkdir(parents=True)
        Image.fromarray(np.full((9, 7, 3), 100, np.uint8)).save(tmp_path / "folder" / name / "a.png")
    np.savez(tmp_path / "images.npz", images=np.zeros((4, 9, 9, 3), np.uint8), labels=np.arange(4))
    with pytest.warns(RuntimeWarning, match="class folders and their outputs, by name"):
        found = fv.model(net(), images=tmp_path / "folder", shape=(3, 4, 4), class_names=list("01234"))
    assert found.natural.shape == (3, 4, 4)
    assert found.natural.labels.tolist() == [1, 3]
    assert len(fv.model(net(), images=str(tmp_path / "images.npz"), shape=(3, 4, 4), limit=2).natural) == 2


def test_mean_std_range_and_order_of_channels_are_what_the_network_is_given():
    module, reads = net(), {"mean": (1, 2, 3), "std": np.array([4.0, 5.0, 6.0]), "value_range": 255, "bgr": True}
    m = fv.model(module, images=PIXELS, **reads)
    mean, std = (torch.tensor(three).view(1, 3, 1, 1) for three in ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)))
    assert torch.allclose(m(PIXELS), module((PIXELS.flip(1) * 255 - mean) / std), atol=1e-4)
    one = fv.model(module, images=PIXELS, mean=0.5, std=torch.tensor(0.25))
    assert torch.allclose(one(PIXELS), module((PIXELS - 0.5) / 0.25), atol=1e-5)


def test_class_names_are_one_per_output():
    assert fv.model(net(), images=PIXELS, class_names=list("abcde")).model.class_names == tuple("abcde")
    with pytest.raises(DomainError, match="class_names must be one for each of 5 outputs, not 2"):
        fv.model(net(), images=PIXELS, class_names=["a", "b"])


def test_given_axes_hold():
    module = nn.Sequential(nn.Conv2d(3, 6, 2), nn.ReLU(), nn.Flatten(), nn.Linear(54, 2))
    assert [one.units for one in fv.model(module, images=PIXELS, axes={"1": 2}).layers().layers][:2] == [6, 3]
    with pytest.raises(UnknownName, match="no layer"):
        fv.model(module, images=PIXELS, axes={"9": 2})


def test_the_layers_are_what_the_command_lists(capsys):
    found = fv.model("digits").layers()
    with pytest.raises(SystemExit):
        main(["maximize", "digits", "--list-layers"])
    assert capsys.readouterr().out == f"{found}\n"
    with pytest.raises(SystemExit):
        main(["maximize", "digits", "--list-layers", "--json"])
    assert capsys.readouterr().out == f"{found.to_json()}\n"
    first = {"name": "conv1", "kind": "Conv2d", "shape": "1×16×8×8", "axis": 1, "units": 16, "source": "known"}
    assert found.rows[0] == first
    assert "conv1" in found._repr_html_() in fv.model("digits")._repr_html_() + found._repr_html_()


@pytest.mark.parametrize("wrapped", ["DataParallel", "half", "double", "lazy"])
def test_a_module_that_needs_another_form_is_left_as_it_is(wrapped):
    module = net()
    given = {
        "DataParallel": lambda: nn.DataParallel(module),
        "half": module.half,
        "double": module.double,
        "lazy": lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(5)),
    }[wrapped]()
    before = [(id(one), one.dtype, nn.parameter.is_lazy(one)) for one in given.parameters()]
    said = []
    with heard_by(said.append):
        assert fv.model(given, images=PIXELS)(PIXELS[:3]).dtype == torch.float32
    assert said == ["Sequential has weights in half precision, which become float32"] * (wrapped == "half")
    assert [(id(one), one.dtype, nn.parameter.is_lazy(one)) for one in given.parameters()] == before


def test_a_network_in_an_odd_state_is_left_in_it():
    given = network()
    before = state(given)
    fv.model(given, images=np.zeros((4, 1, 8, 8)), labels=[0, 1, 2, 3], mean=0.5, std=0.5).layers()
    assert state(given) == before


@pytest.mark.parametrize(
    ("given", "settings", "kind", "told"),
    [
        ("digitz", {}, UnknownName, "there is no model 'digitz'; did you mean digits"),
        ("net.onnx", {}, DomainError, "there is no model file net.onnx"),
        (None, {}, DomainError, "a network is a torch.nn.Module or a name, not NoneType"),
        (net(), {"images": PIXELS, "men": 1}, UnknownName, "there is no setting 'men'; did you mean mean"),
        (net(), {"images": 3 * PIXELS}, DomainError, "images must be floats in [0, 1], these go from"),
        (net(), {"images": PIXELS[0]}, ShapeError, "does not take a signal of shape (4, 4)"),
        (net(), {"images": PIXELS.permute(0, 2, 3, 1)}, ShapeError, "move the channels to dimension 1"),
        (net(), {"images": [PIXELS[0], PIXELS[0, :, 1:]]}, ShapeError, "images must have one shape (C, H, W)"),
        (net(), {"images": []}, DomainError, "there must be at least one image"),
        (net(), {"images": 3}, DomainError, "images are arrays, tensors, a folder or an .npz file, not int"),
        (net(), {"images": PIXELS, "labels": [1]}, ShapeError, "there must be one label per image"),
        (net(), {"shape": (3, 4, 4), "labels": [1]}, DomainError, "labels are those of images: give images="),
        (net(), {"images": PIXELS, "mean": "a"}, DomainError, "mean must be numbers, not 'a'"),
        (net(), {"images": PIXELS, "mean": 1}, DomainError, "mean and std must be given together"),
        (net(), {"images": PIXELS, "weights": "w.pt"}, DomainError, "weights= is for a network that is named"),
        (net(), {"images": PIXELS, "device": "cpu"}, DomainError, "device= is for a network that is named"),
        (Model("m", net(), (3, 4, 4)), {"mean": 1}, DomainError, "mean= must be given with the module itself"),
        ("digits", {"images": PIXELS}, ShapeError, "digits takes images (C, H, W) of (1, 8, 8), these are (3, 4, 4)"),
        ("digits", {"images": "nowhere"}, DomainError, "there is no image folder or file nowhere"),
    ],
)
def test_what_cannot_be_is_one_sentence(given, settings, kind, told):
    with pytest.raises(FvproofError) as error:
        fv.model(given, **settings)
    assert type(error.value) is kind
    assert told in str(error.value)


def test_a_unit_of_an_onnx_file_has_the_activation_that_a_runtime_computes_at_its_visualization(tmp_path):
    conv = onnx_examples.node("Conv", "x", "w", "b", outputs=["maps"], name="/stem/conv/Conv", strides=[2, 2])
    nodes = [conv, onnx_examples.node("Relu", "maps", outputs=["on"]), onnx_examples.node("GlobalAveragePool", "on")]
    weights = {"w": onnx_examples.array(5, 3, 3, 3), "b": onnx_examples.array(5)}
    made = onnx_examples.model(*nodes, weights=weights, images=(1, 3, 9, 7), outputs=("y", "maps"))
    whole = onnx_examples.saved(made, tmp_path)
    del made.graph.output[1]
    (tmp_path / "net").mkdir()
    subject = fv.model(onnx_examples.saved(made, tmp_path / "net"), mean=0.5, std=0.25)
    for run in fv.maximize(subject, "stem.conv:0-4", steps=8).runs:
        image = ((np.asarray(run.image)[None] - 0.5) / 0.25).astype(np.float32)
        maps = onnx_examples.computed(whole, image, "maps")
        assert run.activation == pytest.approx(maps[0, run.unit.channel].mean(), abs=1e-4)


def test_the_sentence_on_an_onnx_file_is_the_command_lines(capsys):
    with pytest.raises(SystemExit):
        main(["maximize", "net.onnx", "--list-layers"])
    with pytest.raises(DomainError) as error:
        fv.model("net.onnx")
    assert capsys.readouterr().err == f"fvproof: {error.value}\n"
