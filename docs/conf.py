"""How the site is built: `make docs`."""

import sys
from importlib import import_module
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

sys.path.insert(0, str(Path(__file__).parents[1]))

from fvproof.cli.main import COMMANDS

project = "fvproof"
author = "the authors of fvproof"
copyright = "2026, the authors of fvproof"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_click",
]
suppress_warnings = ["toc.empty_glob"]  # of notebooks that the index does not name there may be none
exclude_patterns = ["_build", "rendered", "examples"]
templates_path = ["_templates"]
html_theme = "furo"
html_title = "fvproof"
html_static_path = ["_static"]
html_css_files = ["site.css"]

# Mathematics without a network: MathJax lies beside the pages.
mathjax_path = "mathjax/tex-svg-full.js"
mathjax3_config = {"options": {"enableMenu": False}}
myst_enable_extensions = ["amsmath", "dollarmath", "colon_fence"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 3

# Every build runs every proof anew; a cell that fails, fails the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_code_prompt_show = "What is imported"
nb_code_prompt_hide = "What is imported"
nb_render_markdown_format = "myst"

default_role = "code"
autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_custom_sections = [("Source", "notes_style")]
suppress_warnings = ["mystnb.unknown_mime_type", "ref.python"]


def bars(_app: Sphinx, _kind: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Keep |x| in docstrings from being read as a substitution of that name; examples stay as they are."""
    lines[:] = [line if line.lstrip().startswith((">>>", "...")) else line.replace("|", "∣") for line in lines]


def linked(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Make every name of the package that stands in a text as code a link to where it is explained."""
    explained = app.env.get_domain("py").objects
    for name in [node for node in tree.findall(nodes.literal) if node.astext() in explained]:
        found = explained[name.astext()]
        if found.docname != page and not isinstance(name.parent, nodes.reference):
            name.replace_self(make_refnode(app.builder, page, found.docname, found.node_id, name.deepcopy()))


def setup(app: Sphinx) -> None:
    """Register what this file adds to Sphinx."""
    app.connect("autodoc-process-docstring", bars, priority=900)
    app.connect("doctree-resolved", linked)
    for name in COMMANDS:  # in the code each command is called `command`, in the reference it has its own name
        import_module(f"fvproof.cli.{name}").command.name = name
