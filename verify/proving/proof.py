"""Proofs of numbered statements: the steps a solver found true, and the mutants that it found false."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from fvproof.theory.statements import statement
from fvproof.verify.proving.assumption import Assumption, merged
from fvproof.verify.proving.kernel import Mutant
from fvproof.verify.proving.obligation import Proved, Verdict, is_theorem
from fvproof.verify.proving.verdict import Refuted, Unknown

_PROOFS: dict[str, Callable[[], "Proof"]] = {}


@dataclass(frozen=True, slots=True)
class Proof:
    """What a statement rests on.

    Parameters
    ----------
    steps
        The theorems that together say what the statement says.
    mutants
        The statement made false by one change: a hypothesis dropped, or a constant tightened. A proof without a mutant
        that some model refutes could be a proof of nothing.
    """

    steps: Sequence[Verdict]
    mutants: Sequence[Mutant]

    @property
    def verdict(self) -> Verdict:
        """The last step where all are proved, else the first that is not; without a refuted mutant it stays unknown."""
        for step in self.steps:
            if not is_theorem(step):
                return Unknown(step.name, "this is no theorem of the kernel") if isinstance(step, Proved) else step
        for mutant in self.mutants:
            if not mutant.killed:
                return Unknown(mutant.change, f"the mutant was not refuted: {mutant.verdict}")
        return self.steps[-1] if self.mutants else Unknown(self.steps[-1].name, "no mutant was tried")

    @property
    def ledger(self) -> frozenset[Assumption]:
        """Everything assumed in one of the steps, and the notes.

        Raises
        ------
        ValueError
            If one label stands for two assumptions.
        """
        return merged(*(step.ledger for step in self.steps if isinstance(step, Proved)))

    @property
    def assumed(self) -> list[Assumption]:
        """What is assumed, by name."""
        return sorted((one for one in self.ledger if not one.is_note), key=str)

    @property
    def notes(self) -> list[Assumption]:
        """Remarks for the reader, by name: their formulas are true anyway, so that nothing rests on them."""
        return sorted((one for one in self.ledger if one.is_note), key=str)

    @property
    def unneeded(self) -> dict[str, tuple[str, ...]]:
        """For each step, the hypotheses that it can do without."""
        return {step.name: step.unneeded for step in self.steps if isinstance(step, Proved) and step.unneeded}

    @property
    def time_s(self) -> float:
        """Seconds that the solver took for steps, controls and mutants."""
        verdicts = [*self.steps, *(mutant.verdict for mutant in self.mutants)]
        return sum(verdict.time_s for verdict in verdicts)

    @property
    def obligations(self) -> list[Proved]:
        """The theorems that a solver found, each once: the steps, and both parts of each induction."""
        found = [part for step in self.steps if isinstance(step, Proved) for part in _solved(step)]
        return list({id(part): part for part in found}.values())

    @property
    def countermodel(self) -> Refuted | None:
        """The model that refutes the first mutant."""
        return next((m.verdict for m in self.mutants if isinstance(m.verdict, Refuted)), None)


def _solved(theorem: Proved) -> list[Proved]:
    """Return the theorem itself, or the two that an induction was made of."""
    if theorem.rule == "solver":
        return [theorem]
    return [part for part in theorem.obligation.by if isinstance(part, Proved)]


def proof_of(key: str) -> Callable[[Callable[[], Proof]], Callable[[], Proof]]:
    """Return a decorator that enters a function as the proof of a statement; it runs when first asked for, and once."""

    def enter(build: Callable[[], Proof]) -> Callable[[], Proof]:
        _PROOFS[statement(key).key] = cache(build)
        return _PROOFS[key]

    return enter


def proof(key: str) -> Proof:
    """Return the proof of a statement, running the solvers if it was not asked for before.

    Parameters
    ----------
    key
        The statement's key, such as ``"minimax"``; see `fvproof.theory.statements.STATEMENTS`.

    Raises
    ------
    UnknownName
        If there is no statement of that key.

    Examples
    --------
    >>> type(proof("proposition-1").verdict).__name__
    'Proved'
    """
    key = statement(key).key
    _load()
    return _PROOFS[key]()


def proved_keys() -> frozenset[str]:
    """Return the keys of all statements that have a proof."""
    _load()
    return frozenset(_PROOFS)


@cache
def _load() -> None:
    """Import every file of proofs: that enters them, and asks no solver."""
    package = import_module("fvproof.verify.proofs")
    for module in iter_modules(package.__path__):
        import_module(f"fvproof.verify.proofs.{module.name}")
