"""Find certificates for all theorems that have none, and write the package's file anew: ``make certificates``."""

import sys
from collections.abc import Sequence
from time import monotonic

from fvproof.theory.statements import STATEMENTS
from fvproof.verify.certificates.proofs import SHIPPED
from fvproof.verify.positivstellensatz.store import proof_record, search, trees, write_proofs
from fvproof.verify.positivstellensatz.tree import Patience
from fvproof.verify.proving.proof import proof

SAVED_S = 60.0
"""Seconds after which what was found is kept, so that a search that is broken off goes on from there."""


def main(arguments: Sequence[str]) -> int:
    """Search for what is missing, and return 1 if something is missing still; a number is the seconds for each."""
    patience = Patience(time_s=float(arguments[0])) if arguments else Patience()
    proofs, saved = {key: proof(key) for key in STATEMENTS}, monotonic()
    known = {key: tree for key, tree in trees().items() if tree is not None}

    def told(name: str, what: str) -> None:
        nonlocal saved
        print(f"{name}: {what}", file=sys.stderr, flush=True)
        if monotonic() - saved > SAVED_S:
            write_proofs(proof_record(proofs, known), SHIPPED)
            saved = monotonic()

    record = proof_record(proofs, known)
    search(record, known, patience, told)
    record = proof_record(proofs, known)
    write_proofs(record, SHIPPED)
    return 0 if all("steps" in one for one in record["theorems"] if one["rule"] == "cases") else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
