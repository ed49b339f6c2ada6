"""What a certificate says: linear forms over domains, and the multipliers and splits that prove a bound of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from fvproof.verify.certificates.fixed import Grid
from fvproof.verify.linear_forms import Domain, LinearForm


@dataclass(frozen=True, slots=True)
class BoxSplits:
    """Split the box at the middle of a coordinate, again and again; the leaves need no multipliers.

    Parameters
    ----------
    tree
        The nodes in preorder, lower half first: the coordinate that is split, or −1 for a leaf.
    """

    tree: Grid


@dataclass(frozen=True, slots=True)
class SignSplits:
    """Split on signs of ReLUs, with multipliers for the leaves and for the bounds that all leaves use.

    Parameters
    ----------
    neurons, slopes
        For each layer, its facets: which neuron, shape (C,), and the slopes, shape (C, inputs of the layer).
    bound_mu, bound_used
        For each layer k and each layer j < k, multipliers that bound the n_k inputs to ReLU and their negatives:
        shapes (2·n_k, n_j) and (2·n_k, C_j). Empty for a layer whose bounds need none.
    tree
        The nodes in preorder, silent side first: the number of the neuron (all layers in a row), or −1 for a leaf.
    mu, used
        For each layer, the leaves' multipliers: shapes (leaves, n_j) and (leaves, C_j).
    """

    neurons: tuple[Grid, ...]
    slopes: tuple[Grid, ...]
    bound_mu: tuple[tuple[Grid, ...], ...]
    bound_used: tuple[tuple[Grid, ...], ...]
    tree: Grid
    mu: tuple[Grid, ...]
    used: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class GraphSplits:
    """Split on signs of ReLUs of a graph, with slopes of the lines below ReLUs, and multipliers of the signs.

    Slopes count 2⁻¹⁷, and are stated for the ReLUs that are unstable on the whole domain, all steps in a row.

    Parameters
    ----------
    refined
        For each step of ReLUs, 1 if its bounds are derived from the whole network below it, 0 if from one step.
    slopes
        For each step of ReLUs, the slopes with which its bounds are derived, for all unstable ReLUs before it; empty
        for those that need no search.
    tree
        The nodes in preorder, silent side first: the number of the neuron (all steps in a row), or −1 for a leaf.
    leaf_slopes
        Shape (leaves, unstable ReLUs): the slopes at each leaf.
    betas
        What each sign on the way to each leaf is multiplied by, in steps of 2⁻⁴⁰, leaf by leaf: not negative.
    shares
        Shape (leaves, rows): which mean of the rows is bounded at each leaf, in shares of 2⁻¹⁷ that add up to 1.
    """

    refined: Grid
    slopes: tuple[Grid, ...]
    tree: Grid
    leaf_slopes: Grid
    betas: Grid
    shares: Grid


Splits = BoxSplits | SignSplits | GraphSplits


@dataclass(frozen=True, slots=True)
class ProvenBound:
    """The claim that over the domain the least of the rows is at most `upper`, with the splits that prove it."""

    rows: tuple[LinearForm, ...]
    domain: Domain
    upper: Fraction
    splits: Splits


@dataclass(frozen=True, slots=True)
class Certificate:
    """Claims about one network.

    Parameters
    ----------
    kind
        `maximum` or `minimum` of one output over a box: one part (for a minimum, of the negative), and the point that
        attains the other end of the interval. `property`: no input of the domains makes all rows of a part at least
        0 (each part's upper is negative), or, with a point, this input makes them so. `reading`: on a ball, an output
        is so near to an affine function that its visualization there predicts it within a share of its range.
    network, digest
        The file's name, and its SHA-256.
    parts
        The upper bounds.
    point
        An exact point, or None.
    value
        The least row's exact value there (for a minimum, the output itself); for a reading, the share; or None.
    about
        Free text for the reader: model, unit, command, the property's file, the tolerance asked for. Nothing follows
        from it, and it is shown as what is not checked.
    alternatives
        Of a property: digests of its ways to be unsafe, in order, each once (`fvproof.verify.certificates.meaning`).
        Those of the parts are all of them, or, with a point, one of them.
    """

    kind: str
    network: str
    digest: str
    parts: tuple[ProvenBound, ...]
    point: tuple[Fraction, ...] | None = None
    value: Fraction | None = None
    about: Mapping[str, str] | None = None
    alternatives: tuple[str, ...] = ()
