from itertools import chain

import pytest

from fvproof.empirical.auditing.work import AROUND, default_radii, doing, radii_places


@pytest.mark.parametrize(("units", "images", "radii"), [(16, 500, 4), (16, 500, 80), (3, 8, 7), (5, 2, 99), (7, 60, 0)])
def test_as_many_radii_are_shared_evenly_each_of_a_unit_around_another_image(units, images, radii):
    places = radii_places(units, images, radii)
    assert sum(map(len, places)) == min(radii, units * images)
    assert max(map(len, places)) - min(map(len, places)) <= 1
    for own in places:
        assert len(set(own)) == len(own)
        assert all(0 <= place < images for place in own)


def test_units_look_around_different_images():
    assert len(set(chain(*radii_places(16, 500, 16)))) == AROUND


def test_no_units_have_no_radii():
    assert radii_places(0, 10, 5) == []


def test_radii_grow_with_the_work_of_which_they_are_a_part():
    assert default_radii(16, 512) == 4
    assert default_radii(1000, 512) == 250
    assert default_radii(16, 4096) == 32
    assert default_radii(1, 1) == 1


def test_nothing_is_shown_where_there_is_no_terminal(capfd):
    with doing("report"):
        pass
    assert capfd.readouterr() == ("", "")
