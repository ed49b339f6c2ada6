"""Numbers as text hold ASCII digits and blanks and nothing else; lines end with a line feed; characters have names."""

from fractions import Fraction

import pytest

from fvproof.theory.errors import DomainError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.texts import lines, named
from tests.characters import BREAKS, DIGITS, STRANGE


def refused(text):
    """Return whether a text is no number, for a reason that names its first strange character."""
    with pytest.raises(DomainError, match="must be a finite number") as caught:
        exact(text)
    return named(next(c for c in text if c in "_" or c not in "0123456789/.eE+- \t\r\n")) in str(caught.value)


def test_there_are_hundreds_of_such_characters():
    assert {"\f", "\v", "\x1c", "\x1f", "\0", "\x85", "\u2028", "\u2029", "\u00a0", "\u3000"} <= set(BREAKS)
    assert len(DIGITS) > 1500


@pytest.mark.parametrize("place", ["{}1/2", "1/2{}", "1{}/2", "1/{}2", "0.{}5", "1e{}1", "{}"])
def test_a_number_with_a_strange_character_is_refused_and_the_character_is_named(place):
    assert all(refused(place.format(c)) for c in STRANGE)


@pytest.mark.parametrize(
    "text", ["1_000", "1_0/3", "0x1", "1/2/3", "1 /2", "1 2", "", " ", "--1", "1e", ".", "inf", "nan"]
)
def test_what_is_no_number_in_ascii_is_refused(text):
    with pytest.raises(DomainError, match="must be a finite number"):
        exact(text)


@pytest.mark.parametrize("value", [True, False])
def test_truth_values_are_no_numbers(value):
    with pytest.raises(DomainError, match="must be a finite number"):
        exact(value)


def test_blanks_around_a_number_and_all_ways_to_write_it_are_taken():
    texts = [" 1/2\n", "+0.5", ".5", "5e-1", "\t50E-2\r\n", "05/10"]
    assert {exact(text) for text in texts} == {Fraction(1, 2)}


def test_lines_end_with_a_line_feed_only():
    text = "a".join(BREAKS)
    assert lines(f"{text}\n{text}\r\n{text}") == [text] * 3
    assert lines("a\rb\n") == ["a\rb"]


def test_every_character_has_a_name():
    assert all(named(c).startswith("U+") for c in STRANGE)
    assert named("\x1c") == "U+001C FILE SEPARATOR"
