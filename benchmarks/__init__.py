"""Timings side by side with peers; run by `make bench`, never asserted."""
