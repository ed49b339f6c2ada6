import numpy as np
import pytest
from torch import nn

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.naming import parse_objectives
from fvproof.empirical.networks.objectives import Difference, Direction, Neuron, Unit
from fvproof.theory.errors import FvproofError


@pytest.fixture
def model():
    network = nn.Sequential(nn.Conv2d(1, 6, 3), nn.Flatten(), nn.Linear(24, 3))
    network.add_module("two-part", nn.Linear(3, 2))
    return Model("tiny", network, (1, 4, 4))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0:1", [Unit("0", 1)]),
        ("2", [Unit("2", 0), Unit("2", 1), Unit("2", 2)]),
        ("0:4-5, 2:0,0:4", [Unit("0", 4), Unit("0", 5), Unit("2", 0)]),
        ("0:1@center", [Neuron("0", 1, "center")]),
        ("0:1-2@1x0", [Neuron("0", 1, "1x0"), Neuron("0", 2, "1x0")]),
        ("2:2-2:0", [Difference(Unit("2", 2), Unit("2", 0))]),
        ("0:1@center-2:0", [Difference(Neuron("0", 1, "center"), Unit("2", 0))]),
        ("two-part:1", [Unit("two-part", 1)]),
        ("2:0-two-part:1", [Difference(Unit("2", 0), Unit("two-part", 1))]),
        ("two-part:1-2:0", [Difference(Unit("two-part", 1), Unit("2", 0))]),
    ],
)
def test_every_form_of_a_name_is_read(text, expected, model):
    assert parse_objectives(text, model) == expected


def test_directions_come_from_the_rows_of_a_file(model, tmp_path):
    file = tmp_path / "with-dash.npy"
    np.save(file, np.array([[1.0, 0, -2], [0, 0.5, 0]], np.float32))
    first, second = (
        Direction("2", "with-dash.npy#0", (1.0, 0.0, -2.0)),
        Direction("2", "with-dash.npy#1", (0.0, 0.5, 0.0)),
    )
    assert parse_objectives(f"2:{file}", model) == [first, second]
    assert parse_objectives(f"2:{file}#1", model) == [second]
    assert parse_objectives(f"2:0-2:{file}#0", model) == [Difference(Unit("2", 0), first)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "units are written"),
        ("conv:0", "there is no layer 'conv'"),
        ("2:0-conv:1", "there is no layer 'conv'"),
        ("0:6", "layer '0' has units 0 to 5, received 6"),
        ("0:0@9x9", "layer '0': .* of a layer with 2 by 2 places; received '9x9'"),
        ("0:0@left", "received 'left'"),
        ("2:0@1", "layer '2': .* of a layer with no places; received '1'"),
        ("0:0-1-2:0", "'0:0-1' names 2"),
        ("2:FILE#7", "has directions 0 to 0, received '7'"),
        ("0:FILE", r"a direction in layer '0' has 6 entries, 0:v.npy#0 has 3"),
        ("2:missing.npy", "missing.npy cannot be read"),
        ("2:TEXT", "must be an array of numbers"),
        ("2:ZERO", "a direction is finite and not zero"),
        ("2:1-", "3 or 0-7"),
        ("2:1-2:01", "not of 2:1 and itself"),
    ],
)
def test_what_names_nothing_is_refused(text, message, model, tmp_path):
    np.save(tmp_path / "v.npy", np.ones(3))
    np.save(tmp_path / "zero.npy", np.zeros(3))
    (tmp_path / "text.npy").write_text("no array")
    for word, file in (("FILE", "v.npy"), ("TEXT", "text.npy"), ("ZERO", "zero.npy")):
        text = text.replace(word, str(tmp_path / file))
    with pytest.raises(FvproofError, match=message):
        parse_objectives(text, model)


def test_a_file_that_wants_to_run_code_is_refused(model, tmp_path):
    np.save(tmp_path / "objects.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(FvproofError, match="must be an array of numbers"):
        parse_objectives(f"2:{tmp_path}/objects.npy", model)


def test_all_units_can_be_asked_for_whatever_their_layers_are_called():
    network = nn.Sequential()
    for name in ("up:0", "a,b", "at@4", "x-y"):
        network.add_module(name, nn.Conv2d(1, 1, 1))
    found = parse_objectives("all", Model("named", network, (1, 4, 4)))
    assert found == [Unit("up:0", 0), Unit("a,b", 0), Unit("at@4", 0), Unit("x-y", 0)]
