"""Ranks of activations: exact ones, and quick ones for large layers that hardly differ from them.

Sorting the activations of all layers costs several times what the network costs. A *binned* rank is the average of the
exact ranks of all entries whose value rounds to the same 13 bits (a sign, 5 of exponent, 7 of mantissa), which takes
counting in the place of sorting. With n entries in a row, t_j of them in bin j, the vector r of exact ranks and that of
binned ranks q satisfy::

    r = q + e,   ⟨q, e⟩ = 0,   ‖e‖² ≤ Σ_j (t_j³ − t_j) / 12

since q is r averaged bin by bin. Hence their correlation is known without sorting. Rows in which it could be less than
`AGREEMENT` (values that hardly differ from one another) are ranked exactly.
"""

import numpy as np
import torch
from torch import Tensor

LARGE = 8192
"""Rows with fewer entries are ranked exactly: sorting them costs no more than counting."""

AGREEMENT = 0.9999
"""Squared correlation of a row's binned ranks with its exact ones, at least."""

HALF, BINS = 4096, 8192
"""Places of zero among the bins (negative values below, positive ones above), and their number."""


def centred_ranks(values: Tensor, lengths: Tensor) -> Tensor:
    """Return twice the ranks of each row's entries, less their mean; binned where rows are large and on a CPU.

    Parameters
    ----------
    values
        (n, d) float32, finite.
    lengths
        (n,), the Euclidean norm of each row.

    Examples
    --------
    >>> values = torch.tensor([[0.0, 3.0, 0.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    >>> centred_ranks(values, values.norm(dim=1))
    tensor([[-2.,  3., -2.,  1.],
            [ 0.,  0.,  0.,  0.]])
    """
    if values.shape[1] < LARGE or values.device.type != "cpu":
        return average_ranks(values) - (values.shape[1] - 1)
    return _binned_where_close(values, lengths)


def average_ranks(values: Tensor) -> Tensor:
    """Return twice the ranks of each row's entries, counted from 0; equal entries share their average rank.

    Parameters
    ----------
    values
        (n, d).

    Examples
    --------
    >>> average_ranks(torch.tensor([[0.0, 3.0, 0.0, 1.0]]))
    tensor([[1., 6., 1., 4.]])
    """
    ranks = torch.empty_like(values)
    for row, result in zip(values, ranks, strict=True):
        places = _order(row)
        _, sizes = torch.unique_consecutive(row[places], return_counts=True)
        middles = (2 * sizes.cumsum(0) - sizes - 1).to(values.dtype)
        result[places] = middles.repeat_interleave(sizes)
    return ranks


def _order(row: Tensor) -> Tensor:
    """Return the places of the entries in ascending order; on a CPU, NumPy sorts several times faster than torch."""
    return torch.from_numpy(np.argsort(row.numpy())) if row.device.type == "cpu" else row.argsort()


def _binned_where_close(values: Tensor, lengths: Tensor) -> Tensor:
    """Return centred ranks, row by row binned or exact."""
    count, places = values.shape[1], _bins(values, lengths)
    counts = torch.stack([torch.bincount(row, minlength=BINS) for row in places]).float()
    tables = _tables(counts)
    ranks = torch.empty_like(values)
    places = places.int()
    zeros = torch.tensor([count - np.count_nonzero(row != 0) for row in values.numpy()])  # quicker than torch's
    for row, agreed in enumerate(agreement(counts, tables, zeros).tolist()):
        if agreed < AGREEMENT:
            ranks[row] = average_ranks(values[row : row + 1])[0] - (count - 1)
        else:
            torch.index_select(tables[row], 0, places[row], out=ranks[row])
    return ranks


def _bins(values: Tensor, lengths: Tensor) -> Tensor:
    """Return the bin of each entry, int16 from 0 to `BINS` − 1; it falls with the value below `HALF`, rises above."""
    scale = 2**15 / torch.where(lengths > 0, lengths, 1.0)  # no entry is longer than its row: none overflows
    halves = torch.empty(values.shape, dtype=torch.half)
    torch.mul(values, scale[:, None], out=halves)
    return halves.view(torch.int16).bitwise_right_shift_(3).add_(HALF)


def _tables(counts: Tensor) -> Tensor:
    """Return the centred rank that entries have in each bin, (n, `BINS`) float32."""
    zero = counts[:, :1] + counts[:, HALF : HALF + 1]  # −0 and 0 are equal
    ordered = torch.cat([counts[:, 1:HALF].flip(1), zero, counts[:, HALF + 1 :]], dim=1)
    middles = ordered.cumsum(1).mul_(2).sub_(ordered).sub_(counts[0].sum())
    return torch.cat([middles[:, :HALF].flip(1), middles[:, HALF - 1 :]], dim=1)


def agreement(counts: Tensor, tables: Tensor, zeros: Tensor) -> Tensor:
    """Return a lower bound of the squared correlation of each row's binned and exact ranks, (n,).

    Parameters
    ----------
    counts, tables
        (n, `BINS`) float32, how many entries are in each bin, and their centred rank.
    zeros
        (n,), how many entries are zero: they are equal, whatever else is in their bin.
    """
    kept = torch.linalg.vecdot(counts, tables.square())
    sizes = counts.clone()
    sizes[:, 0] += sizes[:, HALF]
    sizes[:, HALF] = 0
    lost = (sizes.pow(3).sum(1) - sizes.sum(1) - zeros.float() ** 3 + zeros) / 3  # ranks are doubled
    return torch.where(kept + lost > 0, kept / (kept + lost), 1.0)
