"""How runs end: no failure looks like a verdict, and what cannot be written is said, or not, as other programs do."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from fvproof.cli.endings import exit_code
from fvproof.cli.fool import METHODS
from fvproof.cli.main import COMMANDS, main
from fvproof.theory.errors import DomainError
from tests.processes import ENVIRONMENT, ROOT

BUFFERED = {name: value for name, value in ENVIRONMENT.items() if name != "PYTHONUNBUFFERED"}
CALLS = {name: [name] for name in COMMANDS if name != "fool"} | {f"fool_{name}": ["fool", name] for name in METHODS}


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code, *capsys.readouterr()


def raising(error):
    def fail(**_):
        raise error

    return fail


@pytest.fixture(params=CALLS)
def broken(request, monkeypatch):
    """Return the call of a command of which nothing works."""
    command = import_module(f"fvproof.cli.{request.param}").command
    command = getattr(command, "commands", {}).get("make", command)
    monkeypatch.setattr(command, "params", [])
    monkeypatch.setattr(command, "callback", raising(ZeroDivisionError("nobody\nforesaw it")))
    monkeypatch.delenv("FVPROOF_DEBUG", raising=False)
    return CALLS[request.param]


def test_an_error_that_nobody_foresaw_is_70_and_one_line_that_says_how_to_report_it(broken, capsys):
    code, out, err = run(capsys, *broken)
    assert (code, out) == (70, "")
    (line,) = err.splitlines()
    assert line.startswith("fvproof: an unforeseen error, which is no verdict: ZeroDivisionError: nobody foresaw it; ")
    assert "--debug or FVPROOF_DEBUG=1" in line


def test_the_traceback_is_shown_on_demand_before_and_after_the_name_of_a_command_and_by_the_environment(
    broken, capsys, monkeypatch
):
    for arguments in (["--debug", *broken], [*broken, "--debug"]):
        code, _, err = run(capsys, *arguments)
        assert code == 70
        assert "Traceback (most recent call last)" in err
        assert "in fail" in err
    monkeypatch.setenv("FVPROOF_DEBUG", "1")
    assert "Traceback" in run(capsys, *broken)[2]
    monkeypatch.setenv("FVPROOF_DEBUG", "0")
    assert "Traceback" not in run(capsys, *broken)[2]


class Mute(Exception):
    def __str__(self):
        raise ValueError


def deep():
    return deep()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (Mute(), 70, "no verdict: Mute; please report"),
        (EOFError(), 70, "no verdict: EOFError; please report"),
        (SystemExit(1), 70, "no verdict: SystemExit: 1; please report"),
        (BrokenPipeError(32, "Broken pipe"), 70, "no verdict: BrokenPipeError"),  # of a pipe that nobody else reads
        (RuntimeError("x" * 3), 70, "RuntimeError: xxx"),
        (MemoryError(), 2, "fvproof: out of memory: there must be more room"),
        (OSError(28, "No space left on device"), 2, "fvproof: input and output must be open, and have room: No space"),
        (OSError(36, "File name too long", "aaa"), 2, "fvproof: aaa: File name too long"),
        (DomainError("a point\nmust lie in the cube"), 2, "fvproof: a point must lie in the cube"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_is_raised_has_an_exit_code_that_is_no_verdict(capsys, error, code, said):
    assert exit_code(lambda: raising(error)()) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == (1 if said else 0)


def test_a_recursion_without_end_is_70(capsys):
    assert exit_code(deep) == 70
    assert "RecursionError" in capsys.readouterr().err


def shell(line, **options):
    """Run a line of shell, in which $FVPROOF is the command."""
    line = line.replace("$FVPROOF", f"{sys.executable} -m fvproof")
    given = {"env": BUFFERED, "cwd": ROOT, "capture_output": True, "text": True, "check": False}
    return subprocess.run(["bash", "-c", line], **{**given, **options})


@pytest.mark.parametrize(
    "line", ["$FVPROOF --help | true", "$FVPROOF --help 2>&1 | true", "$FVPROOF nothing 2>&1 | true"]
)
@pytest.mark.parametrize(
    "environment", [BUFFERED, BUFFERED | {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"]
)
def test_a_reader_that_goes_away_is_no_news(line, environment):
    waits = line.replace("| true", "| sleep 0; exit ${PIPESTATUS[0]}")  # a reader that closes the pipe at once
    ended = shell(waits, env=environment)
    assert ended.returncode in ((2,) if "nothing" in line else (0, 141))
    assert (ended.stdout, ended.stderr) == ("", "")


def test_of_thousands_of_answers_one_may_be_read(tmp_path):
    (tmp_path / "queries.jsonl").write_text('{"class": "convex"}\n' * 20_000)
    ended = shell(f"$FVPROOF interval --batch {tmp_path}/queries.jsonl | head -1; exit ${{PIPESTATUS[0]}}")
    assert ended.returncode == 141
    assert json.loads(ended.stdout) == {"error": "the query lacks argmin, argmax, min, max, at"}
    assert ended.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "environment", [BUFFERED, BUFFERED | {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"]
)
def test_a_full_disk_is_one_line(environment):
    ended = shell("$FVPROOF --help > /dev/full", env=environment)
    said = "fvproof: input and output must be open, and have room: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (2, said)


@pytest.mark.parametrize("line", ["$FVPROOF --help >&-", "$FVPROOF interval --batch - <&-"])
def test_a_closed_stream_is_one_line(line):
    ended = shell(line)
    said = "fvproof: input and output must be open, and have room: Bad file descriptor\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", said)


def test_without_standard_error_the_exit_code_still_tells():
    assert shell("$FVPROOF nothing 2>&-").returncode == 2


def test_a_terminal_that_lacks_a_letter_is_no_reason_to_stop():
    ended = shell("$FVPROOF interval --help", env=BUFFERED | {"PYTHONIOENCODING": "latin-1"})
    assert ended.returncode == 0
    assert "\\u27e8x\\u2212c" in ended.stdout


@pytest.mark.parametrize("arguments", [(), ("fool",)])
def test_where_nothing_is_asked_the_help_is_shown_line_by_line(capsys, arguments):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("Usage: ")
    assert len(err.splitlines()) > 10


def test_completions_for_a_shell_are_still_given():
    ended = shell("_FVPROOF_COMPLETE=bash_complete COMP_WORDS='fvproof ta' COMP_CWORD=1 $FVPROOF")
    assert (ended.returncode, ended.stdout) == (0, "plain,table\n")
