"""The symbolic witnesses as torch modules: their formulas in floating point, in memory of a few inputs each.

These are no ReLU networks as they stand; where the witness is one, `module(witness.network())` writes it out unit by
unit, which takes more memory than there is for images.
"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.exact.modules import module
from fvproof.theory.classes.base import Member
from fvproof.theory.classes.quadratic import QuadraticForm
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.faces import fixed
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.points import Point
from fvproof.theory.exact.surds import Exact
from fvproof.theory.witnesses.bowl import Bowl
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.profile import Knots, RadialFunction, RidgeFunction
from fvproof.theory.witnesses.shepard import Shepard
from fvproof.theory.witnesses.staircase import Staircase
from fvproof.verify.files.floats import as_network, rounded, rounded_point


def float_module(member: Member) -> nn.Module:
    """Return an exact function as a torch module of doubles: a network where it is written as one, else its formula."""
    network = as_network(member)
    return formula_module(member) if network is None else module(network)


def formula_module(witness: Member) -> nn.Module:
    """Return a symbolic witness as a torch module of doubles: inputs (N, ...), outputs (N, 1).

    Raises
    ------
    DomainError
        If there is no formula for this kind of function.

    Examples
    --------
    >>> f = Shepard(((Fraction(0),), (Fraction(1),)), (Fraction(0), Fraction(1)))
    >>> formula_module(f)(torch.tensor([[0.25]], dtype=torch.float64)).item()
    0.1
    """
    kinds: dict[type, type[nn.Module]] = {
        Extension: ExtensionModule,
        Staircase: StaircaseModule,
        Bowl: BowlModule,
        Shepard: ShepardModule,
        RidgeFunction: RidgeModule,
        RadialFunction: RadialModule,
        QuadraticForm: QuadraticModule,
    }
    if type(witness) not in kinds:
        raise DomainError(f"there is no torch module for functions of the kind {type(witness).__name__}")
    return kinds[type(witness)](witness).eval()


class ExtensionModule(nn.Module):
    """`fvproof.theory.witnesses.extension.Extension` in doubles."""

    def __init__(self, witness: Extension) -> None:
        super().__init__()
        self.norm, self.monotone = witness.norm, witness.monotone
        self.register_buffer("points", _points(witness.points))
        self.register_buffer("values", _numbers(witness.values))
        self.register_buffer("lipschitz", _numbers([witness.lipschitz]))

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return (least + greatest)/2."""
        z, values, lipschitz = images.flatten(1), self.get_buffer("values"), self.get_buffer("lipschitz")
        falls = torch.stack([self._reach(c - z) for c in self.get_buffer("points")], 1)
        rises = torch.stack([self._reach(z - c) for c in self.get_buffer("points")], 1)
        least = (values - lipschitz * falls).amax(1).clamp(min=values.min())
        greatest = (values + lipschitz * rises).amin(1).clamp(max=values.max())
        return ((least + greatest) / 2).unsqueeze(1)

    def _reach(self, step: Tensor) -> Tensor:
        """Return ‖step‖, or ‖step⁺‖ for a monotone extension."""
        sizes = torch.relu(step) if self.monotone else step.abs()
        if self.norm == Norm.LINF:
            return sizes.amax(1)
        return sizes.sum(1) if self.norm == Norm.L1 else sizes.square().sum(1).sqrt()


class StaircaseModule(nn.Module):
    """`fvproof.theory.witnesses.staircase.Staircase` in doubles."""

    def __init__(self, witness: Staircase) -> None:
        super().__init__()
        self.heights = [float(value) for value in witness.values]
        self.register_buffer("points", _points(witness.points))

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return (low + high)/2."""
        z = images.flatten(1)
        return ((self._reached(z, sign=1) + self._reached(z, sign=-1)) / 2).unsqueeze(1)

    def _reached(self, z: Tensor, *, sign: int) -> Tensor:
        """Return low(z) for the sign 1, high(z) for −1."""
        heights, points = [sign * height for height in self.heights], self.get_buffer("points")
        base = min(heights)
        steps = [torch.zeros_like(z[:, 0])]
        for end, top in zip(points, heights, strict=True):
            starts = [s for s, height in zip(points, heights, strict=True) if height < top]
            if starts:
                ways = torch.stack([_progress(start, end, z, sign=sign) for start in starts], 1)
                steps.append((top - base) * ways.amin(1))
        return sign * (base + torch.stack(steps, 1).amax(1))


def _progress(start: Tensor, end: Tensor, z: Tensor, *, sign: int) -> Tensor:
    """Return how far z has come from start to end, in the slowest of the coordinates that rise (fall for −1)."""
    way = sign * (end - start)
    counts = way > 0
    ratios = sign * (z - start) / torch.where(counts, way, 1.0)
    return torch.where(counts, ratios, torch.inf).amin(1).clamp(0, 1)


class BowlModule(nn.Module):
    """`fvproof.theory.witnesses.bowl.Bowl` in doubles."""

    def __init__(self, witness: Bowl) -> None:
        super().__init__()
        mask = np.zeros(witness.dimension)
        mask[list(fixed(witness.rim))] = 1
        self.register_buffer("centre", torch.from_numpy(rounded_point(witness.centre)))
        self.register_buffer("rim", torch.from_numpy(rounded_point(witness.rim)))
        self.register_buffer("mask", torch.from_numpy(mask))
        self.sharpness, self.share = float(witness.sharpness), float(witness.share)
        self.centre_value, self.rim_value = float(witness.centre_value), float(witness.rim_value)

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return v_c + (v_r − v_c)·((1 − λ)·max(0, 1 − k·δ) + λ·t)."""
        z, centre = images.flatten(1), self.get_buffer("centre")
        spike = torch.relu(1 - self.sharpness * ((z - self.get_buffer("rim")).abs() * self.get_buffer("mask")).sum(1))
        rises = z > centre
        room = torch.where(rises, 1 - centre, centre)
        gauge = torch.where(z == centre, 0.0, (z - centre).abs() / torch.where(room > 0, room, 1.0)).amax(1)
        height = (1 - self.share) * spike + self.share * gauge
        return (self.centre_value + (self.rim_value - self.centre_value) * height).unsqueeze(1)


class ShepardModule(nn.Module):
    """`fvproof.theory.witnesses.shepard.Shepard` in doubles."""

    def __init__(self, witness: Shepard) -> None:
        super().__init__()
        self.register_buffer("points", _points(witness.points))
        self.register_buffer("values", _numbers(witness.values))

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return the average of the values, weighted by the products of the squared distances to all other points."""
        z = images.flatten(1)
        squares = torch.stack([(z - c).square().sum(1) for c in self.get_buffer("points")], 1)
        others = [[i for i in range(squares.shape[1]) if i != j] for j in range(squares.shape[1])]
        weights = torch.stack([squares[:, rest].prod(1) for rest in others], 1)
        return ((weights * self.get_buffer("values")).sum(1) / weights.sum(1)).unsqueeze(1)


class Profile(nn.Module):
    """A piecewise linear function of one number, in doubles: a slope, and a ReLU wherever it changes."""

    def __init__(self, knots: Knots) -> None:
        super().__init__()
        slopes = [(v - u) / (t - s) for (s, u), (t, v) in pairwise(knots)]
        self.start, self.value, self.slope = float(knots[0][0]), float(knots[0][1]), float(slopes[0])
        self.register_buffer("places", _numbers([t for t, _ in knots[1:-1]]))
        self.register_buffer("bends", _numbers([later - earlier for earlier, later in pairwise(slopes)]))

    @override
    def forward(self, t: Tensor) -> Tensor:
        """Return the values, (N, 1), at N numbers."""
        ramps = torch.relu(t.unsqueeze(1) - self.get_buffer("places")) * self.get_buffer("bends")
        return (self.value + self.slope * (t - self.start) + ramps.sum(1)).unsqueeze(1)


class RidgeModule(nn.Module):
    """`fvproof.theory.witnesses.profile.RidgeFunction` in doubles."""

    def __init__(self, witness: RidgeFunction) -> None:
        super().__init__()
        ball = witness.ball
        self.profile = Profile(witness.knots)
        self.register_buffer("slope", _numbers(ball.normal(ball.offset(witness.peak))))
        self.register_buffer("centre", _numbers(ball.centre or [Fraction(0)] * witness.dimension))

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return g(⟨b − c, z − c⟩/ρ²)."""
        return self.profile((images.flatten(1) - self.get_buffer("centre")) @ self.get_buffer("slope"))


class RadialModule(nn.Module):
    """`fvproof.theory.witnesses.profile.RadialFunction` in doubles."""

    def __init__(self, witness: RadialFunction) -> None:
        super().__init__()
        self.norm, self.profile = witness.norm, Profile(witness.knots)
        self.register_buffer("prototype", torch.from_numpy(rounded_point(witness.prototype)))

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return h of the distance to the prototype, squared in ℓ2."""
        gaps = (images.flatten(1) - self.get_buffer("prototype")).abs()
        if self.norm == Norm.LINF:
            return self.profile(gaps.amax(1))
        return self.profile(gaps.sum(1) if self.norm == Norm.L1 else gaps.square().sum(1))


class QuadraticModule(nn.Module):
    """`fvproof.theory.classes.quadratic.QuadraticForm` in doubles."""

    def __init__(self, witness: QuadraticForm) -> None:
        super().__init__()
        self.other = float(witness.other)
        self.register_buffer("axes", _points([axis for axis, _ in witness.axes]))
        self.register_buffer("rises", _numbers([value - witness.other for _, value in witness.axes]))

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return μ·‖z‖² + Σ_j (λ_j − μ)·⟨e_j, z⟩²."""
        z = images.flatten(1)
        parts = (z @ self.get_buffer("axes").T).square() @ self.get_buffer("rises")
        return (self.other * z.square().sum(1) + parts).unsqueeze(1)


def _points(points: Iterable[Point]) -> Tensor:
    """Return points as rows of doubles."""
    return torch.from_numpy(np.stack([rounded_point(point) for point in points]))


def _numbers(values: Iterable[Exact]) -> Tensor:
    """Return numbers as doubles."""
    return torch.from_numpy(rounded(values))  # type: ignore[arg-type]
