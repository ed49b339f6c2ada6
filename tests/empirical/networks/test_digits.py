import hashlib
import subprocess
import sys

import numpy as np
import pytest
import torch

from fvproof.empirical.networks import digits
from fvproof.empirical.networks.digits import digits_images, train, trained
from tests.processes import ENVIRONMENT


def accuracy(network, images):
    with torch.inference_mode():
        return float((network(images.batch()).argmax(1).numpy() == images.labels).mean())


@pytest.mark.parametrize(
    ("name", "least"), [(name, 0.93 if name == "digits-small" else 0.96) for name in digits.ARCHITECTURES]
)
def test_the_embedded_networks_recognise_digits_they_never_saw(tmp_path, name, least):
    assert accuracy(trained(name), digits_images()) >= least


def test_training_and_held_out_images_share_none():
    train, held_out = digits_images(held_out=False), digits_images()
    assert set(train.names).isdisjoint(held_out.names)
    assert len(train) + len(held_out) == 1797


WEIGHTS = {
    "digits": "16d8b1b1ff59359c",
    "digits-small": "51a68c8965ebe51e",
    "digits-plain": "2df8377fb025280f",
    "digits-cosine": "09de2312407ecd22",
    "digits-prototype": "a2af2606617ea591",
}


def digest(weights):
    """Return the first digits of a digest of names and values."""
    found = hashlib.sha256()
    for key in sorted(weights):
        found.update(key.encode() + weights[key].contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


@pytest.mark.parametrize(("name", "expected"), WEIGHTS.items())
def test_the_weights_are_those_that_the_guides_figures_were_measured_with(name, expected):
    assert digest(trained(name).state_dict()) == expected


def test_loading_leaves_the_random_state_alone():
    before = torch.random.get_rng_state()
    trained("digits")
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.fixture
def threads():
    """Let a test change the number of threads."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_training_gives_the_same_weights_with_any_number_of_threads_and_leaves_all_settings_alone(threads):
    before, seen = torch.random.get_rng_state(), set()
    for count in (1, 2, 4):
        threads(count)
        weights = train("digits-small")
        seen.add(digest(weights))
        assert torch.get_num_threads() == count
    assert len(seen) == 1
    assert torch.equal(before, torch.random.get_rng_state())
    network = trained("digits-small")
    shipped = accuracy(network, digits_images())
    network.load_state_dict(weights)
    assert abs(accuracy(network, digits_images()) - shipped) < 0.03  # on this processor the weights may be others


@pytest.mark.slow
def test_a_process_with_any_number_of_threads_trains_the_same_weights():
    code = f"from {__name__} import *; print(*(digest(train(name)) for name in WEIGHTS))"
    digests = set()
    for count in ("1", "2", "4"):
        environment = ENVIRONMENT | {"OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        digests.add(run.stdout)
    assert len(digests) == 1


def test_digit_images_are_sixteenths():
    pixels = digits_images().images * 16
    assert np.array_equal(pixels, np.round(pixels))
    assert pixels.max() == 16
