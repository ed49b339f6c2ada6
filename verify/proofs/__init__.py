"""One file per function class, each with its proofs as module-level values."""
