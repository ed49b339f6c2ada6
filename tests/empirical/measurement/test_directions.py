import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.directions import Site, directions, in_groups, similarities
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError


@pytest.mark.parametrize(
    ("measure", "oracle"),
    [
        ("spearman", lambda x, y: scipy.stats.spearmanr(x, y).statistic),
        ("pearson", lambda x, y: scipy.stats.pearsonr(x, y).statistic),
        ("cosine", lambda x, y: x @ y / np.linalg.norm(x) / np.linalg.norm(y)),
    ],
)
def test_scalar_products_of_directions_are_the_similarities_of_scipy(measure, oracle):
    rows = np.maximum(np.random.default_rng(0).normal(size=(5, 200)), 0).astype(np.float32)
    found = directions(torch.from_numpy(rows), measure).explicit()
    wanted = [[oracle(x.astype(float), y.astype(float)) for y in rows] for x in rows]
    np.testing.assert_allclose(found @ found.T, wanted, atol=1e-5)


@pytest.mark.parametrize("measure", ["spearman", "pearson"])
def test_a_constant_row_is_similar_to_nothing(measure):
    rows = torch.tensor([[0.1] * 7, [1.0, 2, 3, 4, 5, 6, 7]])
    assert directions(rows, measure).explicit()[0].tolist() == [0] * 7


def test_similarities_to_references_are_those_of_scipy_at_every_layer():
    model = load_model("digits-small")
    generator = np.random.default_rng(1)
    images = ImageSet(generator.random((20, 1, 8, 8), dtype=np.float32))
    references = generator.random((3, 1, 8, 8), dtype=np.float32)
    found = similarities(model, images, references)
    assert list(found) == ["flatten", "hidden1", "relu1", "hidden2", "relu2", "logits"]
    with torch.no_grad():
        hidden = [model.network[:4](torch.from_numpy(x)).numpy() for x in (images.images, references)]
    wanted = [[scipy.stats.spearmanr(x, y).statistic for y in hidden[1]] for x in hidden[0]]
    np.testing.assert_allclose(found["hidden2"], wanted, atol=1e-5)


def test_activations_that_are_not_finite_are_an_error():
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    nn.init.constant_(network[1].weight, float("inf"))
    model = Model("infinite", network, (1, 2, 2))
    with pytest.raises(DomainError, match="those of layer '1' are not"):
        similarities(model, ImageSet(np.ones((2, 1, 2, 2), np.float32)), np.ones((1, 1, 2, 2), np.float32))


def test_layers_that_fit_into_memory_together_are_taken_together():
    sites = [Site(name, "spearman") for name in "abc"]
    assert in_groups(sites, dict.fromkeys(sites, 10)) == [sites]
    assert in_groups(sites, dict(zip(sites, (2**30, 2**32, 10), strict=True))) == [sites[:1], sites[1:2], sites[2:]]
