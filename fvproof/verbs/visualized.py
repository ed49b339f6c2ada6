"""Visualizations as files: pictures, a sheet of them, and their records."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.maximization.baselines import Status
from fvproof.empirical.maximization.maximize import Run, record
from fvproof.empirical.maximization.pictures import file_name, write_kept, write_picture, write_sheet, write_way

SHOWN = 128
"""Visualizations on a sheet, at most."""

WAYS = 16
"""Visualizations that are shown on their way, at most."""


def has_failed(one: Mapping[str, Any]) -> bool:
    """Return whether the record is of a visualization not to go by."""
    return Status(one["status"]).failed


def record_of(run: Run) -> dict[str, Any]:
    """Return everything about a run but its image, and the name of its picture."""
    return {"picture": file_name(run), **record(run)}


def written(runs: Iterable[Run], folder: Path) -> tuple[dict[str, Any], ...]:
    """Write pictures, sheet and records, one visualization at a time; return the records."""
    records, shown = [], []
    for run in runs:
        write_picture(run, folder / file_name(run))
        write_kept(run, folder)
        records.append(record_of(run))
        shown.extend([run] if len(shown) < SHOWN else [])
    write_sheet(shown, folder / "sheet.png")
    if shown[0].settings.at:
        write_way(shown[:WAYS], folder / "way.png")
    write_atomically(folder / "runs.json", json.dumps(records, indent=1).encode())
    return tuple(records)
