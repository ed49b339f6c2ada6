"""Whether people can read visualizations: a page of questions, and what its answers come to."""
