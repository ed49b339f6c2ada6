import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.errors import DomainError
from fvproof.verify.files.doubles import deflated, inflated
from fvproof.verify.files.records import point_from, point_record

IMAGE = (np.arange(3000) % 256 / np.float64(255)).astype(np.float32).astype(np.float64)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200), st.booleans())
def test_every_coordinate_is_read_back_bit_by_bit(coordinates, single):
    point = np.array(coordinates).astype(np.float32 if single else np.float64).astype(np.float64)
    again = inflated(json.loads(json.dumps(deflated(point))), "the point")
    assert again.tobytes() == point.tobytes()


def test_an_image_is_a_point_again_in_a_fortieth_of_the_room_of_hexadecimal_floats():
    record = point_record(IMAGE)
    assert point_from(record, "the image").tobytes() == IMAGE.tobytes()
    assert 40 * len(json.dumps(record)) < len(json.dumps([value.hex() for value in IMAGE]))


def test_a_short_point_is_legible():
    assert point_record(np.array([0.75, 1.0])) == {"doubles": ["0x1.8000000000000p-1", "0x1.0000000000000p+0"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "float16"}, "must state its kind"),
        ({"count": 2999}, "cut short or too long: they must be 11996 bytes"),
        ({"count": 3001}, "must be 12004 bytes"),
        ({"count": True}, "must state its kind"),
        ({"count": 10**12}, "must state its kind"),
        ({"kind": "float64"}, "must be 24000 bytes"),
        ({"deflated": "no base64!"}, "are damaged"),
        ({"deflated": deflated(IMAGE)["deflated"][:-8]}, "are damaged|cut short"),
        ({"deflated": deflated(np.append(IMAGE[:-1], np.nan))["deflated"], "kind": "float64"}, "finite|bytes"),
        ({"deflated": deflated(np.append(IMAGE[:-1], 2.0))["deflated"]}, r"\[0, 1\]"),
    ],
)
def test_damage_is_one_clear_sentence(change, said):
    with pytest.raises(DomainError, match=said):
        point_from(deflated(IMAGE) | change, "the image")
