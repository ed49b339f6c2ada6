import io
import json
import re
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.exports import load_export
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.naming import parse_objectives
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, UnknownName

pytestmark = pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
ANY_BATCH = ({0: torch.export.Dim("n")},)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4)

    def forward(self, x):
        return torch.cat([torch.relu(self.bn(self.conv(x))), x], dim=1)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(), nn.Dropout(0.5))
        self.fc = nn.Linear(7, 5)

    def forward(self, x):
        return self.fc(self.blocks(x).mean((2, 3)))


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = Network().train()
    network(torch.rand(8, 3, 6, 6))
    return network.eval()


@pytest.fixture
def file(network, tmp_path):
    path = tmp_path / "net.pt2"
    torch.export.save(torch.export.export(network, (torch.rand(2, 3, 6, 6),), dynamic_shapes=ANY_BATCH), path)
    return path


def changed(path, edit):
    """Rewrite the members of an archive: `edit` gets names and contents, and returns them."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members = edit(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def in_graph(change):
    """Return an edit of the graph alone."""

    def edit(members):
        name = next(name for name in members if name.endswith("models/model.json"))
        graph = json.loads(members[name])
        change(graph)
        return {**members, name: json.dumps(graph).encode()}

    return edit


def test_an_export_has_the_layers_names_and_values_of_the_network(network, file):
    model = load_model(str(file))
    images = torch.rand(5, 3, 6, 6)
    assert model.shape == (3, 6, 6)
    torch.testing.assert_close(model(images), network(images))
    assert {"blocks.0.conv", "blocks.0.bn", "blocks.0", "fc"} <= {name for name, _ in model.network.named_modules()}


def test_an_exports_units_are_maximized_as_the_networks_own(network, file):
    settings, units = Settings(steps=24, precision="float32"), [Unit("blocks.0.conv", 2), Unit("fc", 3)]
    exported = maximize(load_model(str(file)), units, settings)
    for run, expected in zip(exported, maximize(Model("net", network, (3, 6, 6)), units, settings), strict=True):
        np.testing.assert_allclose(run.image, expected.image, atol=1e-4)
        assert run.activation == pytest.approx(expected.activation, rel=1e-4)


def test_a_layer_that_an_export_has_not_is_answered_with_the_near_names(file):
    with pytest.raises(UnknownName, match=re.escape("no layer 'blocks.0.convs'; did you mean blocks.0.conv")):
        parse_objectives("blocks.0.convs:0", load_model(str(file)))


def test_an_export_for_one_size_of_batch_says_how_to_export_it(network, tmp_path):
    torch.export.save(torch.export.export(network, (torch.rand(2, 3, 6, 6),)), tmp_path / "two.pt2")
    with pytest.raises(DomainError, match=r"any N: dynamic_shapes=.*it takes \['2', '3', '6', '6'\]"):
        load_export(tmp_path / "two.pt2")


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_file_that_is_no_export_is_refused(tmp_path, content):
    path = tmp_path / "net.pt2"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DomainError, match=re.escape(str(path))):
        load_model(str(path))


class Trap:
    """Runs code when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def call(target):
    return in_graph(lambda graph: graph["graph_module"]["graph"]["nodes"][0].update(target=target))


def pickled_weight(members):
    name = next(name for name in members if name.endswith("model_weights_config.json"))
    config = json.loads(members[name])
    next(iter(config["config"].values()))["use_pickle"] = True
    return {**members, name: json.dumps(config).encode()}


def sample(path):
    def edit(members):
        name, buffer = next(name for name in members if name.endswith("sample_inputs/model.pt")), io.BytesIO()
        torch.save(Trap(str(path)), buffer)
        return {**members, name: buffer.getvalue()}

    return edit


@pytest.mark.parametrize(
    "attack",
    [
        call("torch.os.system"),
        call("torch.ops.load_library"),
        call("torch.hub.load"),
        call("_operator.methodcaller"),
        call("math.__loader__.load_module"),
        call("#custom"),
        in_graph(lambda graph: graph.update(guards_code=["__import__('os').system('id')"])),
        in_graph(lambda graph: graph.update(guards_code=["open('trap', 'w')"])),
        in_graph(lambda graph: graph["range_constraints"].update({"exit()": {"min_val": 0, "max_val": None}})),
        in_graph(lambda graph: graph["graph_module"]["graph"].update(extra=[{"expr_str": "s0.__class__"}])),
        in_graph(lambda graph: graph["graph_module"]["graph"].update(extra=[{"expr_str": "preview(1)"}])),
        in_graph(
            lambda graph: graph["graph_module"]["module_call_graph"][0]["signature"].update(
                in_spec='[1, {"type": "collections.defaultdict", "context": "null", "children_spec": []}]'
            )
        ),
        pickled_weight,
        lambda members: {**members, "net/data/constants/custom_obj_0": b""},
        lambda members: {**members, "net/data/aotinductor/model/code.so": b""},
    ],
)
def test_what_could_run_code_is_refused_before_torch_reads_it(file, attack, monkeypatch):
    changed(file, attack)
    monkeypatch.setattr(torch.export, "load", lambda _: pytest.fail("torch has read it"))
    with pytest.raises(DomainError, match="is refused: it could run code"):
        load_export(file)


def test_a_pickle_among_the_sample_inputs_is_refused_and_not_run(file, tmp_path):
    changed(file, sample(tmp_path / "trap"))
    with pytest.raises(DomainError, match="is refused: it could run code"):
        load_export(file)
    assert not (tmp_path / "trap").exists()


def test_a_graph_that_makes_tensors_of_its_own_is_moved_with_its_weights(tmp_path):
    class Grid(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(4))

        def forward(self, x):
            return (x.mean((1, 2)) + torch.arange(4, dtype=torch.float32, device="cpu")) * self.scale

    batches = ({0: torch.export.Dim("n")},)
    torch.export.save(
        torch.export.export(Grid(), (torch.rand(2, 1, 4, 4),), dynamic_shapes=batches), tmp_path / "g.pt2"
    )
    network, _ = load_export(tmp_path / "g.pt2", torch.device("meta"))
    assert network(torch.rand(3, 1, 4, 4, device="meta")).device.type == "meta"
