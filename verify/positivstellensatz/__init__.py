"""The search for certificates of proofs: case trees with sums at their leaves. Nobody has to believe it."""
