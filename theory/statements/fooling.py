"""Statements."""

from theory.statements.statement import Statement

FOOLING: tuple[Statement, ...] = ()
