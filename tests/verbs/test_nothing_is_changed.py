"""Every verb that takes a network leaves it, and all that is global, as it was; it prints nothing and opens nothing."""

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import fvproof as fv
from fvproof.theory.errors import FvproofError
from tests.empirical.bystander import Tired, network, state

IMAGES = np.random.default_rng(0).random((40, 1, 8, 8), dtype=np.float32)
LABELS = np.arange(40) % 4


@dataclass
class Case:
    """A network of the user's, and a folder."""

    folder: Path
    chain: bool = False

    def __post_init__(self):
        self.network, self.images = network(chain=self.chain), IMAGES.copy()

    @property
    def subject(self):
        return fv.model(self.network, images=self.images, labels=LABELS, mean=0.4, std=0.3)


VERBS = {
    "model": lambda c: c.subject.layers(),
    "maximize": lambda c: fv.maximize(c.subject, "hidden:1,logits", steps=3, out=c.folder / "out"),
    "census": lambda c: fv.census(c.network, images=c.images),
    "detect": lambda c: fv.detect(c.subject, "hidden:1", steps=3, out=c.folder / "out"),
    "audit": lambda c: fv.audit(c.subject, "hidden:1", steps=3, certify_s=0, out=c.folder / "out"),
    "fool": lambda c: fv.fool(c.subject, "silent", "hidden:1", steps=2, show=2, engines="ours", out=c.folder / "out"),
    "certify": lambda c: fv.certify(c.network, shape=(1, 8, 8), timeout_s=0.5, tolerance=10),
    "claim": lambda c: fv.claim(c.subject, "hidden:1", IMAGES[0], steps=3, certify_s=0, out=c.folder / "out"),
    "trial": lambda c: fv.trial(c.subject, "logits:1", pairs=1, steps=8),
    "sanity": lambda c: fv.sanity(c.subject, layers="hidden", per_class=3, steps=2).plot(raw=True),
}
"""Each verb that takes a network, called on one, and what is shown of its result."""

OF_CHAINS = ("certify",)
"""They refuse other networks than chains of layers."""

OTHERS = {
    "Dictionary": "a value",
    "Visualization": "a value",
    "__version__": "text",
    "bench": "takes a method, and brings its networks",
    "table": "takes classes",
    "interval": "takes a class and a visualization",
    "intervals": "takes questions",
    "twins": "takes a class and a visualization",
    "prove": "takes statements",
    "refute": "takes a decoder",
    "check": "takes a certificate",
    "score": "takes answers",
}
"""What takes no network, and what it takes."""


def shown(result):
    """Return all the ways in which a result shows itself."""
    ways = (str, repr, lambda one: one._repr_html_(), lambda one: one.to_json())
    return [way(result) for way in ways] if hasattr(result, "to_json") else repr(result)


def test_every_verb_is_a_case():
    assert set(fv.__all__) - set(VERBS) - set(OTHERS) == set()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("chain", [False, True])
def test_the_network_and_all_that_is_global_are_left_as_they_were(verb, chain, tmp_path, capfd, monkeypatch):
    case = Case(tmp_path, chain)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = state(case.network)
    with suppress(*([FvproofError] if verb in OF_CHAINS and not chain else [])):
        shown(VERBS[verb](case))
    assert state(case.network) == before
    assert np.array_equal(case.images, IMAGES)
    assert capfd.readouterr() == ("", "")
    assert list((tmp_path / "here").iterdir()) == []
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


@pytest.mark.parametrize("passes", [3, 14])
@pytest.mark.parametrize("verb", VERBS)
def test_they_are_left_as_they_were_by_a_verb_that_fails_midway(verb, passes, tmp_path):
    case = Case(tmp_path)
    before = state(case.network)
    case.network.counting.left = passes
    with suppress(Tired, FvproofError):
        VERBS[verb](case)
    assert state(case.network) == before
