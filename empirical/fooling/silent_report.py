"""What silent units did, for people."""

from collections.abc import Mapping
from typing import Any

from tabulate import tabulate

from fvproof.empirical.fooling.shifts import engine_lines
from fvproof.theory.wording import percent


def table(report: Mapping[str, Any]) -> str:
    """Return the figures of a report as text."""
    lines = [line for one in report["layers"] for line in _layer(report["model"], one)]
    names = {"natural": "images used", "unseen": "images unseen"}
    rows = [
        (title, one["images"], percent(one["unchanged"], 1, rounded="down"), one["largest_change"], *_top1(one))
        for key, title in names.items()
        if (one := report[key])
    ]
    lines += [tabulate(rows, ("", "number", "unchanged", "largest change", "top-1 before", "after"), floatfmt=".4g")]
    lines += [line for one in report["layers"] for line in _firing(one, alone=len(report["layers"]) == 1)]
    shown = report["visualizations"]
    rows = [(name, one["pixels"], one["features"]) for name, one in shown["sameness"].items()]
    title = f"sameness of the visualizations of {len(shown['units'])} units (last row: of one unit from other starts)"
    lines += ["", title, tabulate(rows, ("", "pixels", "features"), floatfmt=".3f")]
    before, after = (shown["activation"][name] for name in ("before", "after"))
    lines += ["", f"median activation of the visualizations: {before:.4g} before, {after:.4g} after"]
    lines += ["", *engine_lines(report["engines"])]
    lines += ["", *(_told(check) for check in [*report["hull"], *report["files"]["checks"]])]
    return "\n".join(lines)


def _layer(model: str, one: Mapping[str, Any]) -> list[str]:
    """Return what is known of the silent units of one layer."""
    reached = percent(one["reached"], rounded="down")
    starts = ", ".join(f"{name} {percent(share, rounded='down')}" for name, share in one["opened"].items())
    return [
        f"{one['units']} silent units in {one['layer']} of {model}",
        f"the target drives {reached} of them beyond the natural images and the margin",
        f"opened by the starts of engines: {starts} (margin {one['margin']:.3g})",
        "",
    ]


def _firing(one: Mapping[str, Any], *, alone: bool) -> list[str]:
    """Return how often the silent units of a layer fire on images unseen."""
    if not one["firing"]:
        return []
    headers = ("margin", "images that fire a unit", "pairs of image and unit", "largest, in natural ranges")
    fired = [
        (row["margin"], *(percent(row[of], 2, rounded="up") for of in ("images", "pairs")), row["strength"])
        for row in one["firing"]
    ]
    where = "" if alone else f", {one['layer']}"
    return ["", f"firing on images unseen{where}", tabulate(fired, headers)]


def _top1(one: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the accuracy before and after; nothing without labels."""
    return tuple("" if (top := one[f"top1_{when}"]) is None else percent(top, 2) for when in ("before", "after"))


def _told(check: Mapping[str, Any]) -> str:
    """Return a check in one line."""
    return f"{'yes' if check['holds'] else 'NO '} {check['name']} ({check['how']})"
