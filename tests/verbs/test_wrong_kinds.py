"""Whatever of the wrong kind a verb is given, it says in one sentence what there should be."""

from inspect import Parameter, signature
from typing import get_args

import numpy as np
import pytest

import fvproof as fv
from fvproof.theory.errors import FvproofError
from fvproof.verbs import kinds
from fvproof.verbs.knowing import TableResult

WRONG = [None, 3, -1.5, {"a": 1}, np.zeros(3), object(), b"x", [None], "no such thing", True]
PHI = ([0, 0], [1, 1], 0, 1)
CUBE_CENTRE = ["1/2", "1/2"]
X = np.zeros((4, 1, 8, 8), np.float32)


def middle(phi, _x):
    return phi.middle


GOOD = {
    "audit": ["digits-small"],
    "bench": [],
    "census": ["digits-small"],
    "certify": ["digits-small"],
    "check": ["certificate.json"],
    "claim": ["digits-small", "logits:0", np.zeros((1, 8, 8))],
    "detect": ["digits-small"],
    "fool": ["digits-small", "silent"],
    "interval": ["convex", PHI, CUBE_CENTRE],
    "intervals": [[]],
    "maximize": ["digits-small", "logits:0"],
    "model": ["digits-small"],
    "prove": [],
    "refute": ["convex", middle],
    "sanity": ["digits-small"],
    "score": ["answers.json"],
    "table": [],
    "trial": ["digits-small"],
    "twins": ["convex", PHI, CUBE_CENTRE],
}
"""For each verb what it can be called with, up to the first flag."""

NEEDED = {"refute": {"dim": 1}}
"""And by name, what it cannot do without."""

SAID_BY_THE_VERB = {
    "model": fv.model,
    "images": lambda wrong: fv.model("digits-small", images=wrong),
    "labels": lambda wrong: fv.model("digits-small", images=X, labels=wrong),
    "mean": lambda wrong: fv.model("digits-small", mean=wrong),
    "value_range": lambda wrong: fv.model("digits-small", value_range=wrong),
    "axes": lambda wrong: fv.model("digits-small", axes=wrong),
    "units": lambda wrong: fv.maximize("digits-small", wrong, steps=1),
    "class": lambda wrong: fv.interval(wrong, PHI, CUBE_CENTRE),
    "visualization": lambda wrong: fv.interval("convex", wrong, CUBE_CENTRE),
    "query": lambda wrong: fv.interval("convex", PHI, wrong),
    "exemplars": lambda wrong: fv.interval("convex", PHI, CUBE_CENTRE, exemplars=wrong),
    "slack": lambda wrong: fv.interval("convex", PHI, CUBE_CENTRE, slack=wrong),
    "lipschitz": lambda wrong: fv.interval("lipschitz", PHI, CUBE_CENTRE, lipschitz=wrong),
    "training": lambda wrong: fv.interval("erm", PHI, CUBE_CENTRE, training=wrong),
    "centre": lambda wrong: fv.interval("affine-ball", PHI, CUBE_CENTRE, centre=wrong),
    "matrix": lambda wrong: fv.interval("affine-ball", PHI, CUBE_CENTRE, matrix=wrong),
    "link": lambda wrong: fv.interval("ridge", ([-1, 0], [1, 0], 0, 1), CUBE_CENTRE, link=wrong),
    "queries": fv.intervals,
    "value": lambda wrong: fv.twins("convex", PHI, CUBE_CENTRE, value=wrong),
    "decoder": lambda wrong: fv.refute("convex", wrong, dim=1),
    "network": fv.certify,
    "low": lambda wrong: fv.certify("digits-small", unit="hidden1:3", low=wrong),
    "around": lambda wrong: fv.certify("digits-small", unit="hidden1:3", around=wrong, reading_radius="1/2"),
    "certificate": fv.check,
    "argmin": lambda wrong: fv.Visualization(wrong, [1, 1], 0, 1),
    "minimum": lambda wrong: fv.Visualization([0, 0], [1, 1], wrong, 1),
    "style": lambda wrong: TableResult(()).formatted(wrong),
    "folder": lambda wrong: fv.interval("convex", PHI, CUBE_CENTRE).save(wrong),
}
"""What is of no simple kind, and is looked at by the verb itself."""


def settings():
    """Yield the verb, name and annotation of everything that is of a simple kind."""
    for verb in GOOD:
        for name, parameter in list(signature(getattr(fv, verb)).parameters.items())[len(GOOD[verb]) :]:
            packed = parameter.kind is Parameter.VAR_KEYWORD and get_args(parameter.annotation)
            found = packed[0].__annotations__ if packed else {name: parameter.annotation}
            yield from ((verb, *pair) for pair in found.items() if kinds._kind(pair[1])[0])


def test_every_verb_is_tried():
    assert {"Dictionary", "Visualization", "__version__", *GOOD} == {*fv.__all__}


@pytest.mark.parametrize(("verb", "name", "kind"), [pytest.param(*one, id=".".join(one[:2])) for one in settings()])
def test_a_setting_of_another_kind_is_refused_before_anything_is_done(verb, name, kind):
    _, fits = kinds._kind(kind)
    needed = {key: value for key, value in NEEDED.get(verb, {}).items() if key != name}
    for wrong in [value for value in WRONG if not fits(value)]:
        places, names = ([wrong], {}) if name == "statements" else ([], {name: wrong})
        with pytest.raises(FvproofError, match="must be"):
            getattr(fv, verb)(*GOOD[verb], *places, **needed, **names)


@pytest.mark.parametrize("what", SAID_BY_THE_VERB)
def test_what_is_no_such_thing_is_refused_in_one_sentence_or_taken(what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = []
    for wrong in WRONG:
        try:
            SAID_BY_THE_VERB[what](wrong)
        except FvproofError as error:
            said.append(str(error))
    assert said
    assert [sentence for sentence in said if not sentence or "\n" in sentence] == []
