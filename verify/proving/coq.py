"""The statements as theorems of Coq: what coqc accepts needs no solver to be believed.

The sources lie in `verify/proofs/coq`, one file for each statement, named after it. `Definitions.v` holds everything
that a reader has to believe: points, networks, classes, visualizations, decoders. Nothing is needed besides Coq 8.16
and its standard library.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from fvproof.theory.errors import FvproofError
from fvproof.verify.proving.interruption import check_called_off

AXIOMS = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
    }
)
"""What Coq's real numbers rest on, and all that a proof may assume."""

NO_COQC = "coqc is not installed: 'apt install coq' (Debian, Ubuntu), 'brew install coq' or 'opam install coq'"
LIMIT_S = 300.0
"""Each file takes a second or two."""

HEADING = re.compile(
    r'\(\*\* (?P<key>[a-z0-9-]+), (?P<grade>exact|weaker): (?P<title>[^"]*)\.\s+"(?P<claim>[^"]*)"(?P<remarks>.*?)\*\)'
    r"\s+Theorem (?P<name>\w+) : (?P<text>.*?)\nProof\.",
    re.DOTALL,
)
REQUIRED = re.compile(r"^From Fvproof Require (?:Import )?([\w ]+)\.$", re.MULTILINE)
AXIOM = re.compile(r"^(\w[\w.']*)(?: :|$)", re.MULTILINE)
PROJECT = "-R . Fvproof\n"
MAKEFILE = """all: CoqMakefile
\t$(MAKE) -f CoqMakefile

CoqMakefile: _CoqProject
\tcoq_makefile -f _CoqProject -o CoqMakefile

.PHONY: all
"""


@dataclass(frozen=True, slots=True)
class CoqTheorem:
    """A statement of the theory as a theorem of Coq.

    Parameters
    ----------
    key
        The statement's name.
    name
        The theorem's name, which is that of its file too.
    title, claim
        What its comment says of the statement: the statement's own words.
    exact
        Whether it says what the statement says; otherwise the remarks say what is missing.
    remarks
        How it is to be read.
    text
        The theorem, in Coq.
    """

    key: str
    name: str
    title: str
    claim: str
    exact: bool
    remarks: str
    text: str


@dataclass(frozen=True, slots=True)
class CoqVerdict:
    """What coqc says of a theorem: "proved", "rejected", "unknown" (timed out) or "unchecked" (there is no coqc)."""

    theorem: CoqTheorem
    verdict: str
    reason: str = ""
    axioms: tuple[str, ...] = ()
    time_s: float = 0.0


@cache
def sources() -> dict[str, str]:
    """Return the text of every file of the development by its name, without the suffix.

    Examples
    --------
    >>> "Definitions" in sources(), "convex" in sources()
    (True, True)
    """
    folder = files("fvproof.verify.proofs").joinpath("coq")
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".v")]
    return {entry.name.removesuffix(".v"): entry.read_text(encoding="utf-8") for entry in found}


@cache
def theorems() -> dict[str, CoqTheorem]:
    """Return the theorem of each statement that has one, by the statement's key.

    Examples
    --------
    >>> theorems()["convex"].title, theorems()["convex"].exact
    ('Convex functions', True)
    """
    found = [_theorem(match) for text in sources().values() for match in HEADING.finditer(text)]
    return {theorem.key: theorem for theorem in found}


def _theorem(match: re.Match[str]) -> CoqTheorem:
    """Return what a theorem's comment and its statement say."""
    part = {name: " ".join(match[name].split()) for name in ("key", "name", "title", "claim", "remarks")}
    return CoqTheorem(**part, exact=match["grade"] == "exact", text=match["text"])


def needed(names: Iterable[str]) -> list[str]:
    """Return these files and what they build on, each after what it needs.

    Examples
    --------
    >>> needed(["convex"])
    ['Definitions', 'Tools', 'Faces', 'convex']
    """
    ordered: dict[str, None] = {}

    def add(name: str) -> None:
        for line in REQUIRED.findall(sources()[name]):
            for other in line.split():
                add(other)
        ordered.setdefault(name)

    for name in names:
        add(name)
    return list(ordered)


def write(folder: Path, keys: Iterable[str]) -> list[str]:
    """Write the development of these statements, which `make` in the folder compiles, and return its files in order.

    Raises
    ------
    FvproofError
        If the folder cannot be written to.
    """
    names = needed(theorems()[key].name for key in keys)
    listed = PROJECT + "".join(f"{name}.v\n" for name in names)
    texts = {f"{name}.v": sources()[name] for name in names} | {"_CoqProject": listed, "Makefile": MAKEFILE}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise FvproofError(f"the folder {folder} must be writable: {error.strerror}") from None
    return names


def check(folder: Path, keys: Iterable[str], *, limit_s: float = LIMIT_S) -> Iterator[CoqVerdict]:
    """Write the development of these statements, and yield what coqc says of each.

    Parameters
    ----------
    folder
        Where it is written, and compiled.
    keys
        Statements that have a theorem, see `theorems`.
    limit_s
        Seconds for each file.

    Raises
    ------
    FvproofError
        If the folder cannot be written to.
    """
    names = write(folder, keys)
    asked = {theorems()[key].name: theorems()[key] for key in keys}
    if shutil.which("coqc") is None:
        yield from (CoqVerdict(theorem, "unchecked", NO_COQC) for theorem in asked.values())
        return
    faults: dict[str, tuple[str, str]] = {}
    for name in names:
        verdict, reason, axioms, time_s = _compiled(folder, name, faults, limit_s)
        if verdict != "proved":
            faults[name] = (verdict, reason)
        if name in asked:
            yield CoqVerdict(asked[name], verdict, reason, axioms, time_s)


def _compiled(
    folder: Path, name: str, faults: dict[str, tuple[str, str]], limit_s: float
) -> tuple[str, str, tuple[str, ...], float]:
    """Return the verdict on one file, its reason, the axioms that its theorem rests on, and the seconds it took."""
    if broken := [other for other in needed([name]) if other in faults]:
        verdict, reason = faults[broken[0]]
        return verdict, f"it builds on {broken[0]}.v: {reason}", (), 0.0
    began = _processor_s()
    try:
        done = compiled(folder, name, limit_s=limit_s)
    except subprocess.TimeoutExpired:
        return "unknown", f"coqc had no answer within {limit_s:g} s", (), limit_s
    check_called_off()
    time_s, axioms = round(_processor_s() - began, 2), assumed(done.stdout)
    if done.returncode:
        return "rejected", " ".join(done.stderr.split()), (), time_s
    if strange := sorted(set(axioms) - AXIOMS):
        return "rejected", f"it assumes {', '.join(strange)}", axioms, time_s
    return "proved", "", axioms, time_s


def _processor_s() -> float:
    """Return the seconds that ended child processes have used; how busy the machine is does not count."""
    times = os.times()
    return times.children_user + times.children_system


def compiled(folder: Path, name: str, *, limit_s: float = LIMIT_S) -> subprocess.CompletedProcess[str]:
    """Return what coqc answers to a file of the development in this folder."""
    command = ["coqc", "-q", "-R", ".", "Fvproof", f"{name}.v"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=limit_s, check=False)


def assumed(printed: str) -> tuple[str, ...]:
    r"""Return the axioms that Coq lists under `Print Assumptions`.

    Examples
    --------
    >>> assumed("Axioms:\nclassic : forall P : Prop,\n  P\nReals.total\n  : forall r : R, r = r\n")
    ('Reals.total', 'classic')
    >>> assumed("Closed under the global context\n")
    ()
    """
    _, axioms, listed = printed.partition("Axioms:\n")
    return tuple(sorted(set(AXIOM.findall(listed)))) if axioms else ()
