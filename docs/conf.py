"""How the site is built: `make docs`."""

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version as installed
from pathlib import Path
from types import FunctionType

import click
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

sys.path.insert(0, str(Path(__file__).parents[1]))

from fvproof.cli.examples import EXAMPLES
from fvproof.cli.main import COMMANDS
from fvproof.cli.manual import manual

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "fvproof"
author = "fvproof contributors"
copyright = "2026, fvproof contributors"
version = release = installed("fvproof")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_click",
    "sphinx_copybutton",
    "answers",
]
exclude_patterns = ["_build", "rendered", "examples"]
templates_path = ["_templates"]
html_theme = "furo"
html_title = f"fvproof {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]

# What a button copies can be typed: no prompts, and nothing that a command printed.
copybutton_exclude = ".linenos, .gp, .go"
copybutton_selector = "div.cell_input pre, .highlight-console pre, .highlight-python pre, .highlight-bash pre"

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

suppress_warnings = ["mystnb.unknown_mime_type", "ref.python"]

default_role = "code"
smartquotes_action = "De"  # quotes stay as one types them
autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Source", "notes_style"), ("Not claimed", "notes_style")]


REMARK = re.compile(r"(Source|Not claimed): (.*)")
"""A remark at the end of a docstring, which is a section of its own on a page."""

RANKS = {"function": 0, "class": 1, "exception": 1, "data": 2}
"""The order of what a module holds: what one calls first, constants last."""

LETTERS = re.compile(r"([\\*`|_])")
"""What a text in reStructuredText needs a backslash before."""

OPTION = re.compile(r"(?<!\.\. option:: )(?<![\w`-])(--[a-z][a-z-]*)")
"""An option in a text, which is not yet marked as code."""

ESCAPED = r"\\\1"

PAGE = """
.. click:: fvproof.cli.{name}:command
   :prog: fvproof {name}
   :nested: full
"""


def remarks(_app: Sphinx, _kind: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Make sections of remarks, which would be read as part of the section above them."""
    found = [(line, REMARK.fullmatch(line)) for line in lines]
    parts = [[one[1], "-" * len(one[1]), one[2][0].upper() + one[2][1:]] if one else [line] for line, one in found]
    lines[:] = [line for part in parts for line in part]


def bars(_app: Sphinx, _kind: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Keep |x| in docstrings from being read as a substitution of that name; examples stay as they are."""
    lines[:] = [line if line.lstrip().startswith((">>>", "...")) else line.replace("|", "∣") for line in lines]


def foreign(_app: Sphinx, _kind: str, _name: str, member: object, _skip: object, _options: object) -> bool | None:
    """Leave out what a class gets from another package."""
    theirs = isinstance(member, FunctionType) and not member.__module__.startswith("fvproof")
    return True if theirs else None


def ranked(_app: Sphinx, tree: nodes.document) -> None:
    """Put functions first and constants last, on the page of each module."""
    for section in tree.findall(nodes.section):
        described = [node for node in section.children if isinstance(node, addnodes.desc) and node["domain"] == "py"]
        pairs = [(node, [node.parent[node.parent.index(node) - 1], node]) for node in described]
        for _, pair in pairs:
            for node in pair:
                section.remove(node)
        for _, pair in sorted(pairs, key=lambda one: RANKS.get(one[0]["objtype"], 0)):
            section.extend(pair)


def linked(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Make every name of the package and every command that stands in a text as code a link to its page."""
    explained = app.env.get_domain("py").objects
    for name in [*tree.findall(nodes.literal)]:
        said = name.astext()
        found = explained.get(re.sub(r"^fv\.", "fvproof.", said))
        place = (found.docname, found.node_id) if found else _page_of(said)
        if place and (place[0] != page or said.startswith("fv.")) and not isinstance(name.parent, nodes.reference):
            name.replace_self(make_refnode(app.builder, page, *place, name.deepcopy()))


def _page_of(said: str) -> tuple[str, str] | None:
    """Return the page of a command, such as `fvproof audit`."""
    name = said.removeprefix("fvproof ")
    return (f"commands/{name}", "") if name != said and name in COMMANDS else None


def pages_of_commands(_app: Sphinx) -> None:
    """Write a page for each command: a command that is added has one."""
    folder = HERE / "commands"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.rst"):
        old.unlink()
    for name in COMMANDS:
        (folder / f"{name}.rst").write_text(PAGE.format(name=name), encoding="utf-8")
    listed = "".join(
        f"- :doc:`fvproof {name} <commands/{name}>`: {LETTERS.sub(ESCAPED, said)}\n" for name, said in COMMANDS.items()
    )
    (folder / "list.txt").write_text(listed, encoding="utf-8")


def usage(_app: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Show the usage as the command's help does."""
    told = context.get_usage().removeprefix("Usage: ").split()
    lines[:] = [".. code-block:: console", "", f"    $ {' '.join(told)}"]


def as_typed(_app: Sphinx, _context: click.Context, lines: list[str]) -> None:
    """Show defaults, and options in a text, as one types them: two hyphens are no dash."""
    lines[:] = [re.sub(r":default: ``'(.*)'``", r":default: ``\1``", OPTION.sub(r"``\1``", line)) for line in lines]


def with_manual(_app: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Show below a command's options what its help says there: what MODEL or CLASS can be, examples."""
    name = context.command_path.removeprefix("fvproof").strip()
    if name in EXAMPLES:
        lines.extend(_manual(context.command, name))


def _manual(command: click.Command, name: str) -> Iterator[str]:
    """Yield the lines of a command's manual."""
    for title, pairs in manual(command, name):
        yield from (f".. rubric:: {title}", "")
        for term, said in pairs:
            text = LETTERS.sub(ESCAPED, said)
            if title == "Examples":
                yield from (f"{text[0].upper()}{text[1:]}:", "", ".. code-block:: console", "", f"    $ {term}", "")
            else:
                yield from (f"``{term}``", f"    {text}", "")


def setup(app: Sphinx) -> None:
    """Register what this file adds to Sphinx."""
    app.connect("builder-inited", pages_of_commands)
    app.connect("autodoc-process-docstring", remarks, priority=400)  # before the sections are read
    app.connect("autodoc-process-docstring", bars, priority=900)
    app.connect("autodoc-skip-member", foreign)
    app.connect("doctree-read", ranked, priority=400)  # before the contents are collected
    app.connect("doctree-resolved", linked)
    app.connect("sphinx-click-process-usage", usage)
    for part in ("description", "options"):
        app.connect(f"sphinx-click-process-{part}", as_typed)
    app.connect("sphinx-click-process-epilog", with_manual)
    for name in COMMANDS:  # in the code each command is called `command`, in the reference it has its own name
        import_module(f"fvproof.cli.{name}").command.name = name
