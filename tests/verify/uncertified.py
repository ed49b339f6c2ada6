"""Theorems that a solver proves, and that have no certificate yet: the list only gets shorter."""

UNCERTIFIED: tuple[str, ...] = ()
