"""What a feature visualization can tell you about a unit of a neural network, and what it cannot.

At a prompt or in a notebook, as it stands::

    import fvproof as fv

    m = fv.model("digits")                       # it comes along; yours: fv.model(network, images=X, labels=y)
    m.layers()                                   # what its units are called
    shown = fv.maximize(m, "conv2:0-3")          # the images that excite these units, and what each had to beat
    fv.claim(m, "conv2:0", shown.runs[0])        # does this picture deserve to be called the unit's visualization?
    fv.audit(m, "conv2:0-3,logits", out="audit") # can they be trusted? the report
    fv.sanity(m).plot()                          # are they processed like natural images?
    fv.detect(m)                                 # did somebody manipulate them?
    fv.census(m)                                 # the channels that no image opens
    fv.fool(m, "circuit").model                  # a network that works as this one, and shows what you want
    fv.trial(m, "conv2:0-3", out="trial")        # a page that asks people; fv.score scores their answers

    phi = fv.Visualization([0, 0], [1, 1], 0, 1)    # least at (0, 0), where it is 0; greatest at (1, 1), where it is 1
    fv.interval("convex", phi, ["1/2", "1/4"])      # the values that a convex unit can still take at (1/2, 1/4)
    fv.twins("relu-network", phi, ["1/2", "1/4"])   # two networks that share it, and differ there
    fv.prove("convex")                              # the statement behind it, machine-checked
    fv.refute("convex", lambda phi, x: 0, dim=2)    # is this way to read visualizations right?
    fv.table()                                      # what a visualization tells, class by class
    fv.certify("digits-small", out="top.json")      # the greatest value of a ReLU network, certified
    fv.check("top.json")                            # ... and checked again, with integers only

Each of these is explained by `help`, as in ``help(fv.audit)``. What they return shows itself, and has ``.table()``,
``.to_json()`` and ``.save(folder)``. Nothing that you pass is changed. Bad input raises
`fvproof.theory.errors.FvproofError`, with one sentence that says what to do.

Below lie `fvproof.theory`, `fvproof.verify` and `fvproof.empirical`; the command line is `fvproof.cli`.
"""

from importlib import import_module

TYPE_CHECKING = False  # type checkers take it for true; `typing` would double the time of the import
if TYPE_CHECKING:
    from fvproof.empirical.networks.dictionaries import Dictionary as Dictionary
    from fvproof.theory.visualization import Visualization as Visualization
    from fvproof.verbs.auditing import audit as audit
    from fvproof.verbs.batching import intervals as intervals
    from fvproof.verbs.benching import bench as bench
    from fvproof.verbs.bounding import interval as interval
    from fvproof.verbs.certifying import certify as certify
    from fvproof.verbs.checking import check as check
    from fvproof.verbs.claiming import claim as claim
    from fvproof.verbs.comparing import sanity as sanity
    from fvproof.verbs.counting import census as census
    from fvproof.verbs.detecting import detect as detect
    from fvproof.verbs.fooling import fool as fool
    from fvproof.verbs.knowing import table as table
    from fvproof.verbs.proving import prove as prove
    from fvproof.verbs.refuting import refute as refute
    from fvproof.verbs.scoring import score as score
    from fvproof.verbs.subject import model as model
    from fvproof.verbs.trials import trial as trial
    from fvproof.verbs.twinning import twins as twins
    from fvproof.verbs.visualizing import maximize as maximize

VERBS: dict[str, str] = {
    "Dictionary": "fvproof.empirical.networks.dictionaries",
    "Visualization": "fvproof.theory.visualization",
    "audit": "fvproof.verbs.auditing",
    "bench": "fvproof.verbs.benching",
    "census": "fvproof.verbs.counting",
    "certify": "fvproof.verbs.certifying",
    "check": "fvproof.verbs.checking",
    "claim": "fvproof.verbs.claiming",
    "detect": "fvproof.verbs.detecting",
    "fool": "fvproof.verbs.fooling",
    "interval": "fvproof.verbs.bounding",
    "intervals": "fvproof.verbs.batching",
    "maximize": "fvproof.verbs.visualizing",
    "model": "fvproof.verbs.subject",
    "prove": "fvproof.verbs.proving",
    "refute": "fvproof.verbs.refuting",
    "sanity": "fvproof.verbs.comparing",
    "score": "fvproof.verbs.scoring",
    "table": "fvproof.verbs.knowing",
    "trial": "fvproof.verbs.trials",
    "twins": "fvproof.verbs.twinning",
}
"""Each name of the package and where it is defined: it is imported when it is first used."""

__all__ = [
    "Dictionary",
    "Visualization",
    "__version__",
    "audit",
    "bench",
    "census",
    "certify",
    "check",
    "claim",
    "detect",
    "fool",
    "interval",
    "intervals",
    "maximize",
    "model",
    "prove",
    "refute",
    "sanity",
    "score",
    "table",
    "trial",
    "twins",
]


ROOMS = ("cli", "empirical", "theory", "verbs", "verify")
"""The packages below, which are imported when they are first used too."""

__version__: str


def __getattr__(name: str) -> object:
    """Return a name of the package, imported now."""
    if name == "__version__":
        from importlib.metadata import version  # takes longer than all the rest

        return version("fvproof")
    if name in ROOMS:
        return import_module(f"fvproof.{name}")
    if name not in VERBS:
        raise AttributeError(f"module 'fvproof' has no attribute {name!r}")
    found = getattr(import_module(VERBS[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return what is to be used: the names of the package, and the rooms below it."""
    return sorted([*__all__, *ROOMS])
