"""The functions that prove what a visualization leaves open, beside the memorising networks of `fvproof.theory.witnesses.memorising`."""
