import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.maximization.diversity import largest_likeness, likeness, style
from fvproof.empirical.maximization.maximize import Settings, maximize, record
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Unit
from fvproof.empirical.networks.zoo import load_model


class Either(nn.Module):
    """A unit that two patterns excite alike: stripes that lie, and stripes that stand."""

    def __init__(self):
        super().__init__()
        self.stripes = nn.Conv2d(1, 2, 3, padding=1, bias=False)
        edge = torch.tensor([[-1.0, -1, -1], [2, 2, 2], [-1, -1, -1]])
        self.stripes.weight.data = torch.stack([edge, edge.T])[:, None]
        self.either = nn.Identity()

    def forward(self, x):
        lying, standing = torch.relu(self.stripes(x)).unbind(1)
        return self.either(torch.stack([(lying - standing).square(), lying, standing], dim=1))


@pytest.mark.parametrize("shape", [(3, 4, 5, 6), (3, 7, 4)])
def test_a_style_is_the_gram_matrix_of_the_channels_to_length_one(shape):
    output = torch.randn(shape)
    for found, features in zip(style(output), output.flatten(2), strict=True):
        gram = (features @ features.T).flatten()
        torch.testing.assert_close(found, gram / gram.norm())


def test_a_style_does_not_depend_on_size_not_even_where_squares_overflow():
    output = torch.randn(1, 4, 5, 6)
    torch.testing.assert_close(style(1e30 * output), style(output))
    assert style(torch.zeros(1, 4, 5, 6)).abs().max() == 0


def test_likeness_is_among_the_images_of_one_unit_alone():
    styles = nn.functional.normalize(torch.randn(6, 5), dim=1)
    cosines = styles @ styles.T
    found = likeness(styles, 3)
    assert found.shape == (6, 2)
    for row, others in enumerate([(1, 2), (0, 2), (0, 1), (4, 5), (3, 5), (3, 4)]):
        torch.testing.assert_close(found[row], cosines[row, list(others)])


@pytest.mark.parametrize("minimize", [False, True])
def test_several_visualizations_of_a_unit_are_less_alike_than_several_seeds_and_still_excite_it(minimize):
    model, unit = load_model("digits"), Unit("logits", 3)
    settings = {"steps": 96, "precision": "float32"}
    distinct = maximize(model, [unit], Settings(**settings, diversity=4), minimize=minimize)
    seeds = [maximize(model, [unit], Settings(**settings, seed=seed), minimize=minimize)[0] for seed in range(4)]
    images = torch.stack([torch.from_numpy(run.image) for run in seeds])
    alike = largest_likeness(model, "logits", images, 4).mean()
    assert np.mean([run.likeness for run in distinct]) < alike - 0.02
    assert not any(run.status.failed for run in distinct)
    assert [run.variant for run in distinct] == [0, 1, 2, 3]
    best = np.mean([run.activation for run in seeds])
    assert np.mean([run.activation for run in distinct]) / best > 0.6


def test_a_unit_of_two_patterns_shows_both():
    model = Model("either", Either(), (1, 16, 16))
    settings = Settings(steps=128, parametrization="pixel", transforms="off", precision="float32", diversity=2)
    runs = maximize(model, [Unit("either", 0)], settings)
    with torch.no_grad():
        answers = torch.relu(model.network.stripes(torch.stack([torch.from_numpy(run.image) for run in runs])))
    shares = answers.mean((2, 3)) / answers.mean((1, 2, 3))[:, None]
    assert runs[0].likeness == runs[1].likeness
    assert (shares[0] - shares[1]).abs().max() > 0.5


def test_each_units_visualizations_are_the_same_in_any_company():
    model, units = load_model("digits-small"), [Unit("hidden1", 3), Unit("hidden1", 5)]
    settings = Settings(steps=24, precision="float32", diversity=2)
    together = maximize(model, units, settings)
    assert [(run.unit, run.variant) for run in together] == [(unit, i) for unit in units for i in (0, 1)]
    for run, alone in zip(together[2:], maximize(model, units[1:], settings), strict=True):
        np.testing.assert_allclose(run.image, alone.image, atol=1e-4)
        assert record(run)["likeness"] == pytest.approx(alone.likeness, abs=1e-4)


def test_one_visualization_has_nothing_to_be_like():
    (run,) = maximize(load_model("digits-small"), [Unit("hidden1", 3)], Settings(steps=2))
    assert (run.variant, run.likeness) == (0, None)
