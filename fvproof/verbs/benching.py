"""`fv.bench`: how good a method is at making visualizations that tell something, by one public protocol."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypedDict

from tabulate import tabulate
from typing_extensions import Unpack, override

from fvproof.empirical.auditing.audit import PIECES
from fvproof.empirical.auditing.work import doing
from fvproof.empirical.bench.entries import entries as known_entries
from fvproof.empirical.bench.method_scores import MethodScore
from fvproof.empirical.bench.protocol import Protocol, measure_method
from fvproof.empirical.json_values import plain
from fvproof.empirical.keeping.fingerprint import fingerprint
from fvproof.empirical.keeping.records import remembered
from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.measurement.holdout import halves
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.zoo import load_model
from fvproof.empirical.notices import notify
from fvproof.empirical.pages.wording import in_brackets, number
from fvproof.theory.errors import DomainError, UnknownName
from fvproof.theory.wording import percent
from fvproof.verbs.folders import opened
from fvproof.verbs.kinds import checked
from fvproof.verbs.reading import require_known
from fvproof.verbs.results import Result
from fvproof.verify.files.disk import contents
from fvproof.verify.refutation.decoder_process import load_decoder


class BenchOptions(TypedDict, total=False):
    """How a method is measured; see `fv.bench`."""

    budget: int
    limit_s: float
    seed: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BenchResult(Result):
    """What methods came to by the protocol.

    Attributes
    ----------
    scores
        Of each method by name, the user's first: see `fvproof.empirical.bench.method_scores.MethodScore`.
    about
        The protocol's settings.
    """

    scores: Mapping[str, MethodScore]
    about: Mapping[str, Any]

    @property
    @override
    def headline(self) -> str:
        best = max(self.scores, key=lambda name: self.scores[name].order.value)
        return (
            f"{len(self.scores)} methods; the order is told best from {best}: {percent(self.scores[best].order.value)}"
        )

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [_row(name, one) for name, one in self.scores.items()]

    @property
    @override
    def text(self) -> str:
        shown = [[row["method"], *_figures(self.scores[str(row["method"])])] for row in self.rows]
        heads = (
            "method",
            "order told, 95%",
            "reached, 95%",
            "passes",
            "anchors",
            "left by manipulation",
            "alike",
            "CPU s",
        )
        first = next(iter(self.scores.values()))
        notes = [f"{name}: {remark}" for name, one in self.scores.items() for remark in one.remarks]
        told = f"natural exemplars (the control): {percent(first.exemplars.value)}; knowing nothing: 50%"
        return "\n".join([tabulate(shown, heads, disable_numparse=True), "", told, *notes])

    @override
    def record(self) -> dict[str, Any]:
        return {"protocol": dict(self.about), "methods": {name: plain(one) for name, one in self.scores.items()}}

    @property
    @override
    def code(self) -> int:
        """1 if the first method gave no picture that could be read, else 0."""
        return 1 if all(one.problem for one in next(iter(self.scores.values())).units) else 0


def _row(name: str, one: MethodScore) -> dict[str, Any]:
    """Return a method as a row of the table."""
    last = one.curve[-1].similarity if one.curve else None
    return {
        "method": name,
        "order": one.order.value,
        "order_low": one.order.low,
        "order_high": one.order.high,
        "reached": one.reached.value,
        "passes": max(unit.passes for unit in one.units),
        "anchors_right": one.anchors_right,
        "resistance": None if not one.resistance else min(part.kept for part in one.resistance),
        "alike": plain(last),
        "failed_units": sum(bool(unit.problem) for unit in one.units),
        "cpu_s": one.cpu_s,
    }


def _figures(one: MethodScore) -> list[str]:
    """Return a method's figures as they are printed."""
    kept = ", ".join(f"{percent(part.kept)}" for part in one.resistance) or "–"
    return [
        f"{percent(one.order.value)}{in_brackets(one.order, percent)}",
        f"{number(one.reached.value)}{in_brackets(one.reached)}",
        str(max(unit.passes for unit in one.units)),
        f"{one.anchors_right} of {len(one.anchors)}",
        kept,
        number(one.curve[-1].similarity) if one.curve else "–",
        f"{one.cpu_s:.1f}",
    ]


@checked
def bench(
    method: "str | Callable[..., object] | None" = None,
    *,
    entries: str | Sequence[str] = "all",
    out: str | Path | None = None,
    **options: Unpack[BenchOptions],
) -> BenchResult:
    """Return how good a method is at making visualizations, beside other methods, by one public protocol.

    A method is called as ``method(model, unit, budget)`` and returns a picture: ``model`` takes images in [0, 1],
    (N, C, H, W), and has ``.network`` (a torch module) and ``.shape``; ``unit(images)`` gives what is to be made as
    large as possible, (N,), and lets gradients pass; at most ``budget`` images may pass the network. Nothing needs to
    be known of minimization: then the unit is turned around. The picture is (C, H, W) in [0, 1], a tensor or an array.

    Measured are, with everything fixed but the method (network, 18 units, images and their halves, budget):

    - *order*: the share of pairs of held-out natural images of which a decoder that sees the two pictures tells which
      excites the unit more, as in the audit; the control sees natural exemplars instead, and knowing nothing is 50%;
    - *reached*: the rise over the natural median, in multiples of that of the best natural image, and the passes spent;
    - *anchors*: four networks whose extrema are known exactly; read right if 90% of the range is spanned;
    - *left by manipulation*: of networks with silent units (two layers), a fooling circuit, and slingshots (two units),
      how much of the original unit's rise is left at pictures made from the manipulated network;
    - *alike*: how alike pictures of classes are to natural images of their class rather than others (1, 0), in the
      last layer of the sanity curve; the record has all layers.

    Parameters
    ----------
    method
        A function, or ``"FILE.py:FUNCTION"``; None for the entries alone.
    entries
        What to measure beside it: "all", "none", or names, as a list or with semicolons between them.
    out
        A folder for bench.json, in which finished methods are kept: a call that was interrupted goes on from there.
    **options
        ``budget`` of forward passes for one picture (128), ``limit_s`` seconds for one picture (60; in the main thread,
        and for Python code), ``seed`` of the halves and the anchors (0).

    Returns
    -------
    BenchResult
        ``.scores``, by name; ``.table()``, a row per method.

    Raises
    ------
    DomainError, UnknownName
        There is no such file, function or entry, or an option is out of its range. What a method does wrong is no
        error: it is said in a sentence, counts as knowing nothing there, and the rest goes on.

    Not claimed: that a method which is better here is better on other networks.

    Source: fvproof.

    Examples
    --------
    >>> import torch
    >>> import fvproof as fv
    >>> found = fv.bench(lambda model, unit, budget: torch.full(unit.shape, 2.0), entries="none", budget=8)
    >>> found.code, found.rows[0]["order"]
    (1, 0.5)
    """
    require_known(options, BenchOptions.__annotations__)
    how = Protocol(**options)
    if how.budget < 1 or not how.limit_s > 0:
        raise DomainError(f"budget and limit_s must be positive, received {how.budget} and {how.limit_s}")
    images = digits_images()
    known = known_entries(images.subset(halves(len(images), how.seed)[0].tolist()))
    methods = {**_own(method), **{name: known[name] for name in _named(entries, known)}}
    if not methods:
        raise DomainError("there is nothing to measure: give a method, or entries")
    folder, _held = opened(out)
    work = workspace(load_model("digits"), images, Settings(steps=how.budget, seed=how.seed), folder / PIECES, notify)
    scores = {}
    for name, one in methods.items():
        with doing(name):
            what = f"bench of {_identity(name, method, one)} {fingerprint(plain(asdict(how)))}"
            (scores[name],) = remembered(work, [what], MethodScore, lambda one=one: [measure_method(one, how)])
    result = BenchResult(scores, {"budget": how.budget, "limit_s": how.limit_s, "seed": how.seed, "network": "digits"})
    if out is not None:
        write_atomically(folder / "bench.json", result.to_json().encode())
    return result


def _own(method: "str | Callable[..., object] | None") -> dict[str, Callable[..., object]]:
    """Return the user's method by name."""
    if method is None:
        return {}
    if isinstance(method, str):
        return {method: load_decoder(method)}
    return {getattr(method, "__name__", type(method).__name__): method}


def _named(given: str | Sequence[str], known: Mapping[str, object]) -> list[str]:
    """Return the names of entries."""
    if isinstance(given, str):
        if given in ("all", "none"):
            return list(known) if given == "all" else []
        given = [part.strip() for part in given.split(";")]
    for name in given:
        if name not in known:
            raise UnknownName("entry", name, [*known, "all", "none"])
    return list(dict.fromkeys(given))


def _identity(name: str, method: object, one: Callable[..., object]) -> str:
    """Return what tells a method from others, and from itself when it was changed."""
    if isinstance(method, str) and name == method:
        return fingerprint(name, contents(Path(method.rpartition(":")[0])))
    try:
        return fingerprint(name, inspect.getsource(one))
    except (TypeError, OSError):  # a `functools.partial`, such as an entry of ours, or typed at a prompt
        return fingerprint(name) if one is not method else fingerprint(name, id(one))
