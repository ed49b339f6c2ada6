"""The repository's own rules: what is added must be in the table, the documentation and the tests."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name

import pytest

import fvproof
from fvproof.cli.fool import METHODS
from fvproof.cli.main import COMMANDS
from fvproof.empirical.auditing.judgement import RULE
from fvproof.empirical.claim.verdict import RULE as OF_CLAIMS
from fvproof.theory.classes import CLASSES, RELIABLE
from fvproof.theory.overview import overview
from fvproof.theory.statements import STATEMENTS
from fvproof.verify.proving.proof import proved_keys

ROOT = Path(__file__).parents[1]
ROOMS = ("theory", "verify", "empirical", "fvproof")
MODULES = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if path.stem not in {"__init__", "__main__"}
)
LISTED = [
    path
    for folder in (*ROOMS, "tests", "docs", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "_build" not in path.parts
]
PAGES = [
    *ROOT.glob("*.md"),
    *(path for path in (ROOT / "docs").rglob("*.md") if not {"_build", "rendered"} & set(path.parts)),
]
NOTEBOOKS = {path.stem for path in (ROOT / "docs" / "notebooks").glob("*.md")}
NOT_COMMANDS = {"completion", "endings", "equipment", "examples", "main", "manual", "numbers", "options", "queries"}


def dotted(path):
    """Return the name under which a file is imported: the rooms lie beside `fvproof`, and are imported from it."""
    return "fvproof." + ".".join(path.relative_to(ROOT).with_suffix("").parts).removeprefix("fvproof.")


def is_public_class(node):
    """Return whether a line of a module defines a class that others may use."""
    return isinstance(node, ast.ClassDef) and not node.name.startswith("_")


def exists(name):
    """Return whether a dotted name is a module of the package or something in one."""
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def loaded_by(code):
    """Return the names of the modules that a fresh interpreter holds after running the code."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def documented_command_lines():
    """Return every line of the documentation's blocks that calls fvproof, with the page it is on."""
    fence, call = (
        re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL),
        re.compile(r"^\s*(?:\$ )?fvproof (.*?)(?: #.*)?$"),
    )
    blocks = [(page, block) for page in PAGES for block in fence.findall(page.read_text(encoding="utf-8"))]
    lines = [(page, line) for page, block in blocks for line in re.sub(r"\\\n\s*", " ", block).splitlines()]
    return [
        pytest.param(found[1], id=f"{page.stem}: {found[1]}") for page, line in lines if (found := call.match(line))
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_file_tests_and_a_place_in_the_readme(name):
    command = import_module(f"fvproof.cli.{name}").command
    assert command.help, f"fvproof {name} has no help"
    tests = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "cli").glob("test_*.py")}
    assert f"test_{name}" in tests or any(f'run("{name}"' in text for text in tests.values())
    assert f"fvproof {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in fvproof.__all__ if name[0].islower()])
def test_every_verb_has_an_example_a_test_and_a_place_in_the_reference(name):
    said = getattr(fvproof, name).__doc__
    assert [part for part in ("Returns\n", "Examples\n") if part not in said] == []
    reference = (ROOT / "docs" / "api" / "verbs.md").read_text(encoding="utf-8")
    assert f"| `fv.{name}` |" in reference, f"no table of docs/api/verbs.md has fv.{name}"
    assert f"autofunction:: fvproof.{name}\n" in reference, f"docs/api/verbs.md does not explain fvproof.{name}"
    tests = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "verbs").glob("test_*.py")]
    assert any(re.search(rf"\bfv\.{name}\b", text) for text in tests), f"nothing in tests/verbs calls fv.{name}"


def test_every_file_of_the_command_line_is_a_command():
    files = {path.stem for path in MODULES if path.parent == ROOT / "fvproof" / "cli"}
    assert files - NOT_COMMANDS == set(COMMANDS) | {f"fool_{method}" for method in METHODS}


@pytest.mark.parametrize("line", documented_command_lines())
def test_every_documented_command_line_names_a_command_and_options_that_exist(line):
    name, *arguments = line.split()
    if name.startswith("-"):
        return
    assert name in COMMANDS
    modules = [f"fvproof.cli.{name}", *(f"fvproof.cli.fool_{word}" for word in arguments[:2] if word in METHODS)]
    commands = [import_module(module).command for module in modules]
    inside = [sub for command in commands for sub in getattr(command, "commands", {}).values()]
    parameters = [parameter for command in [*commands, *inside] for parameter in command.params]
    known = {option for parameter in parameters for option in parameter.opts}
    given = {argument.split("=")[0] for argument in arguments if argument.startswith("--")}
    assert given <= known | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_make_target_in_the_documentation_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)|^ {4}make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)) <= {
        pair for target in targets for pair in ((target, ""), ("", target))
    }


@pytest.mark.parametrize("name", [*CLASSES, *RELIABLE])
def test_every_class_has_a_statement_a_proof_and_a_notebook(name):
    file = (CLASSES | RELIABLE)[name].__module__.rpartition(".")[2]
    assert name in STATEMENTS, f"theory/classes/{file}.py states nothing under the name {name}"
    assert name in proved_keys(), f"no file of verify/proofs proves {name}"
    assert name in NOTEBOOKS, f"docs/notebooks/{name}.md is missing"


def test_every_class_is_in_the_table():
    assert {row.name for row in overview()} == {*CLASSES, *RELIABLE}


def test_every_file_of_classes_is_in_their_registry():
    files = {path.stem for path in (ROOT / "theory" / "classes").glob("*.py")} - {"__init__", "base"}
    assert {each.__module__.rpartition(".")[2] for each in (CLASSES | RELIABLE).values()} == files


def test_every_statement_is_proved_and_every_proof_is_of_a_statement():
    assert proved_keys() == set(STATEMENTS)


def test_every_statement_and_its_proof_are_in_a_notebook():
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "notebooks").glob("*.md"))
    assert [key for key in STATEMENTS if f'statement("{key}")' not in text or f'proof("{key}")' not in text] == []


def test_the_guide_states_the_rule_of_the_verdict_as_it_is():
    guide = (ROOT / "docs" / "guides" / "what-the-audit-measures.md").read_text(encoding="utf-8")
    assert " ".join(RULE.split()) in " ".join(guide.replace("\n>", " ").split())


def test_the_guide_states_the_rule_of_claims_as_it_is():
    guide = (ROOT / "docs" / "guides" / "claim.md").read_text(encoding="utf-8")
    assert " ".join(OF_CLAIMS.split()) in " ".join(guide.replace("\n>", " ").split())


def test_one_name_of_a_class_means_one_thing():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
    found = [(node.name, dotted(path)) for path, tree in trees.items() for node in tree.body if is_public_class(node)]
    places = {name: [place for other, place in found if other == name] for name, _ in found}
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_file_is_longer_than_300_lines():
    assert [str(path) for path in LISTED if len(path.read_text(encoding="utf-8").splitlines()) > 300] == []


def test_every_name_of_the_package_in_the_documentation_exists():
    names = {name for page in PAGES for name in re.findall(r"`(fvproof(?:\.\w+)+)`", page.read_text(encoding="utf-8"))}
    assert sorted(name for name in names if not exists(name)) == []


def test_the_theory_loads_neither_torch_nor_a_solver():
    modules = ", ".join(dotted(path) for path in MODULES if path.is_relative_to(ROOT / "theory"))
    assert not {"torch", "z3", "highspy", "onnx", "matplotlib"} & loaded_by(f"import {modules}")


def test_the_door_loads_nothing_but_itself():
    held = loaded_by("import fvproof; dir(fvproof), fvproof.__all__") - loaded_by("import importlib")
    assert held == {"fvproof"}


def test_the_help_loads_nothing_heavy():
    code = "from fvproof.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    assert not {"torch", "z3", "numpy", "sympy", "onnx", "matplotlib"} & loaded_by(code)


def test_nothing_is_left_to_do_and_no_machine_is_named():
    forbidden = re.compile(r"\b(TODO|FIXME|XXX)\b|(?<![\w.])/(work|home|root|Users)/")
    texts = {path: path.read_text(encoding="utf-8") for path in [*LISTED, *PAGES] if path != Path(__file__)}
    assert [str(path) for path, text in texts.items() if forbidden.search(text)] == []
