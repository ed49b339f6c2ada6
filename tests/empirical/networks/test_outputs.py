"""What counts as a network's output: entries, items, fields, layers; and what cannot be one."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.measurement.recognition import accuracy
from fvproof.empirical.networks.layers import output_layer
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model, model_of
from fvproof.empirical.notices import heard_by
from fvproof.theory.errors import DomainError, FvproofError

Pair = namedtuple("Pair", "maps scores")


@dataclass
class ModelOutput(OrderedDict):
    """As those of transformers: a dictionary and a dataclass at once."""

    loss: Tensor | None = None
    logits: Tensor | None = None
    hidden: tuple[Tensor, ...] | None = None

    def __post_init__(self):
        for name in ("loss", "logits", "hidden"):
            if getattr(self, name) is not None:
                self[name] = getattr(self, name)


@dataclass
class Plain:
    maps: Tensor
    scores: Tensor


class Net(nn.Module):
    """Maps, class scores, and an age; `forms` says in what form they are returned."""

    input_shape = (3, 8, 8)

    def __init__(self, form):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.head, self.age, self.form = nn.Conv2d(3, 4, 3), nn.Linear(4, 5), nn.Linear(4, 1), form

    @override
    def forward(self, x):
        maps = self.conv(x).relu()
        middle = maps.mean((2, 3))
        return self.form(maps, self.head(middle), self.age(middle))


IMAGES = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def by_hand(what):
    network = Net(None)
    maps = network.conv(IMAGES).relu()
    return {"maps": maps, "scores": network.head(maps.mean((2, 3))), "age": network.age(maps.mean((2, 3)))}[what]


@pytest.mark.parametrize(
    ("form", "output", "what"),
    [
        (lambda m, s, a: {"logits": s, "features": m}, "logits", "scores"),
        (lambda m, s, a: {"heads": {"age": a, "class": s}, "aux": [m]}, "heads.age", "age"),
        (lambda m, s, a: {"heads": {"age": a, "class": s}, "aux": [m]}, "aux.0", "maps"),
        (lambda m, s, a: (s, (m, a)), "1.0", "maps"),
        (lambda m, s, a: [s, a], "1", "age"),
        (lambda m, s, a: Pair(m, s), "scores", "scores"),
        (lambda m, s, a: Plain(m, s), "scores", "scores"),
        (lambda m, s, a: ModelOutput(logits=s, hidden=(m, a)), "hidden.1", "age"),
        (lambda m, s, a: {0: s, 1: a}, "1", "age"),
        (lambda m, s, a: s, "conv", None),
        (lambda m, s, a: {"boxes": [a] * int(s.sum().abs() * 9)}, "age", "age"),
    ],
)
def test_an_output_is_named_by_its_path_or_by_its_layer(form, output, what):
    found = model_of(Net(form), output=output)
    wanted = Net(None).conv(IMAGES) if what is None else by_hand(what)
    torch.testing.assert_close(found(IMAGES), wanted)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (lambda m, s, a: {"scores": s}, []),
        (lambda m, s, a: (s,), []),
        (lambda m, s, a: {"scores": s, "labels": s.argmax(1)}, []),
        (
            lambda m, s, a: ModelOutput(logits=s, hidden=(m, a)),
            ["Net returns several tensors: logits is taken (--output names another)"],
        ),
    ],
)
def test_the_only_tensor_and_logits_need_no_name(form, said):
    heard = []
    with heard_by(heard.append):
        torch.testing.assert_close(model_of(Net(form))(IMAGES), by_hand("scores"))
    assert heard == said


@pytest.mark.parametrize(
    ("form", "output", "told"),
    [
        (lambda m, s, a: {"out": s, "aux": {"deep": m}}, "logits", "it returns out (1×5), aux.deep (1×4×6×6)"),
        (lambda m, s, a: {"out": s, "aux": {"deep": m}}, "aux", "it returns out (1×5), aux.deep (1×4×6×6)"),
        (lambda m, s, a: s, "logits", "it returns one tensor, which needs no name"),
        (lambda m, s, a: (s, m), None, "name one of 0 (1×5), 1 (1×4×6×6), or a layer (--output; in Python, output=)"),
        (lambda m, s, a: None, None, "not NoneType: return the scores"),
        (lambda m, s, a: {"out": s.to(torch.complex64)}, "out", "not complex numbers (torch.complex64): return their"),
        (lambda m, s, a: {"out": s.argmax(1, keepdim=True)}, "out", "not torch.int64, which has no gradient"),
        (lambda m, s, a: {"loss": s.sum()}, "loss", None),
        (lambda m, s, a: {"mean": s.mean(0)}, "mean", "for one image"),
    ],
)
def test_what_is_no_output_is_one_sentence(form, output, told):
    if told is None:  # one number for one image is taken; for four it is none
        told = "with a row per image, not torch.float32 of shape ()"
    with pytest.raises(FvproofError) as error:
        model_of(Net(form), output=output)
    if output != "mean":
        assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_layer_that_counts_as_the_output_is_the_last_that_runs():
    class Fails(Net):
        @override
        def forward(self, x):
            super().forward(x)
            raise RuntimeError("no boxes")

    with pytest.raises(FvproofError, match="no boxes"):
        model_of(Fails(lambda *all: all))
    found = model_of(Fails(lambda *all: all), output="conv")
    assert output_layer(found) == "conv"
    (run,) = maximize(found, [Unit("conv", 2)], Settings(steps=4))
    wanted = found.network.conv(torch.from_numpy(run.image)[None])[0, 2].mean()
    assert run.activation == pytest.approx(wanted.item(), rel=1e-4)
    with pytest.raises(DomainError, match="'head' is not"):
        activations(found, [Unit("head", 0)], [IMAGES])


def test_units_of_a_named_head_are_those_of_its_layer():
    found = model_of(Net(lambda m, s, a: {"class": s, "age": a}), output="class")
    assert output_layer(found) == "head"
    labels = by_hand("scores").argmax(1)
    assert accuracy(found, ImageSet(IMAGES.numpy(), labels)) == 1.0


@pytest.mark.parametrize("squeezed", [lambda a: a[:, 0], lambda a: a.squeeze(), lambda a: a.flatten()])
def test_a_squeezed_logit_is_a_row_of_one(squeezed):
    found = model_of(Net(lambda m, s, a: squeezed(a)))
    torch.testing.assert_close(found(IMAGES), by_hand("age"))
    torch.testing.assert_close(found(IMAGES[:1]), by_hand("age")[:1])
    assert output_layer(found) == "age"
    with pytest.raises(DomainError, match=r"accuracy needs one output per class for each image, Net gives \(1,\)"):
        accuracy(found, ImageSet(IMAGES.numpy(), torch.zeros(6, dtype=torch.long)))


def test_scores_squeezed_out_of_maps_keep_a_row_for_one_image():
    found = model_of(Net(lambda m, s, a: s[:, :, None, None].squeeze()))
    torch.testing.assert_close(found(IMAGES[:1]), by_hand("scores")[:1])
    maps = model_of(Net(lambda m, s, a: s[:, :, None, None]))
    assert accuracy(maps, ImageSet(IMAGES.numpy(), by_hand("scores").argmax(1))) == 1.0


def test_an_output_of_a_named_model_is_given_by_option(tmp_path):
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\n"
        "class Net(nn.Module):\n"
        "    input_shape = (3, 4, 4)\n"
        "    def forward(self, x):\n"
        "        return {'out': x.mean((2, 3)), 'aux': x}\n"
    )
    assert load_model(f"{tmp_path / 'net.py'}:Net", output="out")(torch.zeros(5, 3, 4, 4)).shape == (5, 3)
