from pathlib import Path

import pytest
import torch

from fvproof.empirical.images import load_images
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
