import numpy as np
import pytest
import torch

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement import directions as directions_module
from fvproof.empirical.measurement import similarity as similarity_module
from fvproof.empirical.measurement.directions import directions
from fvproof.empirical.measurement.similarity import sanity_curve
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, ShapeError


@pytest.fixture(scope="module")
def model():
    return load_model("digits-small")


@pytest.fixture(scope="module")
def natural():
    images = digits_images()
    return images.subset(np.flatnonzero(np.isin(images.labels, [1, 4, 7]))[:50])


@pytest.fixture(scope="module")
def shown():
    pixels = np.random.default_rng(3).random((5, 1, 8, 8), dtype=np.float32)
    return ImageSet(pixels, labels=np.array([4, 1, 7, 1, 4]))


def matrix(model, images, layer, measure):
    with torch.no_grad():
        hidden = model.network[: list(dict(model.network.named_children())).index(layer) + 1](images)
    rows = directions(hidden.flatten(1), measure).explicit()
    return (rows @ rows.T).numpy().astype(np.float64)


def statistics(pairs, labels, shown_labels, weights):
    """All four means over all pairs, written out; pairs of an image with itself do not count."""
    count = len(labels)
    same, different, shown, others_shown = {}, {}, {}, {}
    for c in np.unique(labels):
        mine = np.flatnonzero(labels == c)
        visual = np.flatnonzero(shown_labels == c) + count
        w = np.outer(weights[mine], weights[mine]) * (1 - np.eye(len(mine)))
        same[c] = (w * pairs[np.ix_(mine, mine)]).sum() / w.sum()
        shown[c] = np.average(pairs[np.ix_(mine, visual)].mean(1), weights=weights[mine])
        for d in np.unique(labels):
            if d != c:
                others = np.flatnonzero(labels == d)
                w = np.outer(weights[mine], weights[others])
                different[c, d] = (w * pairs[np.ix_(mine, others)]).sum() / w.sum()
                visual = np.flatnonzero(shown_labels == d) + count
                others_shown[c, d] = np.average(pairs[np.ix_(mine, visual)].mean(1), weights=weights[mine])
    return tuple(np.mean(list(values.values())) for values in (same, different, shown, others_shown))


def all_pairs(model, natural, shown, layer, measure):
    return matrix(model, torch.cat([natural.batch(), shown.batch()]), layer, measure)


@pytest.mark.parametrize("layer", ["flatten", "relu1", "logits"])
@pytest.mark.parametrize("measure", ["spearman", "pearson", "cosine"])
def test_the_linear_time_means_are_those_over_all_pairs(model, natural, shown, layer, measure):
    (found,) = sanity_curve(model, natural, shown, layers=[layer], measures=[measure])
    pairs = all_pairs(model, natural, shown, layer, measure)
    expected = same, different, visual, others = statistics(pairs, natural.labels, shown.labels, np.ones(len(natural)))
    measured = [found.same, found.different, found.visualization, found.other_classes]
    np.testing.assert_allclose(measured, expected, atol=1e-5)
    assert found.normalized.value == pytest.approx((visual - different) / (same - different), abs=1e-4)
    assert found.normalized_others.value == pytest.approx((others - different) / (same - different), abs=1e-4)
    assert found.contrast.value == pytest.approx((visual - others) / (same - different), abs=1e-4)


@pytest.mark.parametrize("of", ["normalized", "normalized_others", "contrast"])
def test_the_interval_is_that_of_a_bootstrap_over_all_pairs(model, natural, shown, of):
    (found,) = sanity_curve(model, natural, shown, layers=["relu2"], measures=["spearman"])
    pairs = all_pairs(model, natural, shown, "relu2", "spearman")
    generator, values = np.random.default_rng(9), []
    for _ in range(600):
        weights = np.zeros(len(natural))
        for c in np.unique(natural.labels):
            mine = np.flatnonzero(natural.labels == c)
            np.add.at(weights, generator.choice(mine, len(mine)), 1)
        same, different, visual, others = statistics(pairs, natural.labels, shown.labels, weights)
        value = {"normalized": visual - different, "normalized_others": others - different, "contrast": visual - others}
        values.append(value[of] / (same - different))
    low, high = np.quantile(values, [0.025, 0.975])
    width, measured = high - low, getattr(found, of)
    assert measured.high - measured.low == pytest.approx(width, rel=0.2)
    assert measured.low == pytest.approx(low, abs=0.2 * width)


def test_natural_images_in_the_place_of_visualizations_have_one(model):
    natural = digits_images(held_out=False)
    curve = sanity_curve(model, natural, digits_images(), measures=["spearman"])
    assert [layer.layer for layer in curve] == ["flatten", "hidden1", "relu1", "hidden2", "relu2", "logits"]
    for layer in curve:
        assert layer.normalized.value == pytest.approx(1, abs=0.06)
        assert layer.normalized_others.value == pytest.approx(0, abs=0.06)
        assert layer.contrast.value == pytest.approx(1, abs=0.06)


def test_one_picture_for_every_class_has_no_contrast(model):
    natural = digits_images()
    picture = ImageSet(np.repeat(natural.images[:1], 10, axis=0), np.arange(10))
    for layer in sanity_curve(model, natural, picture, measures=["spearman"]):
        assert layer.contrast.value == pytest.approx(0, abs=1e-5)


def test_natural_images_under_wrong_labels_have_about_zero(model):
    natural, other = digits_images(held_out=False), digits_images()
    shuffled = np.random.default_rng(0).permutation(other.labels)
    for layer in sanity_curve(model, natural, ImageSet(other.images, shuffled), measures=["spearman"]):
        assert layer.normalized.value == pytest.approx(0.1, abs=0.12)  # a tenth of the shuffled labels are right


def test_groups_of_layers_do_not_change_the_numbers(model, natural, shown, monkeypatch):
    together = sanity_curve(model, natural, shown)
    monkeypatch.setattr(directions_module, "MEMORY", 1)
    assert sanity_curve(model, natural, shown) == together


def test_the_seed_fixes_the_interval(model, natural, shown):
    one, two = (sanity_curve(model, natural, shown, layers=["logits"], seed=5) for _ in range(2))
    assert one == two


def test_natural_images_of_other_classes_are_left_out(model, natural, shown):
    everything = digits_images()
    extra = np.flatnonzero(everything.labels == 9)
    more = ImageSet(
        np.concatenate([everything.images[extra], natural.images]),
        np.concatenate([everything.labels[extra], natural.labels]),
    )
    one, two = (sanity_curve(model, images, shown, layers=["logits"]) for images in (natural, more))
    assert one[0].same == pytest.approx(two[0].same, abs=1e-6)


@pytest.mark.parametrize(
    ("labels", "shown_labels", "message"),
    [
        (None, [0, 1], "natural images must have labels"),
        ([0, 0, 1, 1], None, "visualizations must have labels"),
        ([0, 0, 1, 1], [1, 1], "at least two classes"),
        ([0, 0, 1, 1], [0, 2], "at least 2 natural images of class 2, not 0"),
        ([0, 0, 0, 1], [0, 1], "at least 2 natural images of class 1, not 1"),
    ],
)
def test_labels_that_do_not_fit_are_one_clear_line(model, labels, shown_labels, message):
    def images(given, count):
        return ImageSet(np.zeros((count, 1, 8, 8), np.float32), None if given is None else np.array(given))

    with pytest.raises(DomainError, match=message):
        sanity_curve(model, images(labels, 4), images(shown_labels, 2))


def test_images_of_another_shape_are_an_error(model, shown):
    with pytest.raises(ShapeError, match=r"natural images must have the model's shape \(1, 8, 8\), not \(1, 9, 9\)"):
        sanity_curve(model, ImageSet(np.zeros((4, 1, 9, 9), np.float32), np.array([1, 1, 4, 4])), shown)


def test_where_classes_are_not_told_apart_there_is_no_normalized_value(model, shown):
    same = ImageSet(np.tile(digits_images().images[:2], (4, 1, 1, 1)), np.array([1, 1, 4, 4, 7, 7, 1, 4]))
    (found,) = sanity_curve(model, same, shown, layers=["logits"], measures=["spearman"])
    assert found.same <= found.different
    assert np.isnan([found.normalized.value, found.normalized.low, found.normalized.high]).all()


def test_the_interval_over_images_hardly_depends_on_how_many_of_them_it_is_measured_on(model, monkeypatch):
    natural, shown = digits_images(held_out=False), digits_images().per_class(1)
    (some,) = sanity_curve(model, natural, shown, layers=["relu2"], measures=["spearman"])
    monkeypatch.setattr(similarity_module, "SPREAD_IMAGES", 10**6)
    (every,) = sanity_curve(model, natural, shown, layers=["relu2"], measures=["spearman"])
    assert (some.same, some.visualization) == (every.same, every.visualization)
    widths = [found.normalized.high - found.normalized.low for found in (some, every)]
    assert widths[0] == pytest.approx(widths[1], rel=0.25)


def test_the_interval_over_classes_is_that_of_a_bootstrap_that_draws_them(model):
    natural, shown = digits_images(), digits_images(held_out=False).per_class(2)
    (found,) = sanity_curve(model, natural, shown, layers=["relu2"], measures=["spearman"])
    pairs = all_pairs(model, natural, shown, "relu2", "spearman")
    count, kinds = len(natural), np.arange(10)
    natural_of = [np.flatnonzero(natural.labels == kind) for kind in kinds]
    shown_of = [np.flatnonzero(shown.labels == kind) + count for kind in kinds]
    between = np.array([[pairs[np.ix_(one, other)].mean() for other in natural_of] for one in natural_of])
    same = np.array([(pairs[np.ix_(one, one)].sum() - len(one)) / (len(one) * (len(one) - 1)) for one in natural_of])
    visual = np.array([pairs[np.ix_(*both)].mean() for both in zip(natural_of, shown_of, strict=True)])
    generator, values = np.random.default_rng(9), []
    for _ in range(2000):
        weights = np.bincount(generator.integers(10, size=10), minlength=10)
        outer = np.outer(weights, weights) * (1 - np.eye(10))
        different = (outer * between).sum() / outer.sum()
        values.append((weights @ visual / 10 - different) / (weights @ same / 10 - different))
    low, high = np.quantile(values, [0.025, 0.975])
    width = found.over_classes.high - found.over_classes.low
    assert width == pytest.approx(high - low, rel=0.25)
