from pathlib import Path

import numpy as np
import pytest
import torch

from fvproof.empirical.images import load_images
from fvproof.empirical.measurement.ball import on_ball, pink_noise
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.model_files import module_from_file
from fvproof.empirical.networks.ridges import ridges
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def correct(model, images):
    with torch.inference_mode():
        batches = ((model(images.batch(i, i + 100)), images.labels[i : i + 100]) for i in range(0, len(images), 100))
        return sum(int((logits.argmax(1).numpy() == labels).sum()) for logits, labels in batches)


def test_resnet20_reads_a_thousand_cifar_images_as_it_should(shared_data):
    model = load_model(f"{EXAMPLES}/cifar_resnet.py:resnet20", weights=shared_data / "cifar10_resnet20.pt")
    images = load_images(shared_data / "cifar10_test.npz", model.shape, limit=1000)
    assert 900 <= correct(model, images) <= 935


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("resnet20", 9173), ("resnet44", 9310)])
def test_the_residual_networks_reach_the_accuracy_their_author_reports(shared_data, name, count):
    model = load_model(f"{EXAMPLES}/cifar_resnet.py:{name}", weights=shared_data / f"cifar10_{name}.pt")
    images = load_images(shared_data / "cifar10_test.npz", model.shape)
    assert correct(model, images) == pytest.approx(count, abs=2)


@pytest.mark.slow
def test_googlenet_reaches_its_accuracy_on_one_image_of_each_class(shared_data):
    spec, weights = f"{EXAMPLES}/googlenet_bvlc.py:googlenet", shared_data / "googlenet_bvlc_imagenet_fp16.pt"
    model = load_model(spec, weights=weights)
    images = load_images(shared_data / "imagenet_sample1000_224.npz", model.shape)
    assert correct(model, images) == pytest.approx(744, abs=2)


@pytest.mark.slow
def test_efficientnet_lite0_reaches_its_accuracy_on_one_image_of_each_class(shared_data):
    spec = f"{EXAMPLES}/efficientnet_lite0.py:efficientnet_lite0"
    model = load_model(spec, weights=shared_data / "efficientnet_lite0_imagenet.pt")
    images = load_images(shared_data / "imagenet_sample1000_224.npz", model.shape)
    assert correct(model, images) == pytest.approx(877, abs=2)


def test_efficientnet_lite0_recognises_26_of_the_first_32_images(shared_data):
    spec = f"{EXAMPLES}/efficientnet_lite0.py:efficientnet_lite0"
    model = load_model(spec, weights=shared_data / "efficientnet_lite0_imagenet.pt")
    images = load_images(shared_data / "imagenet_sample1000_224.npz", model.shape, limit=32)
    assert correct(model, images) == pytest.approx(26, abs=1)


def test_efficientnet_lite0_computes_what_its_formula_says_with_any_weights():
    network = load_model(f"{EXAMPLES}/efficientnet_lite0.py:efficientnet_lite0").network
    x = 4 * torch.randn(1, 16, 5, 6)  # five rows: one of padding on both sides; six columns: one on the right only
    block, seen = network._blocks[1].eval(), {}
    block._depthwise_conv.register_forward_hook(lambda _, inputs, output: seen.update(output=output))
    with torch.inference_mode():
        found = block(x)
        wide = torch.einsum("oi,nihw->nohw", block._expand_conv.weight[:, :, 0, 0], x) / (1 + 1e-3) ** 0.5
        image = torch.zeros(1, 96, 7, 7)
        image[:, :, 1:6, 0:6] = wide.clamp(0, 6)
        filters = block._depthwise_conv.weight[:, 0]
        filtered = torch.stack(
            [
                torch.stack([(image[:, :, i : i + 3, j : j + 3] * filters).sum((2, 3)) for j in (0, 2, 4)], 2)
                for i in (0, 2, 4)
            ],
            2,
        )
    assert torch.allclose(seen["output"], filtered, atol=1e-5)
    assert found.shape == (1, 24, 3, 3)


def small_mouse(*, nonlinear):
    """Return a network of the same kind with few channels and neurons, at rest, with statistics of its own."""
    made = module_from_file(EXAMPLES / "mouse_v1.py", "ln")
    kind = type(made)
    network = kind(2, nonlinear=nonlinear, channels=4, neurons=9)
    for norm in (one for one in network.modules() if isinstance(one, torch.nn.BatchNorm2d)):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    return network.eval()


def test_the_weights_of_a_linear_nonlinear_model_are_its_gradients():
    network = small_mouse(nonlinear=False)
    found = ridges(Model("small", network, (1, 36, 64)), "response")
    place = torch.full((1, 1, 36, 64), 0.3, dtype=torch.double, requires_grad=True)
    network.double().response.register_forward_hook(lambda _, drive, response: drive[0])  # before the link
    for row, value in zip(found.weights, network(place)[0], strict=True):
        (gradient,) = torch.autograd.grad(value, place, retain_graph=True)
        missed = abs(row - gradient.flatten().numpy()).sum()
        assert missed < 1e-4 * abs(row).sum()  # here the places are computed in doubles, too
    assert found.link == ("ELU", "+ constant")
    assert found.certified.all()


def test_a_linear_nonlinear_model_orders_all_pairs_as_its_most_exciting_stimuli_say_and_a_deep_one_does_not():
    flat, deep = (Model("small", small_mouse(nonlinear=nonlinear), (1, 36, 64)) for nonlinear in (False, True))
    units, stimuli = [Unit("response", channel) for channel in range(9)], pink_noise((1, 36, 64), 40)
    known = on_ball(flat, units, ridges(flat, "response"), stimuli, 5.0)
    assert known.certified
    assert known.undecided.sum() == 0
    assert min(order.value for order in known.order) > 0.999
    told = on_ball(deep, units, ridges(deep, "response"), stimuli, 5.0)
    assert told.reason == "conv2d_1 (aten.conv2d.default) comes after ELU"


@pytest.mark.slow
def test_all_units_of_the_linear_nonlinear_model_are_ridge_functions(shared_data):
    model = load_model(f"{EXAMPLES}/mouse_v1.py:ln", weights=shared_data / "mouse_v1_ln.pt")
    found = ridges(model, "response")
    assert found.certified.sum() == 7776
    stimuli = pink_noise(model.shape, 100)
    with torch.inference_mode():
        values = model(stimuli.batch()).double().numpy()
    sums = stimuli.batch().flatten(1).double().numpy() @ found.weights.T
    one, other = (places.ravel() for places in np.triu_indices(100, 1))
    against = (sums[one] - sums[other]) * (values[one] - values[other]) < 0
    assert abs(sums[one] - sums[other])[against].max(initial=0) < 1e-5  # float32 rounds


def test_a_unit_of_the_deep_model_responds_to_one_place(shared_data):
    model = load_model(f"{EXAMPLES}/mouse_v1.py:sota", weights=shared_data / "mouse_v1_sota.pt")
    image = torch.full((1, 1, 36, 64), 0.45, requires_grad=True)
    model(image)[0, 5].backward()
    rows, columns = image.grad[0, 0].nonzero().unbind(1)
    assert 0 < rows.max() - rows.min() < 28
    assert 0 < columns.max() - columns.min() < 28
