"""Measurements: what visualizations tell about natural images, with intervals."""
