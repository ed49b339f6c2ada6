import torch
from torch import nn
from torch.nn import functional as F

from fvproof.empirical.networks.substitution import substituted


def test_calls_by_modules_and_by_hand_go_to_the_other_function():
    x = torch.tensor([-2.0, 3.0])
    with substituted({F.relu: F.relu6, torch.sin: torch.cos}):
        assert nn.ReLU()(10 * x).tolist() == [0, 6]
        assert torch.sin(torch.zeros(1)).item() == 1


def test_other_calls_and_calls_after_the_block_are_torchs_own():
    with substituted({torch.sin: torch.cos}):
        assert torch.exp(torch.zeros(1)).item() == 1
    assert torch.sin(torch.zeros(1)).item() == 0


def test_blocks_may_lie_in_each_other():
    with substituted({torch.sin: torch.cos}), substituted({torch.tan: torch.exp}):
        assert torch.sin(torch.zeros(1)).item() == torch.tan(torch.zeros(1)).item() == 1
