import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="the site's own tests need the extra `docs`")

from docutils.core import publish_doctree

FILE = Path(__file__).parents[2] / "docs" / "answers.py"
SPEC = importlib.util.spec_from_file_location("answers", FILE)
assert SPEC is not None
assert SPEC.loader is not None
answers = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(answers)


def dressed(*rows):
    """Return the table of these rows, the first its heading, as it stands on a page."""
    cells = "".join("   * - " + "\n     - ".join(row) + "\n" for row in rows)
    tree = publish_doctree(f".. list-table::\n   :header-rows: 1\n\n{cells}")
    answers.dressed(None, tree, "page")
    (table,) = tree.findall(answers.nodes.table)
    return table


def test_cells_that_answer_are_marked_and_keep_their_word():
    table = dressed(["class", "side", "order"], ["convex", "no", "sometimes"], ["affine", "yes", "0"])
    classes = [cell["classes"] for cell in table.findall(answers.nodes.entry)]
    assert classes[3:] == [[], ["answer-no"], ["answer-sometimes"], [], ["answer-yes"], []]
    assert "sometimes" in table.astext()
    assert "answers" in table["classes"]


def test_each_cell_of_a_wide_table_bears_the_name_of_its_column_for_phones():
    text = "a sentence that is longer than a cell of a phone can hold"
    table = dressed(["paper", "here", "what differs"], ["Figure 1", text, text])
    assert "stacked" in table["classes"]
    names = [node.astext() for node in table.findall(answers.nodes.inline) if "column" in node["classes"]]
    assert names == ["here", "what differs"]


@pytest.mark.parametrize("rows", [(["steps", "ms"], ["48", "14.5"]), (["layer", "a", "b"], ["conv1", "0.1", "0.2"])])
def test_a_table_of_numbers_stays_a_table(rows):
    table = dressed(*rows)
    assert table["classes"] == []
