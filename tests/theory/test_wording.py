from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.wording import percent


def value(text):
    """Return the number that is written, in percent, and what stands before it."""
    sign = text[0] if text[0] in "<>" else ""
    return sign, Fraction(text.strip("<>%").replace("−", "-"))


@given(st.fractions(0, 1), st.integers(0, 4), st.sampled_from(["nearest", "down", "up"]))
def test_all_is_written_of_all_alone_and_none_of_none_alone(share, decimals, rounded):
    sign, shown = value(percent(share, decimals, rounded=rounded))
    assert (shown == 100) == (share == 1 and not sign) or 0 < share < 1
    assert 0 < share < 1 or shown == 100 * share
    assert not (0 < share < 1) or 0 < shown < 100


@given(st.fractions(0, 1), st.integers(0, 4))
def test_a_share_is_rounded_away_from_its_claim(share, decimals):
    sign, shown = value(percent(share, decimals, rounded="down"))
    assert (shown > 100 * share) if sign == "<" else (shown <= 100 * share)
    sign, shown = value(percent(share, decimals, rounded="up"))
    assert (shown < 100 * share) if sign == ">" else (shown >= 100 * share)


@pytest.mark.parametrize("hundredths", range(101))
def test_whole_percents_of_floats_stay_what_they_are(hundredths):
    for rounded in ("nearest", "down", "up"):
        assert percent(hundredths / 100, rounded=rounded) == f"{hundredths}%"


def test_four_of_ten_thousand_are_not_hidden():
    assert percent(0.9996, 1, rounded="down") == "99.9%"
    assert percent(0.0004, 1, rounded="up") == "0.1%"
    assert percent(float("nan")) == "–"
