"""What a gradient slingshot did, for people."""

from collections.abc import Mapping
from typing import Any

from tabulate import tabulate

from fvproof.theory.wording import percent


def table(report: Mapping[str, Any]) -> str:
    """Return the figures of a report as text."""
    shown, unseen = report["visualization"], report["unseen"]
    headers = ("visualization", "distance to target", "correlation", "activation", "status")
    lines = [f"slingshot at {report['unit']} of {report['model']}", ""]
    lines += [tabulate([(name, *shown[name].values()) for name in ("before", "after")], headers, floatfmt=".3g")]
    if unseen is not None:
        same = percent(unseen["same_prediction"], 1, rounded="down")
        lines += [
            "",
            f"on {unseen['images']} images unseen, {same} of predictions are the same",
        ]
        if unseen["top1_before"] is not None:
            lines += [f"top-1: {percent(unseen['top1_before'], 1)} before, {percent(unseen['top1_after'], 1)} after"]
    marks = {True: "yes", False: "NO "}
    return "\n".join(
        [*lines, "", *(f"{marks[c['holds']]} {c['name']} ({c['how']})" for c in report["files"]["checks"])]
    )
