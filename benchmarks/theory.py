"""The theory's answers, class by class: exact queries a second in four dimensions, and one query about an image."""

import json
from collections.abc import Iterator
from time import process_time
from typing import Any

import numpy as np

from fvproof.theory.classes import CLASSES, RELIABLE
from fvproof.theory.examples import first
from fvproof.theory.queries import answer
from fvproof.verbs.batching import intervals

TITLE = "Exact queries of a batch, d = 4 (goal 2,000/s), and one query in doubles, d = 150,528 (goal 50 ms)"

QUERIES = 1000
PIXELS = 224 * 224 * 3
HALF = ["1/2"] * 4


def measure() -> Iterator[dict[str, object]]:
    """Yield one row for each class: opposite corners of the cube, opposite points of a ball, two axes of the sphere."""
    random = np.random.default_rng(0)
    for name in [*CLASSES, *RELIABLE]:
        lines = [json.dumps(query) for query in _exact_queries(name, random)]
        started = process_time()
        wrong = intervals(lines).refused
        rate = QUERIES / (process_time() - started)
        yield {
            "class": name,
            "queries/s": round(rate),
            "errors": wrong,
            "image, ms": 1000 * min(_image_time(name, random) for _ in range(3)),
        }


def _exact_queries(name: str, random: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Yield queries of a class, each number an exact fraction; some about faces, and some about training points."""
    for _ in range(QUERIES):
        if name in ("affine-ball", "ridge"):
            ends = {"argmin": ["-3/5", "0", "4/5", "0"], "argmax": ["3/5", "0", "-4/5", "0"]}
            at = [f"{n}/97" for n in random.integers(-48, 49, 4)]
        elif name == "quadratic":
            ends = {"argmin": ["3/5", "0", "4/5", "0"], "argmax": ["4/5", "0", "-3/5", "0"]}
            n = [int(n) for n in random.integers(-9, 10, 3)]
            square = sum(t * t for t in n)
            at = [*(f"{2 * t}/{square + 1}" for t in n), f"{square - 1}/{square + 1}"]
        else:
            ends = {"argmin": ["0"] * 4, "argmax": ["1"] * 4}
            at = [f"{n}/97" for n in random.integers(0, 98, 4)]
        training = {"training": [{"at": HALF, "value": "1/2"}, {"at": at, "value": "1/3"}]} if name == "erm" else {}
        top = "0" if name == "constant" else "1"
        yield {"class": name, **ends, "min": "0", "max": top, "at": at, **_parameters(name), **training}


def _parameters(name: str) -> dict[str, str]:
    """Return the simplest parameters that the class is tried with, as text; a training set is made for each query."""
    chosen = {**CLASSES, **RELIABLE}[name].examples.parameters(first, 4)
    return {key: str(value) for key, value in chosen.items() if key != "training"}


def _image_time(name: str, random: np.random.Generator) -> float:
    """Return the seconds that one query about an image takes, the class and its parameters given."""
    x = random.random(PIXELS)
    a, b = np.zeros(PIXELS), np.ones(PIXELS)
    if name in RELIABLE and name != "radial":
        b = random.normal(size=PIXELS)
        b, x = b / np.linalg.norm(b), x / np.linalg.norm(x)
        a = -b if name != "quadratic" else np.roll(b, 1) - (np.roll(b, 1) @ b) * b
        a = a / np.linalg.norm(a)
    query = {"class": name, "argmin": a, "argmax": b, "min": 0, "max": int(name != "constant"), "at": x}
    training = {"training": [(random.random(PIXELS), "1/2")]} if name == "erm" else {}
    started = process_time()
    answer({**query, **_parameters(name), **training})
    return process_time() - started
