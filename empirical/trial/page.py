"""The page of a trial, which needs nothing else, and the key by which its answers are scored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.plots import thumbnail
from fvproof.empirical.trial.questions import ShownQuestion

PAGE, KEY = "trial.html", "trial.json"
FORMAT, VERSION = "fvproof-trial", 1
"""What a key says that it is."""

REFERENCE, QUERY = 160, 320
"""Long side, in pixels, of the pictures of a unit and of the two images; smaller ones are enlarged by the page."""


def key_of(shown: Sequence[ShownQuestion], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the key to a trial: every question with its answer, and the number by which page and answers know it.

    Parameters
    ----------
    shown
        The questions.
    about
        The model, the settings and versions, as JSON can hold them.
    """
    text = json.dumps(
        {"format": FORMAT, "version": VERSION, **about, "questions": [asdict(one.question) for one in shown]}
    )
    pictures = [part.tobytes() for one in shown for part in (one.least, one.greatest, one.left, one.right)]
    return {**json.loads(text), "trial": sha256(text.encode() + b"".join(pictures)).hexdigest()[:16]}


def write_trial(shown: Sequence[ShownQuestion], about: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Write `trial.html` and `trial.json` into a folder that exists, and return the key; the page holds no answer.

    Raises
    ------
    DomainError
        If a file cannot be written.
    """
    key = key_of(shown, about)
    write_atomically(folder / KEY, (json.dumps(key, indent=1, allow_nan=False) + "\n").encode())
    write_atomically(folder / PAGE, page(shown, key["trial"]).encode())
    return key


def page(shown: Sequence[ShownQuestion], trial: str) -> str:
    """Return the page as HTML, with its styles, its script and all pictures inside it."""
    pictures: dict[str, int] = {}
    asked = [
        {
            "name": one.question.name,
            "least": [_place(pictures, image, REFERENCE) for image in one.least],
            "greatest": [_place(pictures, image, REFERENCE) for image in one.greatest],
            "left": _place(pictures, one.left, QUERY),
            "right": _place(pictures, one.right, QUERY),
        }
        for one in shown
    ]
    environment = Environment(
        loader=PackageLoader("fvproof.empirical.trial"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    sources = (environment.loader.get_source(environment, f"trial.{kind}")[0] for kind in ("css", "js"))  # type: ignore[union-attr]
    css, js = sources
    content = json.dumps({"trial": trial, "questions": asked, "pictures": list(pictures)}).replace("<", "\\u003c")
    return environment.get_template(PAGE).render(css=css, js=js, content=content, count=len(asked))


def _place(pictures: dict[str, int], image: np.ndarray, most_pixels: int) -> int:
    """Return the number of a picture among those of the page, to which it is added if it is not there."""
    return pictures.setdefault(thumbnail(image, most_pixels=most_pixels), len(pictures))
