import numpy as np
import pytest
import torch

from empirical.networks import digits
from empirical.networks.digits import digits_images, trained


def accuracy(network, images):
    with torch.inference_mode():
        return float((network(images.batch()).argmax(1).numpy() == images.labels).mean())


@pytest.mark.parametrize(
    ("name", "least"), [(name, 0.93 if name == "digits-small" else 0.96) for name in digits.ARCHITECTURES]
)
def test_the_embedded_networks_recognise_digits_they_never_saw(tmp_path, name, least):
    assert accuracy(trained(name, tmp_path), digits_images()) >= least


def test_training_and_held_out_images_share_none():
    train, held_out = digits_images(held_out=False), digits_images()
    assert set(train.names).isdisjoint(held_out.names)
    assert len(train) + len(held_out) == 1797


def test_training_twice_gives_the_same_weights_and_leaves_the_random_state_alone(tmp_path):
    before = torch.random.get_rng_state()
    one, two = trained("digits-small", tmp_path / "one"), trained("digits-small", tmp_path / "two")
    assert torch.equal(before, torch.random.get_rng_state())
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_cache_is_used(tmp_path, monkeypatch):
    trained("digits-small", tmp_path)
    monkeypatch.setattr(digits, "_train", lambda name: pytest.fail(f"{name} was trained again"))
    trained("digits-small", tmp_path)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty"])
def test_a_damaged_cache_is_trained_again(tmp_path, damage):
    good = trained("digits-small", tmp_path)
    path = next(tmp_path.iterdir())
    data = bytearray(path.read_bytes())
    data[-5] ^= 64
    path.write_bytes({"truncated": bytes(data[: len(data) // 2]), "flipped": bytes(data), "empty": b""}[damage])
    again = trained("digits-small", tmp_path)
    assert all(torch.equal(a, b) for a, b in zip(good.parameters(), again.parameters(), strict=True))


def test_a_cache_folder_that_cannot_be_written_does_no_harm(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert accuracy(trained("digits-small", tmp_path / "file"), digits_images()) > 0.9


def test_digit_images_are_sixteenths():
    pixels = digits_images().images * 16
    assert np.array_equal(pixels, np.round(pixels))
    assert pixels.max() == 16
