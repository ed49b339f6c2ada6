"""What nobody has to believe: the search for extrema of ReLU networks, and for proofs of their bounds."""
