"""What makes a theorem, and what checks one again: terms, obligations, solvers, the kernel."""
