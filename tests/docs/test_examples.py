"""The Python in the guides and the reference runs."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

import fvproof

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = sorted(f"guides/{path.name}" for path in (DOCS / "guides").glob("*.md"))
PAGES = ["api/theory.md", "api/verbs.md", "api/verify.md", *GUIDES]


def blocks(page, language="python"):
    """Return the code of a page: that in `python` runs as it stands, that in `py` is about networks of the reader's."""
    return "\n".join(
        re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks(page), page, "exec"), {"__name__": page})


@pytest.mark.parametrize("page", GUIDES)
def test_every_guide_shows_the_verbs(page):
    assert re.search(r"\bfv\.\w+\(", blocks(page))


@pytest.mark.parametrize("page", GUIDES)
def test_the_verbs_that_a_guide_names_exist(page):
    compile(blocks(page, "py"), page, "exec")
    said = set(re.findall(r"\bfv\.(\w+)", (DOCS / page).read_text(encoding="utf-8")))
    assert said <= {*fvproof.__all__}


SHOWN = re.search(r"as it stands::\n\n(.*?)\n\nEach", fvproof.__doc__, re.DOTALL)[1]


def test_the_help_of_the_package_names_every_function():
    assert {name for name in fvproof.__all__ if name[0].islower()} - {*re.findall(r"\bfv\.(\w+)", SHOWN)} == {
        "bench",
        "intervals",
    }


@pytest.mark.slow
def test_the_help_of_the_package_runs_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(dedent(SHOWN), "help", "exec"), {})
    assert (tmp_path / "audit" / "report.html").exists()


@pytest.mark.slow
def test_the_python_of_the_reference_for_real_networks_runs():
    namespace = {}
    exec(compile(blocks("api/empirical.md"), "api/empirical.md", "exec"), namespace)
    assert len(namespace["runs"]) == 4
