"""Activation maximization: the images that excite units most, or least, and how well that went."""
