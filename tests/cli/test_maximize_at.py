import json

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_maximize import call


def pixels(path):
    """Return a picture's pixels."""
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_images_kept_on_the_way_are_written_and_shown(tmp_path):
    options = ["--units", "logits:0-1", "--steps", 8, "--at", "1,8", "--diversity", 2, "--out", tmp_path]
    call("digits-small", *options)
    for name in ("logits-0-max-0", "logits-1-max-1"):
        first, last, end = (pixels(tmp_path / f"{name}{step}.png") for step in ("-step1", "-step8", ""))
        assert np.array_equal(last, end)
        assert not np.array_equal(first, end)
    assert pixels(tmp_path / "way.png").shape[1] > 100
    (kept, *_) = json.loads((tmp_path / "runs.json").read_text())
    assert [one["steps"] for one in kept["way"]] == [1, 8]
    assert kept["way"][1]["activation"] == pytest.approx(kept["activation"], rel=1e-6)
