import json
import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from fvproof.empirical.auditing.report import MOST_CARDS, figures, page, write_report
from fvproof.empirical.class_folders import label_folders
from fvproof.empirical.plots import picture
from fvproof.theory.errors import DomainError

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Outline(HTMLParser):
    """Checks that tags are closed in order, and collects attributes and text."""

    def __init__(self):
        super().__init__()
        self.open, self.attributes, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def outline(html):
    parser = Outline()
    parser.feed(html)
    assert parser.open == []
    return parser


def test_the_page_needs_nothing_from_outside(make_audit):
    parser = outline(page(make_audit()))
    sources = [value for _, name, value in parser.attributes if name in {"src", "srcset", "href", "action"}]
    assert sources
    kinds = ("data:image/png;base64,", "data:image/svg+xml;base64,", "#")
    assert all(value.startswith(kinds) for value in sources)
    assert not {"script", "link", "iframe"} & {tag for tag, _, _ in parser.attributes}
    assert "url(" not in page(make_audit())


def test_every_link_leads_to_a_place_on_the_page(make_audit):
    parser = outline(page(make_audit()))
    places = [value for _, name, value in parser.attributes if name == "id"]
    assert len(set(places)) == len(places)
    assert {value[1:] for tag, name, value in parser.attributes if tag == "a" and name == "href"} <= set(places)


def test_every_image_has_words_in_its_place(make_audit):
    parser = outline(page(make_audit()))
    images = sum(tag == "img" and name == "src" for tag, name, _ in parser.attributes)
    assert sum(tag == "img" and name == "alt" and len(value) > 10 for tag, name, value in parser.attributes) == images


def test_the_verdict_comes_first_and_every_unit_is_there(make_audit):
    found = make_audit()
    text = "".join(outline(page(found)).text)
    headings = (
        "What the visualizations predict",
        "A twin with the same visualizations",
        "Unit by unit",
        "How this report was made",
    )
    places = [text.index(part) for part in ("Trusted", found.verdict.reasons[0].question, *headings)]
    assert places == sorted(places)
    assert all(str(unit.unit) in text for unit in found.units)
    assert "no such function" in text


def test_what_it_means_and_what_to_do_next_stand_before_the_reasons(make_audit):
    found = make_audit(curve=())
    text = "".join(outline(page(found)).text)
    parts = (
        found.verdict.sentence,
        found.verdict.reasons[0].figure,
        found.verdict.meaning,
        found.verdict.advice[0],
        found.verdict.reasons[0].question,
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_of_very_many_units_some_have_cards_and_all_have_figures(make_audit, make_unit):
    units = tuple(make_unit(layer, channel) for layer in ("conv1", "conv2") for channel in range(40))
    found = make_audit(units=units)
    html = page(found)
    assert html.count('<details class="card"') == MOST_CARDS
    assert "64 of the 80 units" in html
    assert len(html) < 4e6
    assert len(json.loads(figures(found))["units"]) == 80


def test_names_are_text_and_never_markup(make_audit):
    html = page(make_audit(model="<script>alert(1)</script>"))
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_a_page_without_curve_twin_or_readings_is_still_a_page(make_audit):
    found = make_audit(curve=(), twin=None, accuracy=None)
    blind = tuple(replace(unit, reading=None, knowable=()) for unit in found.units)
    text = "".join(outline(page(make_audit(curve=(), twin=None, accuracy=None, units=blind))).text)
    assert "Not trusted" in text
    assert "A twin" not in text


def test_the_json_has_the_figures_of_the_page_and_no_number_that_json_lacks(make_audit):
    found = json.loads(figures(make_audit()), parse_constant=pytest.fail)
    assert found["verdict"]["trusted"] is True
    assert found["rule"]["order"] == 0.75
    unit = found["units"][1]
    assert unit["unit"] == "conv2:1"
    assert unit["maximization"]["activation"] == 4.0
    assert "image" not in unit["maximization"]
    assert unit["reading"]["scores"][2]["order"] == {"value": 0.9, "low": 0.88, "high": 0.92}
    assert unit["reading"]["scores"][0]["side_balanced"]["value"] is None
    assert found["curve"][2]["normalized"]["value"] is None
    assert found["twin"]["check"]["at_image"] == 0.9


def test_equal_findings_give_equal_bytes(make_audit, tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        write_report(make_audit(), tmp_path / name)
    for file in ("report.html", "report.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_plots_have_no_date_and_no_version(make_audit):
    html = page(make_audit())
    plots = [b64decode(code).decode() for code in re.findall(r"svg\+xml;base64,([\w+/=]+)", html)]
    assert plots
    assert not any("dc:date" in plot or "matplotlib.org/" in plot.split("<defs>")[0] for plot in plots)


def test_a_folder_that_cannot_be_written_is_an_error_of_one_line(make_audit, tmp_path):
    with pytest.raises(DomainError, match="must be a file that can be written"):
        write_report(make_audit(), tmp_path / "missing")


@pytest.mark.parametrize("channels", [1, 3])
def test_a_small_image_is_enlarged_pixel_by_pixel(channels):
    image = np.random.default_rng(0).random((channels, 8, 8))
    shown = np.asarray(Image.open(BytesIO(b64decode(picture(image).partition(",")[2]))))
    assert shown.shape[:2] == (160, 160)
    back = shown[::20, ::20] if channels == 3 else shown[::20, ::20, None]
    assert np.array_equal(back, np.rint(image.transpose(1, 2, 0) * 255))


def test_the_figures_say_which_output_each_class_folder_stands_for(make_audit):
    labelling = label_folders(["Cat", "unsure"], ("dog", "cat"))
    assert json.loads(figures(make_audit(labelling=labelling)))["labelling"] == {
        "outputs": {"Cat": 1},
        "left_out": ["unsure"],
        "how": "names",
        "meanings": {"Cat": "cat"},
    }
