"""Proofs, searches and certificates: the theory held against solvers."""
