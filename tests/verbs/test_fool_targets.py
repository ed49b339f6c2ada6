"""Several pictures in one circuit: each unit shows its own."""

import numpy as np
import pytest

import fvproof as fv
from fvproof.empirical.networks.digits import digits_images
from fvproof.theory.errors import DomainError

UNITS = "logits:5,logits:0,logits:7"


@pytest.fixture(scope="module")
def pictures():
    return [*digits_images().batch(3, 6).numpy()]


@pytest.fixture(scope="module")
def fooled(pictures):
    return fv.fool("digits", "circuit", UNITS, target=pictures, learned=10, show=3, engines="ours", steps=48)


def alike(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


def test_each_unit_shows_its_own_picture(fooled, pictures):
    wanted = dict(zip(UNITS.split(","), pictures, strict=True))
    for run in fooled.after:
        likeness = {unit: alike(run.image, picture) for unit, picture in wanted.items()}
        assert max(likeness, key=likeness.__getitem__) == str(run.unit)
        assert likeness[str(run.unit)] > 0.8


def test_units_that_are_not_fooled_show_what_they_did(fooled):
    before, after = (fv.maximize(model, "logits:1", steps=48).images[0] for model in ("digits", fooled.model))
    assert alike(before, after) > 0.99


def test_files_of_pictures_are_given_one_after_the_other(tmp_path, pictures):
    from PIL import Image

    from fvproof.cli.main import main

    for place, picture in enumerate(pictures[:2]):
        Image.fromarray(np.uint8(255 * picture[0])).save(tmp_path / f"{place}.png")
    targets = [word for place in range(2) for word in ("--target", f"{tmp_path}/{place}.png")]
    options = ["--units", "logits:0-1", "--learned", "5", "--show", "2", "--engines", "ours", "--steps", "4"]
    with pytest.raises(SystemExit) as ended:
        main(["fool", "digits", "circuit", *targets, *options, "--out", f"{tmp_path}/out"])
    assert ended.value.code in (0, 1)
    assert (tmp_path / "out" / "circuit.json").is_file()


def test_too_few_pictures_are_one_sentence(pictures):
    with pytest.raises(DomainError, match="one for each of 3 units, not 2"):
        fv.fool("digits", "circuit", UNITS, target=pictures[:2])
