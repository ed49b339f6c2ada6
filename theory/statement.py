"""What a numbered statement is, and the words that many of them share."""

from dataclasses import dataclass

PAPER = "Geirhos et al., ICML 2024"
FVPROOF = "fvproof"
EVERY_D = "every d"
NO_GO = f"{PAPER}, section 4, Theorems 1 and 2"
VARIES = "a ≠ b and m < M, or m = M"
ELSEWHERE = "x ∉ {a, b}"
NOTHING = r"A_C(\varphi, x) = [m, M]"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of the theory in the reader's words.

    Parameters
    ----------
    key
        The name by which `fvproof prove` knows it.
    title
        What it is about, in a few words.
    function_class
        The class of functions it is about; empty where it is about decoders or constructions.
    hypotheses
        What is assumed of φ = (a, b, m, M), of the query x, and of the class's constants.
    claim
        What follows, in one sentence.
    latex
        The claim as a formula.
    source
        Where the statement is from: the paper, with the place, or fvproof where it goes beyond the paper.
    scope
        The dimensions it is proved for.

    Examples
    --------
    >>> Statement("minimax", "The minimax lemma", "", (), "The error is the radius.", "r", FVPROOF).scope
    'every d'
    """

    key: str
    title: str
    function_class: str
    hypotheses: tuple[str, ...]
    claim: str
    latex: str
    source: str
    scope: str = EVERY_D
