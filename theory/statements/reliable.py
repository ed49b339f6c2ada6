"""Statements."""

from theory.statements.statement import Statement

RELIABLE: tuple[Statement, ...] = ()
