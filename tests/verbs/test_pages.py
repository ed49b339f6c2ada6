"""The pages that commands write: all of the findings, in one file that asks for nothing, also without scripts."""

import re
from html.parser import HTMLParser

import pytest

import fvproof as fv


class Page(HTMLParser):
    """What a page refers to, the places it has, and its pictures."""

    def __init__(self, text):
        super().__init__()
        self.asked, self.places, self.linked, self.images, self.tags = [], set(), [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.tags.append(tag)
        self.asked += [known[name] for name in ("src", "href") if name in known and known[name][:1] != "#"]
        self.linked += [known["href"][1:]] if known.get("href", "")[:1] == "#" else []
        self.places |= {known["id"]} if "id" in known else set()
        self.images += [known] if tag == "img" else []


FOUND = {
    "maximize": lambda: fv.maximize("digits-small", "logits:0-2", steps=8, at=[2, 8]),
    "sanity": lambda: fv.sanity("digits-small", layers="relu1,logits", per_class=4, steps=8),
    "detect": lambda: fv.detect("digits-small", "logits:0-1", steps=8),
    "fool": lambda: fv.fool("digits", "silent", "hidden:0-3", steps=8, show=2, engines="plain"),
}


@pytest.fixture(scope="module", params=FOUND)
def found(request):
    return FOUND[request.param]()


def test_the_page_needs_no_other_file_and_no_script(found):
    page = Page(found.page)
    assert [one for one in page.asked if not one.startswith("data:")] == []
    assert "script" not in page.tags
    assert not re.search(r"@import|url\(", found.page)


def test_every_link_leads_somewhere_and_every_picture_is_described(found):
    page = Page(found.page)
    assert set(page.linked) <= page.places
    assert all(image["alt"].strip() for image in page.images)


def test_every_unit_and_the_text_of_the_command_are_on_the_page(found):
    for row in found.rows:
        assert str(row.get("unit", row.get("layer"))) in found.page
    assert found.text.splitlines()[0].strip()[:20] in found.page


def test_the_page_is_saved_with_the_other_files(found, tmp_path):
    assert (found.save(tmp_path / "out") / "report.html").read_text(encoding="utf-8") == found.page


def test_equal_findings_give_equal_pages(found):
    assert found.page == found.page


def test_of_very_many_visualizations_some_are_shown_and_their_number_is_said():
    found = fv.maximize("digits", "conv2:0-31,hidden:0-31,logits", steps=1)
    assert found.page.count('class="card"') == 64
    assert "of the 74 units" in found.page


def test_images_on_the_way_stand_on_the_card():
    page = FOUND["maximize"]().page
    assert page.count("How it came about") == 3
    assert page.count("logits:0, 2: ") == 1
