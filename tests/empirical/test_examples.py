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
