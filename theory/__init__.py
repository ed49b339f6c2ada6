"""The mathematics of feature visualizations as data and exact arithmetic."""
