"""Certified extrema of trained ReLU networks, the exact feature visualizations, and their independent check.

What one has to believe, in this order; nothing here imports a solver:

1. `layered`: the network, an affine map after the other with a ReLU between them, every number exact.
2. `parts`, `certificate`, `packing`: what is claimed, and the splits and multipliers that prove it, as a file.
   `meaning`: which property it is, however it is written down.
3. `fixed`: integers that count 2⁻³², and products of them rounded in a known direction.
4. `duality`: any multipliers give an upper bound of a linear function of the network over a box or a ball.
5. `halving`, `derivation`: what a tree of boxes, or a tree of signs with its multipliers, proves.
6. `checker`: every claim of a certificate, derived again. `statement`: the claim in words, and what is only said.

How certificates are found, which nobody has to believe:

7. `extremum`, `property`, `reading`: the three questions. `bounding` takes one bound from question to proof.
8. `search`: branch and bound in stretches, across any executor. `ascent`: points to start from.
9. `boxes`, `crown`: for few inputs, halve the box; bounds in doubles.
10. `signs`, `relaxation`, `root`, `closing`: for few ReLUs, fix signs; linear programs, and the multipliers they give.
"""
