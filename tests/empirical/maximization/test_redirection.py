import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fvproof.empirical.maximization.redirection import opened_relus

CALLS = {
    "nn.ReLU": nn.ReLU(),
    "nn.ReLU in place": nn.ReLU(inplace=True),
    "nn.ReLU6": nn.ReLU6(),
    "nn.ReLU6 in place": nn.ReLU6(inplace=True),
    "F.relu": F.relu,
    "F.relu in place": lambda x: F.relu(x, inplace=True),
    "F.relu by keyword": lambda x: F.relu(input=x),
    "F.relu6": F.relu6,
    "F.relu_": F.relu_,
    "torch.relu": torch.relu,
    "torch.relu_": torch.relu_,
    "Tensor.relu": lambda x: x.relu(),
    "Tensor.relu_": lambda x: x.relu_(),
}


def gradient(call, inputs, weights, opened):
    """Return the gradient of the loss −weights · relu(inputs)."""
    x = inputs.clone().requires_grad_()
    if opened:
        with opened_relus():
            loss = -(weights * call(x * 1.0)).sum()
    else:
        loss = -(weights * call(x * 1.0)).sum()
    return torch.autograd.grad(loss, x)[0]


@pytest.mark.parametrize("name", CALLS)
def test_a_blocked_gradient_passes_where_it_asks_for_more(name):
    inputs, weights = torch.tensor([[-1.0, -2.0]]), torch.tensor([[1.0, -1.0]])
    assert gradient(CALLS[name], inputs, weights, opened=False).tolist() == [[0, 0]]
    assert gradient(CALLS[name], inputs, weights, opened=True).tolist() == [[-1, 0]]


@pytest.mark.parametrize("name", CALLS)
def test_values_are_those_of_the_relu(name):
    x = torch.linspace(-3, 9, 25).reshape(5, 5)
    expected = CALLS[name](x.clone())
    with opened_relus():
        assert torch.equal(CALLS[name](x.clone()), expected)


@pytest.mark.parametrize("name", CALLS)
def test_an_image_whose_gradient_passes_somewhere_is_left_alone(name):
    inputs, weights = torch.tensor([[1.0, -2.0], [-1.0, -2.0]]), torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    assert gradient(CALLS[name], inputs, weights, opened=True).tolist() == [[-1, 0], [-1, -1]]


def test_a_relu_in_place_changes_its_input_as_without_the_block():
    x = torch.tensor([[-1.0, 2.0]], requires_grad=True)
    with opened_relus():
        y = x * 1.0
        F.relu(y, inplace=True)
    assert y.tolist() == [[0, 2]]
    assert torch.autograd.grad(-y.sum(), x)[0].tolist() == [[0, -1]]


def test_a_gradient_above_the_ceiling_of_relu6_stays_blocked():
    assert gradient(F.relu6, torch.tensor([[7.0]]), torch.tensor([[1.0]]), opened=True).tolist() == [[0]]


@pytest.mark.parametrize(("inputs", "expected"), [(torch.tensor([-1.0, 1.0]), [-1, -1]), (torch.tensor(-1.0), -1)])
def test_each_entry_of_a_vector_stands_for_an_image(inputs, expected):
    assert gradient(torch.relu, inputs, torch.ones_like(inputs), opened=True).tolist() == expected


def test_after_the_block_relus_block_again():
    with opened_relus():
        pass
    x = torch.tensor([[-1.0]], requires_grad=True)
    assert torch.autograd.grad(-F.relu(x).sum(), x)[0].item() == 0


def test_other_functions_are_untouched():
    x = torch.tensor([[-1.0]], requires_grad=True)
    with opened_relus():
        loss = -F.leaky_relu(x, 0.25).sum() + torch.cat([x, x]).sum()
    assert torch.autograd.grad(loss, x)[0].item() == 1.75


def test_a_relu_in_place_on_a_view_changes_what_it_views():
    x = torch.tensor([[-1.0, 2.0, -3.0, 4.0]], requires_grad=True)
    with opened_relus():
        whole = x * 1
        F.relu_(whole.view(1, 2, 2))
        (gradient,) = torch.autograd.grad((whole * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum(), x)
    assert whole.tolist() == [[0.0, 2.0, 0.0, 4.0]]
    assert gradient.tolist() == [[0.0, 2.0, 0.0, 4.0]]


def test_an_image_whose_middle_row_is_blocked_is_not_blocked():
    x = torch.full((1, 1, 3, 2), -1.0)
    x[0, 0, 0] = 1.0
    x.requires_grad_()
    with opened_relus():
        loss = -F.relu(x).sum()
    (gradient,) = torch.autograd.grad(loss, x)
    assert gradient.flatten().tolist() == [-1, -1, 0, 0, 0, 0]
