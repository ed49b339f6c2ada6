"""Every class with its oracle, for a visualization and a query: the parameters are drawn to fit them."""

from fractions import Fraction

from hypothesis import strategies as st

from fvproof.theory.classes import function_class
from fvproof.theory.exact.norms import Norm, ascent, distance
from tests.theory import programs
from tests.theory.cases import points

PLAIN = {
    "black-box": programs.arbitrary,
    "continuous": programs.arbitrary,
    "smooth": programs.arbitrary,
    "relu-network": programs.arbitrary,
    "lipschitz-unknown": programs.arbitrary,
    "piecewise-affine": programs.arbitrary,
    "monotone": programs.monotone,
    "convex": programs.convex,
    "concave": programs.concave,
    "affine": programs.affine,
    "constant": programs.constant,
}
NAMES = [*PLAIN, "lipschitz", "monotone-lipschitz", "erm"]


def rows(name, phi):
    """A strategy for a class of that name and the program that decides it."""
    if name in PLAIN:
        return st.just((function_class(name), PLAIN[name]))
    if name == "erm":
        return _trained(phi)
    return st.sampled_from(list(Norm)).flatmap(lambda norm: _constants(name, phi, norm))


def _constants(name, phi, norm):
    """Constants around the least feasible one, which is drawn too where it is a fraction."""
    program, size = (programs.lipschitz, distance) if name == "lipschitz" else (programs.monotone_lipschitz, ascent)
    reach = size(phi.argmin, phi.argmax, norm)
    exact = [phi.spread / reach] if reach and isinstance(reach, Fraction) else []
    least = float(phi.spread) / float(reach) if reach else 1
    near = [Fraction(round(least * factor * 12), 12) for factor in (0.8, 1.1, 1.5, 2, 4)]
    return st.sampled_from([*exact, *near]).map(
        lambda constant: (function_class(name, lipschitz=constant, norm=norm), program(constant, norm))
    )


@st.composite
def _trained(draw, phi):
    """Empirical risk minimisers for up to three training points, most with labels that fit."""
    chosen = draw(st.lists(points(phi.dimension), max_size=3, unique=True))
    shares = st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1), Fraction(1, 3)])
    known = {phi.argmax: phi.maximum, phi.argmin: phi.minimum}
    labels = {z: known.get(z, phi.minimum + draw(shares) * phi.spread) for z in chosen}
    if labels and draw(st.integers(0, 9)) == 0:
        labels[chosen[0]] += Fraction(1, 7)
    return function_class("erm", training=labels.items()), programs.trained(labels)
