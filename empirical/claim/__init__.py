"""The trust card: whether one picture deserves to be called the visualization of a unit."""
