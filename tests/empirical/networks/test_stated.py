"""What a network states of itself, and what its file sets."""

import pytest
import torch

from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import FvproofError

STATING = """
import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)

class Stating(nn.Sequential):
    def __init__(self, shape=(1, 2, 2), names=None):
        super().__init__(nn.Flatten(), nn.Linear(4, 3))
        self.input_shape, self.class_names = shape, names

def build():
    return Stating()

def array():
    return Stating(names=np.array(["a", "b", "c"]))

def numbers():
    return Stating(names=torch.arange(3))

def mapping():
    return Stating(names={2: "c", 0: "a", 1: "b"})

def text():
    return Stating(names="abc")

def count():
    return Stating(names=3)

def gaps():
    return Stating(names={0: "a", 1: "b", 3: "c"})

def flat():
    return Stating(shape=(2,))

def broken():
    return Stating(shape=(1, 2.5, 2))

class Teaching(Stating):
    def train(self, loader, epochs):
        return self

def teaching():
    return Teaching()
"""


@pytest.fixture
def stating(tmp_path):
    (tmp_path / "stating.py").write_text(STATING)
    return tmp_path / "stating.py"


@pytest.mark.parametrize(
    ("function", "names"), [("build", None), ("array", "abc"), ("numbers", "012"), ("mapping", "abc")]
)
def test_names_of_classes_are_read_from_whatever_holds_one_for_each_output(stating, function, names):
    assert load_model(f"{stating}:{function}").class_names == (names and tuple(names))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("text", "class_names must be a name for each output, not 'abc'"),
        ("count", "class_names must be a name for each output, not 3"),
        ("gaps", "class_names must be a name for each output"),
        ("flat", r"input_shape must be whole positive numbers C, L or C, H, W or C, D, H, W, not \(2,\)"),
        ("broken", r"input_shape must be whole positive numbers C, L or C, H, W or C, D, H, W, not \(1, 2.5, 2\)"),
        ("teaching", r"must go into evaluation mode, its eval\(\) or train\(\) raises"),
    ],
)
def test_what_a_network_states_wrongly_is_one_sentence(stating, function, message):
    with pytest.raises(FvproofError, match=message):
        load_model(f"{stating}:{function}")


def test_settings_of_torch_that_a_model_file_makes_end_with_it(stating):
    found = load_model(f"{stating}:build")
    assert (torch.get_default_dtype(), torch.is_grad_enabled()) == (torch.float32, True)
    assert found(torch.zeros(1, 1, 2, 2)).dtype == torch.float32


def test_whatever_a_model_file_raises_is_one_sentence(tmp_path):
    (tmp_path / "odd.py").write_text("class Odd(BaseException): pass\nraise Odd('ends')\n")
    with pytest.raises(FvproofError, match=r"odd\.py raised Odd: ends"):
        load_model(f"{tmp_path}/odd.py:build")
