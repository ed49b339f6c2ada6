import json

import pytest

import fvproof as fv
from fvproof.empirical.bench import protocol
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError, UnknownName

METHODS = """
import torch

def visualize(model, unit, budget):
    values = torch.zeros(unit.shape, requires_grad=True)
    optimizer = torch.optim.Adam([values], lr=0.2)
    for _ in range(budget):
        optimizer.zero_grad()
        (-unit(torch.sigmoid(values)[None]).sum()).backward()
        optimizer.step()
    return torch.sigmoid(values)

def same(model, unit, budget):
    return torch.linspace(0, 1, 64).view(unit.shape)

def raises(model, unit, budget):
    raise ValueError("no idea")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A file of methods, and a protocol of three units without manipulated networks, which take long to make."""
    (tmp_path / "method.py").write_text(METHODS)
    few = (Unit("hidden", 0), Unit("logits", 3), Unit("logits", 5))
    monkeypatch.setattr(protocol, "_manipulations", lambda _units: ())
    monkeypatch.setattr("fvproof.verbs.benching.Protocol", lambda **how: protocol.Protocol(units=few, **how))
    return tmp_path


def test_a_method_is_measured_beside_entries_and_tells_more_than_noise(folder):
    found = fv.bench(f"{folder / 'method.py'}:visualize", entries=["random image"], budget=64)
    own, noise = found.rows
    assert found.code == 0
    assert own["order_low"] > 0.6 > noise["order"]
    assert own["reached"] > 1 > noise["reached"]
    assert (own["passes"], noise["passes"], own["failed_units"]) == (64, 0, 0)
    assert own["anchors_right"] >= 1
    assert noise["anchors_right"] == 0
    assert json.loads(found.to_json())["methods"]["random image"]["units"][0]["unit"] == "hidden:0"
    assert "natural exemplars (the control)" in found.text


def test_what_a_method_does_wrong_is_told_and_counts_as_knowing_nothing(folder):
    found = fv.bench(f"{folder / 'method.py'}:raises", entries="none", budget=8)
    assert (found.code, found.rows[0]["order"], found.rows[0]["failed_units"]) == (1, 0.5, 3)
    assert "hidden:0 max and 5 more: it raised ValueError: no idea" in found.text
    same = fv.bench(f"{folder / 'method.py'}:same", entries="none", budget=8)
    assert "the same picture is given for every unit" in same.text
    assert same.rows[0]["order"] == 0.5


def test_a_finished_method_is_not_measured_again_unless_it_changed(folder, monkeypatch):
    spec = f"{folder / 'method.py'}:visualize"
    first = fv.bench(spec, entries="none", budget=8, out=folder / "out")
    assert json.loads((folder / "out" / "bench.json").read_text()) == first.record()
    monkeypatch.setattr("fvproof.verbs.benching.measure_method", None)
    assert fv.bench(spec, entries="none", budget=8, out=folder / "out").record() == first.record()
    (folder / "method.py").write_text(f"{METHODS}\n# changed")
    with pytest.raises(TypeError):
        fv.bench(spec, entries="none", budget=8, out=folder / "out")


def test_what_there_is_not_is_one_sentence(folder):
    with pytest.raises(UnknownName, match="there is no entry 'random'; did you mean random image"):
        fv.bench(entries="random")
    with pytest.raises(DomainError, match="nothing to measure"):
        fv.bench(entries="none")
    with pytest.raises(DomainError, match="there is no file"):
        fv.bench("none.py:method")
    with pytest.raises(DomainError, match="must be positive"):
        fv.bench(entries="random image", budget=0)
