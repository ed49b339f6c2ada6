"""The notebooks still give what their rendered pages show, and every row of the table has one."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def loaded():
    spec = spec_from_file_location("docs_render", DOCS / "render.py")
    module = sys.modules["docs_render"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


render = loaded()


@pytest.mark.parametrize("notebook", render.notebooks(), ids=lambda path: path.stem)
def test_a_notebook_gives_what_its_rendered_page_shows(notebook):
    assert render.stale(render.render(notebook)) == []


def test_there_is_a_rendered_page_for_every_notebook_and_for_nothing_else():
    assert {path.stem for path in render.RENDERED.glob("*.md")} == {path.stem for path in render.notebooks()} | {
        "README"
    }


def test_every_rendered_picture_is_shown_on_a_page():
    shown = "\n".join(path.read_text(encoding="utf-8") for path in render.RENDERED.glob("*.md"))
    assert [
        path.name
        for path in (render.RENDERED / "pictures").iterdir()
        if f"({path.parent.name}/{path.name})" not in shown
    ] == []


def test_a_changed_verdict_or_picture_makes_a_page_stale(tmp_path):
    page = render.render(DOCS / "notebooks" / "definitions.md")
    page.text = page.text.replace("| proved |", "| **refuted** |", 1)
    assert render.stale(page)
    page = render.render(DOCS / "notebooks" / "definitions.md")
    page.text = page.text.replace("<!-- drawn: ", "<!-- drawn: 0", 1)
    assert render.stale(page)


def test_another_model_of_the_solver_does_not_make_a_page_stale():
    page = render.render(DOCS / "notebooks" / "definitions.md")
    page.text = page.text.replace("high = 1, low = 0", "high = 3, low = 2")
    assert not render.stale(page)


def test_an_error_in_a_cell_is_an_error_of_the_page(tmp_path):
    broken = tmp_path / "broken.md"
    broken.write_text("# Broken\n\n```{code-cell} ipython3\n1 / 0\n```\n", encoding="utf-8")
    with pytest.raises(ZeroDivisionError):
        render.render(broken)


def test_the_table_in_the_readme_is_the_computed_one():
    assert render.readme() == render.README.read_text(encoding="utf-8")
