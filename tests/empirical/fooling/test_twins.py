import numpy as np
import pytest
import torch

from fvproof.empirical.fooling.cones import Readout
from fvproof.empirical.fooling.twins import build_twin, check_twin, visualize_twin
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.measurement.prediction import visualization
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization

SITES = [("digits-small", "logits", 3), ("digits", "logits", 8), ("digits", "conv2", 5), ("digits", "relu3", 2)]
SETTINGS = Settings(steps=32, parametrization="pixel", transforms="off", precision="float32")


@pytest.fixture(scope="module")
def images():
    return digits_images()


@pytest.fixture(scope="module")
def seen():
    found = {}
    for name, layer, channel in SITES:
        model = load_model(name)
        (low,), (high,) = (maximize(model, [Unit(layer, channel)], SETTINGS, minimize=end) for end in (True, False))
        found[name, layer] = model, visualization(low, high)
    return found


@pytest.fixture(params=SITES, ids="{0[0]}-{0[1]}".format)
def site(request, seen):
    name, layer, channel = request.param
    model, phi = seen[name, layer]
    return Readout(model, layer), channel, phi


def nearest_to_the_middle(readout, channel, phi, images, *, upper):
    own = activations(readout.model, [Unit(readout.layer, channel)], [images.batch()])[Unit(readout.layer, channel)]
    gap = own - float(phi.middle) if upper else float(phi.middle) - own
    return int(np.where(gap > 0, gap, np.inf).argmin())


@pytest.mark.parametrize("upper", [True, False], ids=["lowered", "lifted"])
def test_a_twin_has_the_visualization_agrees_on_all_images_but_one_and_is_on_the_other_side_there(site, images, upper):
    readout, channel, phi = site
    index = nearest_to_the_middle(readout, channel, phi, images, upper=upper)
    twin = build_twin(readout, channel, phi, images, index)
    found = check_twin(twin, phi, images)
    assert found.at_image == twin.value
    assert (twin.value > float(phi.middle)) != (twin.original > float(phi.middle))
    assert found.agreeing == found.others == len(images) - 1
    assert found.largest_difference == 0
    assert found.same_visualization
    assert (found.minimum, found.maximum) == pytest.approx((float(phi.minimum), float(phi.maximum)), rel=1e-5)


def test_the_value_asked_for_is_taken_exactly(site, images):
    readout, channel, phi = site
    value = float(np.float32(float(phi.minimum) + 0.3141 * float(phi.spread)))
    twin = build_twin(readout, channel, phi, images, 11, value)
    assert check_twin(twin, phi, images).at_image == value


def test_a_twin_never_leaves_the_range_of_the_unit_and_the_value(site, images):
    readout, channel, phi = site
    twin = build_twin(readout, channel, phi, images, 4)
    near = images.batch(4, 5) + twin.radius / 64 * torch.randn(
        2000, 1, 8, 8, generator=torch.Generator().manual_seed(0)
    )
    with torch.no_grad():
        own, other = (model(near.clamp(0, 1))[:, channel] for model in (twin.control, twin.model))
    assert (other != own).any()
    value = torch.full_like(own, twin.value)
    assert (other <= torch.maximum(own, value)).all()
    assert (other >= torch.minimum(own, value)).all()


def test_beyond_its_radius_the_twin_is_the_unit(site, images):
    readout, channel, phi = site
    twin = build_twin(readout, channel, phi, images, 4)
    noise = torch.rand(3000, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert ((noise - images.batch(4, 5)).abs().flatten(1).sum(1) > twin.radius).all()
    with torch.no_grad():
        own, other = (model(noise)[:, channel] for model in (twin.control, twin.model))
    floor = check_twin(twin, phi, images)
    ordinary = (own >= floor.minimum) & (own <= floor.maximum)
    assert ordinary.float().mean() > 0.9
    assert torch.equal(own[ordinary], other[ordinary])


def test_other_units_of_the_layer_stay_as_they_are(site, images):
    readout, channel, phi = site
    twin = build_twin(readout, channel, phi, images, 0)
    with torch.no_grad():
        own, other = (model(images.batch()) for model in (twin.control, twin.model))
    others = np.arange(own.shape[1]) != channel
    assert torch.equal(own[:, others], other[:, others])


def test_the_optimiser_finds_the_same_images_on_the_twin(site, images):
    readout, channel, phi = site
    twin = build_twin(readout, channel, phi, images, 0)
    low, high = visualize_twin(twin, SETTINGS)
    assert (low.end, high.end) == ("min", "max")
    for end in (low, high):
        assert end.largest_difference == 0
        assert end.twin.activation == end.original.activation
    assert high.twin.activation > low.twin.activation


def test_a_twin_of_an_output_unit_is_exported_without_hooks(seen, images):
    model, phi = seen["digits", "logits"]
    twin = build_twin(Readout(model, "logits"), 8, phi, images, 0)
    exported = torch.export.export(twin.model.network, (images.batch(0, 2),)).module()
    torch.testing.assert_close(exported(images.batch(0, 2)), twin.model(images.batch(0, 2)))
    assert not any(module._forward_hooks for module in twin.model.network.modules())


def test_the_network_itself_is_not_changed(seen, images):
    model, phi = seen["digits", "conv2"]
    before = {key: value.clone() for key, value in model.network.state_dict().items()}
    twin = build_twin(Readout(model, "conv2"), 5, phi, images, 0)
    check_twin(twin, phi, images)
    after = model.network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    assert not any(module._forward_hooks for module in model.network.modules())


def test_the_position_of_a_unit_is_that_of_the_readout(seen, images):
    model, phi = seen["digits", "conv2"]
    unit = Unit("conv2", 5)
    center = activations(model, [unit], [images.batch()], position="center")[unit]
    twin = build_twin(Readout(model, "conv2", position="center"), 5, phi, images, 0)
    with torch.no_grad():
        assert np.allclose(twin.control(images.batch())[:, 5], center, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": 7.0}, "strictly between -2 and 6, not at 7"),
        ({"value": 6.0}, "strictly between -2 and 6, not at 6"),
        ({"index": 450}, "one of 0 to 449, not 450"),
        ({"channel": 10}, "units 0 to 9, not 10"),
        ({"index": 9}, "given once, and be neither visualization"),
    ],
)
def test_twins_that_cannot_be_are_one_clear_line(images, change, message):
    phi = Visualization(images.images[5].ravel(), images.images[9].ravel(), -2, 6)
    wanted = {"channel": 3, "index": 0, **change}
    with pytest.raises(DomainError, match=message):
        build_twin(Readout(load_model("digits-small"), "logits"), phi=phi, images=images, **wanted)


def test_an_image_that_is_given_twice_has_no_twin(images):
    twice = ImageSet(np.concatenate([images.images, images.images[:1]]))
    phi = Visualization(np.zeros(64), np.ones(64), -50, 50)
    with pytest.raises(DomainError, match="given once"):
        build_twin(Readout(load_model("digits-small"), "logits"), 3, phi, twice, 0)
