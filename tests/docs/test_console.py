"""What the documentation shows of the command line is what the command line prints."""

import re
import shlex
from pathlib import Path

import pytest

from fvproof.cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "guides").glob("*.md")]
QUICK = {"table", "interval", "prove", "refute"}
"""Commands that need nothing but the repository and answer within seconds."""


def shown():
    """Return (command line, output) for every block of the documentation that shows both."""
    blocks = [
        (page, text)
        for page in PAGES
        for text in re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    ]
    parts = [(page, part) for page, text in blocks for part in re.split(r"^\$ fvproof ", text, flags=re.M)[1:]]
    calls = [(page, *re.sub(r"\\\n\s*", " ", part).partition("\n")) for page, part in parts]
    return [
        pytest.param(line, output.strip(), id=f"{page.stem}: {line}")
        for page, line, _, output in calls
        if output.strip() and line.split()[0] in QUICK
    ]


def without_times(text):
    return re.sub(r"\d+\.\d+( s\b|$)", "#.#", re.sub(r"[ \t]+", " ", text), flags=re.M).strip()


@pytest.mark.parametrize(("line", "output"), shown())
def test_a_command_prints_what_the_documentation_shows(line, output, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit):
        main(shlex.split(line))
    printed = capsys.readouterr()
    got, wanted = without_times(printed.out + printed.err), without_times(output)
    assert got.startswith(wanted[:-1].strip()) if wanted.endswith("…") else got == wanted


def test_the_documentation_shows_an_interval_and_a_proof():
    assert {parameters.values[0].split()[0] for parameters in shown()} >= {"interval", "prove"}
