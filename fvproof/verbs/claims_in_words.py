"""Claims in words: what the command line prints, and Markdown for a model card."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from fvproof.empirical.claim.beside import ClaimFindings, Interval
from fvproof.empirical.claim.verdict import RULE, Measured
from fvproof.theory.wording import percent


def verdicts(claims: Sequence[ClaimFindings]) -> Counter[str]:
    """Return how many claims there are of each verdict."""
    return Counter(str(one.decision.verdict) for one in claims)


def count_of(claims: Sequence[ClaimFindings], refused: int = 0) -> str:
    """Return in words how many claims there are of each verdict."""
    words = verdicts(claims)
    if len(claims) == 1 and not refused:
        return f"1 claim, {next(iter(words))}"
    told = [f"{words[word]} {word}" for word in ("deserved", "not deserved", "undecided") if words[word]]
    told += [f"{refused} that cannot be looked at"] if refused else []
    return f"{len(claims) + refused} claims, {', '.join(told)}"


def picture_file(number: int) -> str:
    """Return the name of the file of a claim's picture, from its number."""
    return f"claim-{number}.png"


def claims_in_text(claims: Sequence[ClaimFindings]) -> Iterator[str]:
    """Yield the lines that the command line prints."""
    for one in claims:
        yield f"{one.measured.picture}: {str(one.decision.verdict).upper()}"
        yield from (f"    {mark} {line}" for mark, line in _lines(one))
        yield ""


def _lines(one: ClaimFindings) -> Iterator[tuple[str, str]]:
    """Yield what there is to say about a claim, line by line, with a mark."""
    yield from (("✗", reason) for reason in one.decision.beaten_by)
    yield from (("?", doubt) for doubt in one.decision.doubts if not one.decision.beaten_by)
    yield "·", _extreme(one.measured)
    yield "·", _searched(one.measured)
    yield from (("·", line) for line in (_signs(one.measured), _predicts(one), _certified(one)) if line)


def _extreme(one: Measured) -> str:
    """Return how extreme the picture is."""
    beyond = f"more extreme than {percent(one.percentile, rounded='down')} of {one.natural_count} natural images"
    return f"activation {one.activation:.4g}, {beyond} (best {one.natural_best:.4g}; noise {one.noise_best:.4g})"


def _searched(one: Measured) -> str:
    """Return what searches found, and how near the picture comes."""
    found = ", ".join(f"{search.engine} {search.activation:.4g}" for search in one.searches)
    near = f"; it reaches {percent(one.share)}, {percent(one.enough)} are asked for" if isfinite(one.share) else ""
    return f"searches from scratch: {found}{near}; from the picture: {one.from_picture:.4g} ({percent(one.settled)})"


def _signs(one: Measured) -> str:
    """Return what signs of manipulation were looked for."""
    lost = f"{percent(one.reliance)} rests on channels that hardly any image opens" if isfinite(one.reliance) else ""
    torn = f"rift {one.rift:.2f}" if isfinite(one.rift) else ""
    other = f"nearest other unit {one.rival}, {percent(one.rival_share)} of its way" if one.rival else ""
    return "; ".join(part for part in (lost, torn, other) if part)


def _predicts(one: ClaimFindings) -> str:
    """Return what the picture tells about natural images, beside natural exemplars."""
    if one.told is None or not one.told.order:
        return ""
    told, contrast = one.told, one.told.contrast
    alike = f"; likeness to the images that excite it most, less that to others: {contrast[0]:.2f}" if contrast else ""
    return (
        f"tells the order of {_share(told.order)} of pairs of natural images, exemplars {_share(told.exemplars)}{alike}"
    )


def _share(interval: Interval) -> str:
    """Return a share with its interval."""
    return f"{percent(interval[0])} ({percent(interval[1])} to {percent(interval[2])})" if interval else "–"


def _certified(one: ClaimFindings) -> str:
    """Return where the true extremum lies."""
    if one.certified is None:
        return ""
    low, high = one.certified
    return f"the certified {'maximum' if one.measured.end == 'max' else 'minimum'} lies in [{low:.5g}, {high:.5g}]"


COLUMNS = ("", "claim", "verdict", "beyond natural images", "of the best search", "order told (exemplars)", "why")


def claims_in_markdown(
    claims: Sequence[ClaimFindings], refused: Sequence[tuple[str, str]], about: Mapping[str, Any]
) -> str:
    """Return claims as a section of a model card."""
    settings = about["settings"]
    head = [
        "## Feature visualizations",
        "",
        f"{count_of(claims, len(refused))}: {about['model']} (network {about['network']}), {about['images']} natural "
        f"images, searches of {settings['steps']} steps, seed {settings['seed']}.",
        "",
        _row(COLUMNS),
        _row(["---"] * len(COLUMNS)),
    ]
    rows = [_row(_cells(number, one)) for number, one in enumerate(claims, 1)]
    wrong = [_row(["", name, "cannot be looked at", "", "", "", problem]) for name, problem in refused]
    return "\n".join([*head, *rows, *wrong, "", f"A claim is {RULE} Checked by `fvproof claim`.", ""])


def _cells(number: int, one: ClaimFindings) -> list[str]:
    """Return what stands in the row of a claim."""
    found, said = one.measured, one.decision
    told = "" if one.told is None else f"{_share(one.told.order)} ({_share(one.told.exemplars)})"
    return [
        f"![{found.unit}]({picture_file(number)})",
        f"{found.unit} {found.end}",
        f"**{said.verdict}**",
        percent(found.percentile, rounded="down"),
        f"{percent(found.share)} ({percent(found.enough)} asked)" if isfinite(found.share) else "–",
        told,
        "; ".join([*said.beaten_by, *said.doubts[: 0 if said.beaten_by else None]]),
    ]


def _row(cells: Sequence[str]) -> str:
    """Return a row of a table; what would end a cell is written so that it does not."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
