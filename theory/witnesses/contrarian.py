"""Functions that prove a decoder wrong: a black box everywhere, a small network on all of a finite test set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.decoders import Decoder
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.network import ReluNetwork
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.interpolating import interpolate


@dataclass(frozen=True, slots=True, eq=False)
class Contrarian:
    """The function with visualization φ that is m wherever the decoder says "closer to M", and M wherever it does not.

    ::

        f(a) = m,  f(b) = M,  f(x) = m if D(φ)(x) ≥ (m + M)/2 else M   for x ∉ {a, b}

    It is one function, and the decoder is wrong about its side at every query but the extrema, and off by at least
    (M − m)/2 there. It is built for a decoder that answers with certainty.

    Parameters
    ----------
    visualization
        φ with m < M.
    decoder
        D, whose answer depends on φ and x alone.

    Source
    ------
    Geirhos et al., ICML 2024, section 4, Theorem 2.

    Examples
    --------
    >>> from fvproof.theory.decoders import uninformed
    >>> phi = Visualization([0], [1], 0, 1)
    >>> f = Contrarian(phi, uninformed)
    >>> f(phi.argmax), f((Fraction(1, 2),))
    (Fraction(1, 1), Fraction(0, 1))
    """

    visualization: Visualization
    decoder: Decoder

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return self.visualization.dimension

    def __call__(self, z: Point) -> Fraction:
        """Return the value at z."""
        phi = self.visualization
        known = phi.known_value(z)
        if known is not None:
            return known
        return phi.minimum if self.decoder(phi, z) >= phi.middle else phi.maximum


def contrary_network(phi: Visualization, decoder: Decoder, queries: Sequence[Iterable[object]]) -> ReluNetwork:
    """Return one network of one hidden layer with n + 2 ReLUs on which a decoder errs at every one of n queries.

    ::

        f(a) = m,  f(b) = M,  f(x_j) = m if D(φ)(x_j) ≥ (m + M)/2 else M,  and m ≤ f ≤ M everywhere

    The decoder is off by (M − m)/2 or more at each query, and on average: doing well on a test set of n inputs is
    no way out either. A query at a or b, where the visualization tells the value, or given twice, costs no ReLU.

    Parameters
    ----------
    phi
        The visualization, with a ≠ b.
    decoder
        D; it must give the same answer whenever it is asked the same.
    queries
        The inputs x_j, points of the cube: a benchmark's test images, say.

    Raises
    ------
    DomainError, ShapeError
        If a query is no point of the cube of the visualization's dimension.

    Source
    ------
    fvproof, statement `average`.

    Examples
    --------
    >>> from fvproof.theory.decoders import uninformed
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> f = contrary_network(phi, uninformed, [["1/2", 0], ["1/4", "3/4"]])
    >>> f.widths, [str(f(phi.query(x))) for x in (["1/2", 0], ["1/4", "3/4"], [1, 1])]
    ((4,), ['0', '0', '1'])
    """
    contrary = Contrarian(phi, decoder)
    asked = {tuple(fractions(phi.query(x))): None for x in queries}
    points = list({tuple(fractions(z)): None for z in (phi.argmin, phi.argmax)} | asked)
    return interpolate(points, [contrary(z) for z in points])
