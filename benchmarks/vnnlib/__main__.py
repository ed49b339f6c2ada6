"""Decide properties with known answers, one process each, and compare: `python -m benchmarks.vnnlib DIR`.

DIR holds `results/expected.csv` (columns benchmark, network, property, expected) and, for each benchmark, the folders
`onnx` and `vnnlib`: the layout of the yearly competition of neural-network verifiers. Every instance is what a user
would type, `fvproof certify NET --property FILE`, followed by `fvproof check`; times include starting Python. Results
are appended to a file, line by line, and what is there already is not run again.
"""

import csv
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate
from tqdm import tqdm

FVPROOF = (sys.executable, "-m", "fvproof")
GRACE_S = 60.0
"""After its time is up, a process has so long to finish what it is doing, and to write it down."""


@click.command
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR")
@click.option("--only", metavar="NAME", help="Only this benchmark.")
@click.option("--timeout", default=60.0, show_default=True, metavar="S", help="Seconds for each instance.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes for each instance.  [default: all cores]")
@click.option("--out", type=click.Path(path_type=Path), default=Path("verdicts"), show_default=True, metavar="DIR")
def main(folder: Path, only: str | None, timeout: float, jobs: int | None, out: Path) -> None:
    """Decide the properties in DIR, and print what came out beside what is expected."""
    out.mkdir(parents=True, exist_ok=True)
    results = out / "results.jsonl"
    instances = [row for row in _read(folder / "results" / "expected.csv") if only in (None, row["benchmark"])]
    done = {_key(row): row for row in (json.loads(line) for line in _lines(results))}
    limits = ["--timeout", str(timeout), *([] if jobs is None else ["--jobs", str(jobs)])]
    for instance in tqdm([row for row in instances if _key(row) not in done], disable=None):
        row = _decided(folder, instance, limits, out)
        done[_key(row)] = row
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    rows = [done[_key(instance)] for instance in instances]
    click.echo(tabulate(rows, headers="keys", floatfmt=".2f"))
    click.echo("\n" + tabulate(list(_summary(rows)), headers="keys", floatfmt=".2f"))


def _read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _lines(path: Path) -> list[str]:
    """Return the lines of a file, none if there is no file."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what an instance is known by."""
    return row["benchmark"], row["network"], row["property"]


def _decided(folder: Path, instance: Mapping[str, str], limits: Sequence[str], out: Path) -> dict[str, Any]:
    """Return the outcome of one instance."""
    home = folder / instance["benchmark"]
    files = [str(home / "onnx" / instance["network"]), "--property", str(home / "vnnlib" / instance["property"])]
    certificate = out / f"{Path(instance['network']).stem}.{Path(instance['property']).stem}.json"
    asked = ("certify", *files, *limits, "--json", "--out", str(certificate))
    text, wall_s, cpu_s = _timed(asked, float(limits[1]) + GRACE_S)
    found = json.loads(text) if text else {"verdict": "no answer", "nodes": None}
    checked, check_s = None, None
    if found["verdict"] in ("sat", "unsat"):
        checked, _, check_s = _timed(("check", str(certificate)), None)
        certificate.unlink()
    return {
        **{name: instance[name] for name in ("benchmark", "network", "property", "expected")},
        "verdict": found["verdict"],
        "wall [s]": wall_s,
        "CPU [s]": cpu_s,
        "nodes": found["nodes"],
        "certificate": {None: None, "": "rejected"}.get(checked, "checked"),
        "check CPU [s]": check_s,
    }


def _timed(arguments: Sequence[str], limit_s: float | None) -> tuple[str, float, float]:
    """Return what a command prints (nothing if it fails), and its wall and processor seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    try:
        result = subprocess.run([*FVPROOF, *arguments], stdout=subprocess.PIPE, text=True, timeout=limit_s, check=False)
        text = result.stdout if result.returncode != 2 else ""
    except subprocess.TimeoutExpired:
        text = ""
    after, wall_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    return text, wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _summary(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    """Yield one row for each benchmark."""
    rows = list(rows)
    for name in dict.fromkeys(row["benchmark"] for row in rows):
        mine = [row for row in rows if row["benchmark"] == name]
        decided = [row for row in mine if row["verdict"] in ("sat", "unsat")]
        yield {
            "benchmark": name,
            "instances": len(mine),
            "decided": len(decided),
            "wrong": sum(row["verdict"] != row["expected"] for row in decided),
            "rejected": sum(row["certificate"] == "rejected" for row in decided),
            "median CPU [s]": sorted(row["CPU [s]"] for row in mine)[len(mine) // 2],
            "most CPU [s]": max(row["CPU [s]"] for row in mine),
        }


if __name__ == "__main__":
    main()
