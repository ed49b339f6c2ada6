import numpy as np
import pytest
import torch

from fvproof.empirical.claim.asked import Claim
from fvproof.empirical.claim.search import ascent_jobs, ascent_name, fourier_coefficients
from fvproof.empirical.keeping.workers import run_jobs
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.maximization.parametrization import fourier
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 9, 7), (2, 30), (1, 4, 5, 6)])
def test_the_coefficients_of_a_picture_give_the_picture_again(shape):
    picture = torch.from_numpy(np.random.default_rng(0).random(shape).astype(np.float32))
    again = fourier(shape, torch.device("cpu")).decode(fourier_coefficients(picture)[None])[0]
    assert (again - picture).abs().max() < 0.5 / 255 + 1e-5


def test_ascent_starts_from_each_picture_and_is_kept(tmp_path):
    model, rng = load_model("digits"), np.random.default_rng(0)
    claims = [Claim(Unit("logits", 3), rng.random((1, 8, 8)).astype(np.float32)) for _ in range(3)]
    claims.append(Claim(Unit("logits", 5), claims[0].image))
    claims.append(Claim(Unit("logits", 5), claims[0].image, "min"))
    work = workspace(model, digits_images(), Settings(steps=12, transforms="off"), tmp_path)
    run_jobs(work, ascent_jobs(work, claims))
    for claim in claims:
        (kept,) = work.kept([ascent_name(claim)])
        before, after = (torch.from_numpy(image)[None] for image in (claim.image, kept.arrays["image"]))
        values = activations(model, [claim.unit], [before, after])[claim.unit]
        assert values[1] == pytest.approx(kept.record["activation"], rel=1e-4)
        assert claim.sign * values[1] > claim.sign * values[0]
        assert 0 < float((after - before).abs().mean()) < 0.2
