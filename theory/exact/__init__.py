"""Exact numbers, points, norms, faces and linear programs."""
