"""Find certificates for all theorems that have none, and write the package's file anew: ``make certificates``."""

import sys
from collections.abc import Sequence

from fvproof.theory.statements import STATEMENTS
from fvproof.verify.certificates.theorems import derived
from fvproof.verify.positivstellensatz.store import SHIPPED, keys, proof_record, trees, write_proofs
from fvproof.verify.positivstellensatz.tree import Effort, NotFound, tree
from fvproof.verify.proving.proof import proof


def main(arguments: Sequence[str]) -> int:
    """Search for what is missing, keep what is found at once, and return 1 if something is missing still."""
    effort = Effort(time_s=float(arguments[0]) if arguments else 60.0)
    proofs = {key: proof(key) for key in STATEMENTS}
    known = trees()
    record = proof_record(proofs, known)
    found = derived([{key: one[key] for key in one if key != "steps"} for one in record["theorems"]])
    missing = 0
    for theorem, key in zip(found.theorems, keys(record["theorems"]), strict=True):
        if not theorem.is_open or key in known:
            continue
        try:
            known[key] = tree(found.terms, theorem.question, effort)
        except NotFound as reason:
            missing += 1
            print(f"{theorem.name}: {reason}", file=sys.stderr, flush=True)
        else:
            print(f"{theorem.name}: {len(known[key])} steps", file=sys.stderr, flush=True)
            write_proofs(proof_record(proofs, known), SHIPPED)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
