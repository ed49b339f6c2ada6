from pathlib import Path

import numpy as np
import pytest

from fvproof.empirical.images import ImageSet, load_images
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.measurement.recognition import accuracy
from fvproof.empirical.measurement.sanity import check_sanity
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, UnknownName

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
SETTINGS = Settings(steps=48, seed=1)


@pytest.fixture(scope="module")
def model():
    return load_model("digits")


def test_classes_that_occur_are_visualized_and_measured_at_every_layer(model):
    images = digits_images()
    images = images.subset(np.flatnonzero(np.isin(images.labels, [2, 7]))).per_class(6)
    found = check_sanity(model, images, SETTINGS)
    assert [str(run.unit) for run in found.runs] == ["logits:2", "logits:7"]
    assert {layer.layer for layer in found.curve} == {"conv1", "relu1", "conv2", "relu2", "hidden", "relu3", "logits"}
    assert found.accuracy > 0.9


def test_visualizations_are_processed_like_natural_images_only_late(model):
    found = check_sanity(model, digits_images().per_class(12), SETTINGS, layers=["relu1", "logits"])
    early, late = (layer.normalized for layer in found.curve if layer.measure == "spearman")
    assert early.high < 0.3
    assert late.low > 0.7


def test_a_label_that_is_no_output_is_an_error(model):
    images = ImageSet(digits_images().images[:4], np.array([3, 3, 12, 12]))
    with pytest.raises(DomainError, match="labels must be numbers of outputs, 0 to 9, not 12"):
        check_sanity(model, images, SETTINGS)


def test_images_without_labels_and_unknown_layers_are_errors_before_any_work(model):
    with pytest.raises(DomainError, match="needs labels"):
        check_sanity(model, ImageSet(digits_images().images), SETTINGS)
    with pytest.raises(UnknownName, match="did you mean conv"):
        check_sanity(model, digits_images(), SETTINGS, layers=["conv9"])


def test_accuracy_needs_labels(model):
    with pytest.raises(DomainError, match="must have labels"):
        accuracy(model, ImageSet(digits_images().images))


@pytest.mark.slow
def test_googlenet_processes_visualizations_like_natural_images_only_in_its_last_blocks(shared_data):
    weights = shared_data / "googlenet_bvlc_imagenet_fp16.pt"
    model = load_model(f"{EXAMPLES}/googlenet_bvlc.py:googlenet", weights=weights)
    images = load_images(shared_data / "imagenette_1000.npz", model.shape, per_class=20)
    blocks = [f"inception{name}" for name in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")]
    found = check_sanity(model, images, Settings(steps=128), layers=blocks)
    values = {row.layer: row.normalized.value for row in found.curve if row.measure == "spearman"}
    assert max(values[block] for block in blocks[:4]) < 0.3
    assert values["inception5b"] > 0.7
