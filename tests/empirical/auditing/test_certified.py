from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.auditing.audit import Means, audit
from fvproof.empirical.auditing.certified import Extrema, certifiable, certify_jobs, write_certificates
from fvproof.empirical.auditing.report import figures, page
from fvproof.empirical.keeping.records import recorded
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.certificate import read_certificate
from fvproof.verify.certificates.checker import check
from fvproof.verify.files.readers import read_layered

SETTINGS = Settings(steps=64)
UNIT = Unit("logits", 3)


@pytest.fixture(scope="module")
def model():
    return load_model("digits-small")


@pytest.fixture(scope="module")
def images():
    return digits_images().subset(range(60))


@pytest.fixture(scope="module")
def extrema(model, images, tmp_path_factory):
    work = workspace(model, images, SETTINGS, tmp_path_factory.mktemp("pieces"), pytest.fail)
    (found,) = recorded(work, certify_jobs([UNIT], 10.0), Extrema)
    return found


def value(model, pixels):
    image = torch.tensor(pixels, dtype=torch.float32).reshape(1, *model.shape)
    return activations(model, [UNIT], [image])[UNIT][0]


def test_the_images_attain_the_extrema_and_no_image_goes_beyond(model, extrema):
    least, greatest = extrema.minimum, extrema.maximum
    assert value(model, least.pixels) == pytest.approx(least.high, abs=1e-4)
    assert value(model, greatest.pixels) == pytest.approx(greatest.low, abs=1e-4)
    assert max(greatest.high - greatest.low, least.high - least.low) <= 1e-4
    anywhere = torch.from_numpy(np.random.default_rng(0).random((2000, *model.shape)).astype(np.float32))
    corners = anywhere.round()
    for batch in (anywhere, corners, digits_images().batch()):
        found = activations(model, [UNIT], [batch])[UNIT]
        assert least.low - 1e-4 <= found.min() <= found.max() <= greatest.high + 1e-4


def test_the_files_are_accepted_by_the_checker_and_not_for_another_unit(model, extrema, tmp_path):
    write_certificates(tmp_path, model, UNIT, extrema)
    folder = tmp_path / "certificates"
    for end in ("min", "max"):
        certificate = read_certificate(folder / f"logits-3-{end}.json")
        assert certificate.network == "logits-3.onnx"
        check(certificate, read_layered(folder / "logits-3.onnx"))
    write_certificates(tmp_path, model, replace(UNIT, channel=4), extrema)
    with pytest.raises(DomainError):
        check(certificate, read_layered(folder / "logits-4.onnx"))


def test_the_report_says_by_how_much_gradient_ascent_missed_the_extrema(model, images, extrema, tmp_path):
    found = audit(model, images, [UNIT], SETTINGS, tmp_path, Means(pytest.fail))
    (unit,) = found.units
    least, greatest = unit.minimization, unit.maximization
    spread = extrema.maximum.low - extrema.minimum.high
    assert greatest.certified.gap == pytest.approx((extrema.maximum.low - greatest.activation) / spread)
    assert least.certified.gap == pytest.approx((least.activation - extrema.minimum.high) / spread)
    assert least.certified.gap > 0 < greatest.certified.gap
    assert greatest.certified.distance == pytest.approx(
        np.linalg.norm(greatest.image.ravel() - np.array(extrema.maximum.pixels)) / 8, rel=1e-5
    )
    assert (tmp_path / greatest.certified.file).is_file()
    assert '"gap"' in figures(found)
    assert "true greatest" in page(found)


def test_no_extrema_are_looked_for_in_no_time(model, images, tmp_path):
    found = audit(model, images, [UNIT], SETTINGS, tmp_path, Means(pytest.fail, certify_s=0.0))
    assert found.units[0].maximization.certified is None
    assert "true greatest" not in page(found)
    assert not (tmp_path / "certificates").exists()


@pytest.mark.parametrize(
    ("network", "layer"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(64, 300), nn.ReLU(), nn.Linear(300, 2)), "3"),
        (nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 2)), "3"),
        (nn.ModuleDict({"chain": nn.Linear(64, 2)}), "chain"),
        (nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 2)), "5"),
    ],
    ids=["large", "not piecewise affine", "no chain", "no such layer"],
)
def test_what_cannot_be_certified_is_left_out(network, layer):
    assert certifiable(Model("made", network, (1, 8, 8)), [Unit(layer, 0)]) == []


def test_a_small_chain_with_convolutions_can_be_certified():
    network = nn.Sequential(nn.Conv2d(1, 2, 3, stride=3), nn.ReLU(), nn.Conv2d(2, 3, 2))
    assert certifiable(Model("made", network, (1, 8, 8)), [Unit("2", 1)]) == [Unit("2", 1)]
