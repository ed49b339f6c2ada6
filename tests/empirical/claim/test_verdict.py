from dataclasses import replace
from math import nan

import pytest

from fvproof.empirical.claim.verdict import Measured, Search, Verdict, decide, share

GOOD = Measured(
    unit="fc:3",
    end="max",
    picture="3.png",
    activation=9.5,
    natural_low=-2.0,
    natural_median=0.0,
    natural_high=5.0,
    natural_count=100,
    percentile=1.0,
    noise_best=4.0,
    searches=(Search("ours", 9.4, True, 10.0), Search("pixels", 10.0, True, 10.0), Search("noise", 9.0, True, 10.0)),
    from_picture=10.0,
    rival="fc:7",
    rival_share=0.5,
    own_share=1.0,
    reliance=0.0,
    rift=0.1,
)


def mirrored(found):
    """Return the same at the other end: every activation turned around the median."""
    searches = tuple(replace(one, activation=-one.activation, from_it=-one.from_it) for one in found.searches)
    return replace(
        found,
        end="min",
        activation=-found.activation,
        natural_low=-found.natural_high,
        natural_high=-found.natural_low,
        noise_best=-found.noise_best,
        searches=searches,
        from_picture=-found.from_picture,
    )


def test_a_picture_that_nothing_beats_deserves_its_claim():
    assert decide(GOOD).verdict is Verdict.DESERVED
    assert (GOOD.best, GOOD.share, GOOD.settled) == (10.0, 0.95, 0.95)
    assert GOOD.enough == pytest.approx(0.84)  # the weakest of three, 0.9, less half of their spread, less 0.01


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"natural_high": 9.6}, "a natural image reaches 9.6"),
        ({"noise_best": 9.6}, "noise reaches 9.6"),
        ({"activation": 4.9, "natural_high": 4.0}, "ascent from scratch reaches 10, it is 49% of the way"),
        ({"from_picture": 20.0}, "ascent that starts from it goes on to 20, it is 48% of the way"),
        ({"activation": 8.0, "own_share": 0.8, "rival_share": 1.1}, "it shows fc:7 rather: 110% of the way there"),
        ({"reliance": 0.6}, "manipulated: 60% of it rests on channels that hardly any image opens"),
        ({"rift": 0.4}, "manipulated: one gradient serves the picture"),
        ({"activation": nan}, "is not a number"),
    ],
)
def test_what_beats_a_picture_is_told(change, said):
    found = decide(replace(GOOD, **change))
    assert found.verdict is Verdict.NOT_DESERVED
    assert any(said in reason for reason in found.beaten_by)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"natural_count": 19}, "there are only 19 natural images, and 20 are asked for"),
        ({"activation": 8.0}, "it reaches 80% of what ascent finds, 84% are asked for"),
        ({"from_picture": 15.0}, "it is 63% of the way to what ascent finds that starts from it, 82% are asked for"),
        ({"rival_share": 1.03}, "it shows fc:7 as well"),
        ({"reliance": 0.3}, "30% of it may rest on channels that hardly any image opens"),
        (
            {"searches": (Search("ours", 9.4, True, 10.0), Search("pixels", 3.0, False, 9.0))},
            "1 of 2 searches find anything",
        ),
    ],
)
def test_a_doubt_leaves_it_undecided(change, said):
    found = decide(replace(GOOD, **change))
    assert found.verdict is Verdict.UNDECIDED
    assert any(said in doubt for doubt in found.doubts)


@pytest.mark.parametrize("change", [{}, {"natural_high": 9.6}, {"activation": 8.0}, {"from_picture": 20.0}])
def test_both_ends_are_judged_alike(change):
    one = replace(GOOD, **change)
    assert decide(mirrored(one)).verdict is decide(one).verdict
    assert mirrored(one).share == pytest.approx(one.share)


def test_a_unit_that_nothing_moves_is_undecided():
    still = tuple(Search(name, 0.0, False, 0.0) for name in ("ours", "pixels"))
    flat = replace(GOOD, activation=0.0, natural_low=0.0, natural_high=0.0, noise_best=0.0, searches=still)
    found = decide(replace(flat, from_picture=0.0, rival=None, rival_share=nan, own_share=nan, reliance=nan, rift=nan))
    assert found.verdict is Verdict.UNDECIDED


def test_what_ascent_does_not_improve_is_settled():
    assert replace(GOOD, from_picture=9.0).settled == 1.0
    assert share(1.0, 2.0, 2.0) != share(1.0, 2.0, 2.0)  # NaN: there is no way to go
