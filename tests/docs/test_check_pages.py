"""The check of the site's pages finds what is wrong with a page, and nothing on a page that is right."""

import shutil
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def loaded():
    spec = spec_from_file_location("docs_check_pages", DOCS / "check_pages.py")
    module = sys.modules["docs_check_pages"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_pages = loaded()
MATHJAX = '<script>MathJax = {tex: {inlineMath: [["\\\\(", "\\\\)"]]}}</script><script src="mathjax.js"></script>'
BODIES = {
    "good": MATHJAX + r'<p class="math">\(x^2\)</p>',
    "unset": r'<p class="math">\(x^2\)</p>',
    "broken": MATHJAX + r'<p class="math">\(\frac{1}\)</p>',
    "missing": '<img src="picture.svg">',
    "online": '<script src="https://example.org/script.js"></script>',
    "wide": '<div style="width: 900px">a line that does not break</div>',
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(DOCS / "_static" / "mathjax" / "tex-svg-full.js", folder / "mathjax.js")
    for name, body in BODIES.items():
        (folder / f"{name}.html").write_text(f"<!doctype html><meta charset='utf-8'>{body}", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def found(site):
    pytest.importorskip("playwright", reason="pages are opened where the package playwright is installed")
    if not any(map(shutil.which, check_pages.CHROMIUM)):
        pytest.skip("pages are opened where Chromium is installed")
    with pytest.MonkeyPatch.context() as patch:
        said = []
        patch.setattr("builtins.print", lambda *words, **_: said.append(" ".join(map(str, words))))
        code = check_pages.main(site)
    return code, "\n".join(said).splitlines()


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("unset", "sets 0 of 1 formulas"),
        ("broken", "has formulas that are not well formed"),
        ("missing", "picture.svg, which is not there"),
        ("online", "https://example.org/script.js, which is not there"),
        ("wide", "pixels wide on a screen of 390"),
    ],
)
def test_a_fault_of_a_page_is_found(found, page, fault):
    code, said = found
    assert code == 1
    (line,) = [line for line in said if line.startswith(f"{page}.html ")]
    assert fault in line


def test_a_page_that_is_right_has_no_faults(found):
    assert [line for line in found[1] if line.startswith("good.html")] == []


def test_where_no_browser_is_one_line_says_so(site, monkeypatch, capsys):
    monkeypatch.setattr(check_pages.shutil, "which", lambda _name: None)
    assert check_pages.main(site) == 0
    assert capsys.readouterr().err.count("\n") == 1


def test_a_site_without_pages_fails(tmp_path, capsys):
    assert check_pages.main(tmp_path) == 2
    assert "run `make docs` first" in capsys.readouterr().err
