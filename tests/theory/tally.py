"""How many different random cases each class was held against its oracle in: printed by the nightly target."""

import os

LEAST = 20_000
"""The cases that every class must pass in the nightly run."""
SEEN: dict[str, set[int]] = {}
"""For each class the cases that it has passed, as hashes: one that is drawn twice counts once."""


def passed(check, within, *case):
    """Note that a class has passed a check in a case."""
    SEEN.setdefault(within.name, set()).add(hash((check, repr(within), repr(case))))


def summary(counts):
    """Return the lines to print, and whether a class fell short in the nightly run."""
    short = [name for name, count in counts.items() if count < LEAST]
    lines = [f"{name:<20} {count:>8,} different cases" for name, count in sorted(counts.items())]
    lines += [f"fewer than {LEAST:,}: {', '.join(short)}"] if short else []
    return lines, bool(short)


def nightly():
    """Return whether this is the nightly run."""
    return os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
