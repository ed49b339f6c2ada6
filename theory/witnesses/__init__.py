"""The functions that prove what a visualization leaves open."""
