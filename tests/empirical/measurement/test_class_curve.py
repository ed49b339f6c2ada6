import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.workspace import Workspace
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.measurement.class_curve import MOST_CLASSES, class_units, similarity_curve
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.zoo import load_model


class Outside(nn.Module):
    """Computes its output outside any layer."""

    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()

    def forward(self, x):
        return self.flatten(x) * 2


def labelled(labels):
    return ImageSet(np.zeros((len(labels), 1, 8, 8), np.float32), np.array(labels))


@pytest.mark.parametrize(
    ("images", "problem"),
    [
        (ImageSet(np.zeros((4, 1, 8, 8), np.float32)), "no labels"),
        (labelled([3, 3, 3]), "two classes"),
        (labelled([0, 1, 2]), "at least 2 images"),
        (labelled([0, 0, 10, 10]), "0 to 9, but they go from 0 to 10"),
    ],
)
def test_why_there_is_no_curve_is_said(images, problem):
    units, said = class_units(load_model("digits"), images)
    assert units == []
    assert problem in said


def test_a_network_without_an_output_layer_has_no_classes():
    units, said = class_units(Model("outside", Outside(), (1, 8, 8)), digits_images())
    assert units == []
    assert "must come from one of its layers" in said


def test_of_many_classes_some_are_shown():
    torch.manual_seed(0)
    model = Model("wide", nn.Sequential(nn.Flatten(), nn.Linear(64, 100)), (1, 8, 8))
    units, problem = class_units(model, labelled(np.repeat(np.arange(100), 2)))
    assert problem is None
    assert len(units) == MOST_CLASSES
    assert (units[0].channel, units[-1].channel) == (0, 99)


def test_the_curve_is_kept(tmp_path):
    model, images = load_model("digits"), digits_images().subset(range(100))
    units, _ = class_units(model, images)
    runs = maximize(model, units, Settings(steps=4))
    work = Workspace(model, images, Settings(steps=4), tmp_path, "context", pytest.fail)
    curve = similarity_curve(work, images, runs, audited=["conv2"])
    assert [row.layer for row in curve][-1] == "logits"
    assert len(list(tmp_path.glob("*.npz"))) == 1
    assert repr(similarity_curve(work, images, runs, audited=["conv2"])) == repr(curve)
    assert similarity_curve(work, images, [], audited=["conv2"]) == ()
