"""Intervals of outputs of convolutional networks near images: certified, beside auto_LiRPA's CROWN and α-CROWN.

    python -m benchmarks.convolutional NET.onnx IMAGES.npz [--images 3] [--radii 0.1,0.5,1,2] [--seconds 0]

IMAGES.npz holds `images`, uint8 (N, H, W, 3). Radii count 1/255. The networks of oval21 read images less a mean, over
a deviation; the box is moved likewise. Ours are derived in integers, for 0 seconds without branching; times are CPU
seconds of one thread, for both ends together. `check` is the time of deriving both ends again.
"""

from argparse import ArgumentParser
from fractions import Fraction
from pathlib import Path
from time import monotonic, process_time

import numpy as np

from benchmarks.lirpa_peer import lirpa_intervals, reads
from fvproof.verify.certificates.derivation import upper_bound
from fvproof.verify.files.readers import read_graph
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.linear_forms import BoxDomain, LinearForm
from fvproof.verify.search.graph_proofs import bound_graph
from fvproof.verify.search.graph_roots import graph_root
from fvproof.verify.search.search import Aim

MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), 0.225


def ours(network: NetworkGraph, low: np.ndarray, high: np.ndarray, output: int, seconds: float) -> tuple[float, ...]:
    """Return the certified interval of an output, the values attained, CPU seconds, and CPU seconds of a check."""
    box = BoxDomain(*(tuple(map(Fraction, end.ravel().tolist())) for end in (low, high)))
    start, ends, spent = process_time(), [], 0.0
    root = graph_root(network, box, end=monotonic() + 600)
    for sign in (-1, 1):
        row = (LinearForm({output: Fraction(sign)}, {}),)
        end = monotonic() + (seconds or 600)
        ends.append((sign, bound_graph(root, row, box, Aim(1e-5), end, branching=seconds > 0)))
    found = process_time() - start
    for _, bound in ends:
        start = process_time()
        assert upper_bound(bound.part, network) == bound.part.upper
        spent += process_time() - start
    (_, least), (_, most) = ends
    return -float(least.part.upper), float(most.part.upper), -least.best, most.best, found, spent


def main() -> None:
    """Print a table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--images", dest="count", type=int, default=3)
    parser.add_argument("--radii", default="0.1,0.5,1,2")
    parser.add_argument("--seconds", type=float, default=0.0)
    given = parser.parse_args()
    network, images = read_graph(given.network), np.load(given.images)["images"]
    print("image radius  certified interval  width/CROWN  width/α-CROWN  width attained  CPU s  check s  theirs, s")
    for i in range(given.count):
        image = images[i].transpose(2, 0, 1) / 255
        for radius in map(float, given.radii.split(",")):
            ends = (np.clip(image + sign * radius / 255, 0, 1) for sign in (-1, 1))
            low, high = ((end - MEAN[:, None, None]) / DEVIATION for end in ends)
            least, most, low_seen, high_seen, found, spent = ours(network, low, high, 0, given.seconds)
            peers = lirpa_intervals(given.network, low, high, 0) if reads(given.network) else {}
            ratios = "  ".join(f"{(most - least) / (b - a):.3f}" for a, b, _ in peers.values()) or "-"
            times = ", ".join(f"{s:.2f}" for *_, s in peers.values()) or "-"
            told = f"{ratios}  {high_seen - low_seen:.6f}  {found:.2f}  {spent:.2f}  {times}"
            print(f"{i:5} {radius:6g}  [{least:.6f}, {most:.6f}]  {told}", flush=True)


if __name__ == "__main__":
    main()
