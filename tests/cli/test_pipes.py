"""What is given through pipes: those of a shell are read, one that nobody writes to is not waited for."""

import json
import os
import subprocess
import sys

import pytest

from fvproof.verify.refutation.asking import time_limit
from tests.cli.test_interval import CORNERS, QUERY, run


@pytest.mark.parametrize(
    "arguments",
    [
        ["--batch", "pipe.jsonl"],
        ["erm", *CORNERS, "--at", "1,1", "--training", "pipe.jsonl"],
        ["convex", *CORNERS, "--at", "1,1", "--exemplars", "pipe.npz"],
        ["convex", *CORNERS, "--at", "pipe.npy"],
        ["convex", *CORNERS, "--at", "pipe.png"],
    ],
)
def test_a_named_pipe_is_refused_and_not_waited_for(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    for suffix in ("jsonl", "npz", "npy", "png"):
        os.mkfifo(f"pipe.{suffix}")
    with time_limit(60):
        code, out, err = run(capsys, *arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "must be a regular file, and is a named pipe" in err


@pytest.mark.parametrize("name", ["-", "/dev/stdin", "<(cat queries.jsonl)"])
def test_a_batch_comes_through_a_pipe_of_the_shell(tmp_path, name):
    (tmp_path / "queries.jsonl").write_text(json.dumps(QUERY), encoding="utf-8")
    line = f"cat queries.jsonl | {sys.executable} -P -m fvproof interval --batch {name}"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["radius"] == "1/4"
