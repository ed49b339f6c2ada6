"""Signs that somebody manipulated the visualizations of a network."""
