"""Feature visualizations of real networks, and what they tell."""
