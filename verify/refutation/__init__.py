"""Refutation: asking a decoder that somebody brings, judging its answers, and keeping what proves it wrong."""
