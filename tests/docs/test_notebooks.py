"""The notebooks still give what their rendered pages show, and have all that a notebook is to have."""

import re
import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from fvproof.theory.statements import STATEMENTS

DOCS = Path(__file__).parents[2] / "docs"


def loaded():
    spec = spec_from_file_location("docs_render", DOCS / "render.py")
    module = sys.modules["docs_render"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


render = loaded()
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in render.notebooks()}
OVERVIEWS = {"table", "reliable"}
"""Pages about other pages."""
NO_NETWORKS = {"smooth"}
"""Pages whose witnesses are no networks."""


@pytest.mark.parametrize("notebook", render.notebooks(), ids=lambda path: path.stem)
def test_a_notebook_gives_what_its_rendered_page_shows(notebook):
    assert render.stale(render.render(notebook)) == []


@pytest.mark.parametrize("key", STATEMENTS)
def test_a_statement_is_shown_with_its_proof_and_mutants_on_exactly_one_page(key):
    (text,) = [text for text in TEXTS.values() if f'statement("{key}")' in text]
    name = re.search(rf'^(\w+) = proof\("{key}"\)$', text, re.MULTILINE)[1]
    assert f"\nsteps({name}.steps)\n" in text
    assert f"\nmutants({name}.mutants)\n" in text


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - OVERVIEWS))
def test_a_page_has_pictures_in_one_and_two_dimensions_and_a_network(name):
    assert re.search(r"^(band|curves|with_exemplars)\(", TEXTS[name], re.MULTILINE)
    assert re.search(r"^(square|disc|radius|order)\(", TEXTS[name], re.MULTILINE)
    assert name in NO_NETWORKS or re.search(r"^(network|squares)\(", TEXTS[name], re.MULTILINE)


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_ends_in_a_cell_whose_numbers_the_reader_changes(name):
    assert "```{code-cell}" in TEXTS[name].partition("\n## Your turn")[2]


@pytest.mark.parametrize("name", TEXTS)
def test_mathematics_in_a_line_has_no_escapes_which_code_hosts_take_for_their_own(name):
    prose = re.sub(r"^```.*?^```$", "", TEXTS[name], flags=re.MULTILINE | re.DOTALL)
    assert [formula for formula in re.findall(r"\$([^$\n]+)\$", prose) if re.search(r"\\[^A-Za-z]", formula)] == []


@pytest.mark.parametrize("key", STATEMENTS)
def test_the_formula_of_a_statement_holds_only_what_every_typesetter_knows(key):
    assert STATEMENTS[key].latex.isascii()


def test_a_rendered_page_says_for_which_dimensions_a_statement_is_proved():
    text = (render.RENDERED / "affine.md").read_text(encoding="utf-8")
    assert "(`affine`), from Geirhos et al., ICML 2024, section 4, Theorems 1 and 2; proved for every d." in text
    assert "(`affine-line`), from Geirhos et al., ICML 2024, section 4; proved for d = 1." in text
    assert "*Taken for granted:* induction:" in text


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


@pytest.fixture(scope="module")
def definitions():
    return render.render(DOCS / "notebooks" / "definitions.md")


@pytest.mark.parametrize(("old", "new"), [("| proved |", "| **refuted** |"), ("<!-- drawn: ", "<!-- drawn: 0")])
def test_a_changed_verdict_or_picture_makes_a_page_stale(definitions, old, new):
    assert render.stale(replace(definitions, text=definitions.text.replace(old, new, 1)))


def test_another_model_of_the_solver_does_not_make_a_page_stale(definitions):
    text = definitions.text.replace("high = 1, low = 0", "high = 3, low = 2")
    assert text != definitions.text
    assert not render.stale(replace(definitions, text=text))


def test_an_error_in_a_cell_is_an_error_of_the_page(tmp_path):
    broken = tmp_path / "broken.md"
    broken.write_text("# Broken\n\n```{code-cell} ipython3\n1 / 0\n```\n", encoding="utf-8")
    with pytest.raises(ZeroDivisionError):
        render.render(broken)


def test_the_table_in_the_readme_is_the_computed_one():
    assert render.readme() == render.README.read_text(encoding="utf-8")
