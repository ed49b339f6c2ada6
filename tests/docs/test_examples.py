"""The Python in the guides and the reference runs."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [
    "api/theory.md",
    "api/verbs.md",
    "api/verify.md",
    "guides/certified-extrema.md",
    "guides/fooling.md",
    "guides/neurons.md",
    "guides/own-method.md",
    "guides/python.md",
    "guides/reading.md",
    "guides/visualizations.md",
    "guides/what-the-audit-measures.md",
]


def blocks(page):
    return "\n".join(
        re.findall(r"^```python\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks(page), page, "exec"), {"__name__": page})


@pytest.mark.slow
def test_the_python_of_the_reference_for_real_networks_runs():
    namespace = {}
    exec(compile(blocks("api/empirical.md"), "api/empirical.md", "exec"), namespace)
    assert len(namespace["runs"]) == 4
