"""The black-box function that proves a decoder wrong everywhere."""

from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.decoders import Decoder
from fvproof.theory.exact.points import Point
from fvproof.theory.visualization import Visualization


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
