"""Run the notebooks and write them as plain Markdown with pictures, to be read without building the site.

python docs/render.py            write docs/rendered/
python docs/render.py --check    fail if a page is not what its notebook gives now

myst-nb does not write Markdown: it keeps executed notebooks (.ipynb), in which neither links between pages nor formulas
are shown where a repository is read, and which differ with each run. Here a picture is compared by what was drawn, and
counterexamples by all but their numbers.
"""

from __future__ import annotations

import ast
import re
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from subprocess import run

HERE = Path(__file__).parent
NOTEBOOKS, RENDERED = HERE / "notebooks", HERE / "rendered"
INDEX, README = NOTEBOOKS / "index.md", HERE.parent / "README.md"
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(:tags: \[hide-input\]\n\n)?(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"(<!-- table -->).*(<!-- /table -->)", re.DOTALL)
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n+", re.DOTALL)


@dataclass
class Page:
    """A notebook's name, its Markdown, and its pictures by file name."""

    name: str
    text: str = ""
    pictures: dict[str, str] = field(default_factory=dict)


def notebooks() -> list[Path]:
    """Return the notebooks' sources, in the order of their index, and then those that it does not speak of."""
    listed = [NOTEBOOKS / name for name in re.findall(r"\]\((.*?\.md)\)", INDEX.read_text(encoding="utf-8"))]
    return [*listed, *sorted({*NOTEBOOKS.glob("*.md")} - {INDEX, *listed})]


def render(source: Path) -> Page:
    """Run a notebook's cells, in order and in one namespace, and return its page."""
    sys.path.insert(0, str(NOTEBOOKS))
    try:
        return _render(source)
    finally:
        sys.path.remove(str(NOTEBOOKS))


def _render(source: Path) -> Page:
    """Run a notebook whose imports are on the path."""
    page, namespace = Page(source.stem), {"__name__": source.stem}

    def filled(cell: re.Match) -> str:
        printed, value = _executed(cell[2], namespace, source.name)
        code = f"```python\n{cell[2].strip()}\n```"
        folded = f"<details>\n<summary>What is imported</summary>\n\n{code}\n\n</details>" if cell[1] else code
        return "\n\n".join([folded, *_printed(printed), *_shown(value, page)])

    text = CELL.sub(filled, FRONT_MATTER.sub("", source.read_text(encoding="utf-8")))
    page.text = _comment(source) + text
    return page


def _executed(code: str, namespace: dict, name: str) -> tuple[str, object]:
    """Run one cell; return what it printed and the value of its last line."""
    body = ast.parse(code, filename=name).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    with redirect_stdout(StringIO()) as printed:
        exec(compile(ast.Module(body, []), name, "exec"), namespace)
        value = eval(compile(ast.Expression(last.value), name, "eval"), namespace) if last else None
    return printed.getvalue(), value


def _printed(text: str) -> list[str]:
    """Return printed output as a block."""
    return [f"```text\n{text.rstrip()}\n```"] if text.strip() else []


def _shown(value: object, page: Page) -> list[str]:
    """Return the value of a cell as a picture, as Markdown, or as text, as a notebook shows it."""
    if value is None:
        return []
    if hasattr(value, "_repr_svg_"):
        file = f"{page.name}-{len(page.pictures) + 1}.svg"
        page.pictures[file] = value._repr_svg_()
        return [f"![{value.words}](pictures/{file})\n<!-- drawn: {value.fingerprint} -->"]
    if hasattr(value, "_repr_markdown_"):
        return [value._repr_markdown_()]
    return _printed(repr(value))


def index() -> Page:
    """Return the list of notebooks as the page that a reader of the folder sees first."""
    return Page(
        "README",
        _comment(INDEX) + re.sub(r"\n```\{toctree\}.*?```\n", "", INDEX.read_text(encoding="utf-8"), flags=re.DOTALL),
    )


def _comment(source: Path) -> str:
    """Return the first line of a rendered page."""
    return f"<!-- Written by docs/render.py from docs/notebooks/{source.name}; edit that file. -->\n\n"


def comparable(text: str) -> str:
    """Return the page without the counterexamples' numbers: another version of the solver may find other ones."""
    return re.sub(r"`[^`\n]* = [^`\n]*`", "`…`", text)


def write(page: Page) -> None:
    """Write a page and its pictures."""
    (RENDERED / "pictures").mkdir(parents=True, exist_ok=True)
    (RENDERED / f"{page.name}.md").write_text(page.text, encoding="utf-8")
    for name, svg in page.pictures.items():
        (RENDERED / "pictures" / name).write_text(svg, encoding="utf-8")


def stale(page: Page) -> list[str]:
    """Return what in docs/rendered differs from the page, as sentences."""
    file = RENDERED / f"{page.name}.md"
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    reasons = [] if comparable(kept) == comparable(page.text) else [f"{file} is not what its notebook gives"]
    missing = [name for name in page.pictures if not (RENDERED / "pictures" / name).exists()]
    return reasons + [f"{RENDERED / 'pictures' / name} is missing" for name in missing]


def readme() -> str:
    """Return README.md with the table as it is now computed."""
    done = run(
        [sys.executable, "-m", "fvproof", "table", "--format", "markdown"], capture_output=True, text=True, check=True
    )
    return TABLE.sub(rf"\1\n{done.stdout.strip()}\n\2", README.read_text(encoding="utf-8"))


def main(arguments: list[str]) -> int:
    """Write all pages, or some, or check them."""
    if arguments and arguments != ["--check"]:
        for name in arguments:
            write(render(NOTEBOOKS / f"{name}.md"))
        return 0
    pages = [index(), *(render(source) for source in notebooks())]
    if arguments:
        reasons = [reason for page in pages for reason in stale(page)]
        reasons += [] if readme() == README.read_text(encoding="utf-8") else [f"{README} shows another table"]
        print("\n".join(reasons) or f"{len(pages)} pages are up to date")
        return bool(reasons)
    for page in pages:
        write(page)
    README.write_text(readme(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
