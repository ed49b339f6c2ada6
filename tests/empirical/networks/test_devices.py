import pytest
import torch

from fvproof.empirical.networks.devices import named_device
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError


def test_auto_is_cuda_where_there_is_one_and_else_the_cpu(monkeypatch):
    for available, kind in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda available=available: available)
        assert named_device("auto").type == kind


@pytest.mark.parametrize("name", ["", "gpu", "meta", "cuda:x", "cuda:-1"])
def test_a_name_of_no_device_is_refused(name):
    with pytest.raises(DomainError, match="the device must be auto, cpu, cuda, cuda:N or mps, not"):
        named_device(name)


@pytest.mark.parametrize("name", ["cuda:99", "cpu:1"])
def test_a_device_that_is_not_here_is_refused(name):
    with pytest.raises(DomainError, match=f"there is no device {name} here"):
        load_model("digits", device=name)
