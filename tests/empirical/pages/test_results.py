import numpy as np
import pytest

from fvproof.empirical.pages.results import KeyFigure, Results, Section, UnitCard, results_page
from fvproof.empirical.plots import Plot

IMAGE = np.linspace(0, 1, 64, dtype=np.float32).reshape(1, 8, 8)


def page(**changed):
    card = UnitCard("<fc>:3", "ok", True, [("found", IMAGE)], {"activation": 0.123456, "noise": None, "holds": True})
    known = {
        "title": "What excites it?",
        "model": "a & b",
        "about": "1 unit",
        "word": "1 of 1",
        "sentence": "It does.",
        "holds": True,
        "figures": [KeyFigure("units", "1 of 1", True)],
        "cards": [card],
        "explained": ["Why."],
        "printed": "a  b\n<c>",
        "file": "runs.json",
        "made": {"steps": 8},
    }
    return results_page(Results(**{**known, **changed}))


def test_what_comes_from_outside_is_text_and_no_markup():
    text = page()
    assert "a &amp; b" in text
    assert "&lt;fc&gt;:3" in text
    assert "<fc>" not in text
    assert "a  b\n&lt;c&gt;" in text


def test_numbers_have_three_digits_and_what_is_missing_a_dash():
    text = page()
    assert "<dt>activation</dt><dd>0.123</dd>" in text
    assert "<dt>noise</dt><dd>–</dd>" in text
    assert "<dt>holds</dt><dd>yes</dd>" in text


@pytest.mark.parametrize(("holds", "tone"), [(True, "yes"), (False, "no"), (None, "open")])
def test_the_finding_has_a_tone(holds, tone):
    assert f'<section class="verdict {tone}"' in page(holds=holds)


def test_a_section_has_its_plots_and_its_table():
    plots = [(Plot("data:wide", "data:narrow"), "what it shows")]
    text = page(sections=[Section("layers", "Layer by layer", ["Said."], plots, [{"layer": "fc", "same_class": 0.5}])])
    assert '<a href="#layers">Layer by layer</a>' in text
    assert '<img class="plot narrow" src="data:narrow" alt="what it shows">' in text
    assert '<th class="number">same class</th>' in text
    assert '<td class="number">0.500</td>' in text


def test_the_date_is_that_of_the_build_where_one_is_given(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert "<td>1970-01-02</td>" in page()
