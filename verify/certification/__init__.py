"""Certified extrema of trained ReLU networks, the exact feature visualizations, and their independent check."""
