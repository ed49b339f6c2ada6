"""Verdicts on VNN-LIB properties with known answers: `python -m benchmarks.vnnlib DIR`."""
