"""What `fv.certify` found, in words."""

from fractions import Fraction
from typing import Any

from fvproof.verify.certificates.statement import outward, rounding
from fvproof.verify.search.runtimes import rounded_point, runtime_words

REAL = "note     this holds for the exact numbers in the file, in real arithmetic; a runtime that rounds may leave it"


def in_words(result: dict[str, Any]) -> str:
    """Return a result of `fv.certify` for people; the ends of an interval are rounded outwards."""
    about = [REAL, *(f"note     {line}" for line in rounding(result.get("rounded", 0)))]
    if result["kind"] == "reading":
        if result["radius"] is None:
            return "no radius could be certified"
        radius, deviation = (Fraction(result[key]) for key in ("radius", "deviation"))
        more = "" if result["complete"] else "; time is up, and a larger one may be proven"
        return (
            f"reading radius  {outward(radius, up=False, digits=6)} (Euclidean){more}\n"
            f"deviation       {outward(deviation, up=True, digits=6)} from an affine function there\n"
            + "\n".join(about)
        )
    point = "" if result["point"] is None else rounded_point(result["point"])
    if result["kind"] == "property":
        lines = [f"verdict  {result['verdict']}"] + ([f"unsafe   {point}"] if point else [])
    else:
        low, high = (Fraction(result[end]) for end in ("low", "high"))
        ends = f"{outward(low, up=False)} and {outward(high, up=True)}"
        lines = [
            f"{result['kind']}  between {ends} (rounded; --json has the exact numbers)",
            f"width    {outward(high - low, up=True, digits=3)}",
            f"point    {point}",
        ]
    if "radius" in result:
        lines.insert(1, f"where    within {result['radius']} ({result['norm']}) of the image")
    about = about if result.get("verdict") != "unknown" else []
    told = [] if result.get("runtime") is None else [runtime_words(result["runtime"], result["kind"])]
    return "\n".join([*lines, *told, f"nodes    {result['nodes']}", *about])
