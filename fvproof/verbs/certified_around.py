"""Extrema near an image: over the box or ball of a radius around it, within the range of all images."""

from fractions import Fraction
from math import prod
from typing import Any

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import as_vector
from fvproof.verbs.certifiable import Certifiable
from fvproof.verbs.certified_extremum import Certified, CertifyQuestion, box_of, graph_extremum, layered_extremum
from fvproof.verbs.given import read_point
from fvproof.verify.files.records import value_text
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.linear_forms import BoxDomain, ClippedBall
from fvproof.verify.search.search import SearchEffort

NORMS = ("linf", "l2")


def certified_around(known: Certifiable, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return an extremum over a box or ball around an image.

    Raises
    ------
    FvproofError
        If the image has another shape than the network reads or leaves the range of images, or the radius or norm is
        none.
    """
    norm, radius = asked.settings.get("norm") or "linf", exact(asked.settings["radius"], name="the radius")
    if norm not in NORMS:
        raise DomainError(f"the norm must be {' or '.join(NORMS)}, not {norm!r}")
    if not 0 <= radius <= 1:
        raise DomainError(f"the radius must be from 0 to 1, not {asked.settings['radius']}")
    image = _image(known, asked)
    box = _around(image, radius, box_of(asked, len(image)))
    told = {"radius": value_text(radius), "norm": norm}
    if norm == "l2":
        found = graph_extremum(known.graph(), asked, ClippedBall(image, radius, box.low, box.high), effort)
    elif isinstance(known.layers, NetworkGraph) or asked.settings.get("minus") is not None:
        found = graph_extremum(known.graph(), asked, box, effort)
    else:
        found = layered_extremum(known.layers, asked, box, effort)
    return Certified({**found.record, **told}, found.certificate, found.reached)


def _image(known: Certifiable, asked: CertifyQuestion) -> tuple[Fraction, ...]:
    """Return the numbers of the image, which must have the shape that the network reads."""
    coordinates, shape = read_point(asked.around, "around", "the image")
    shape = shape[1:] if len(shape) > 1 and shape[0] == 1 and prod(shape) == prod(shape[1:]) else shape
    wanted: tuple[Any, ...] = known.graph().shape if known.data is not None else ()
    different = len(shape) > 1 and len(wanted) > 1 and _plain(shape) != _plain(wanted)
    if different or prod(shape) != known.layers.dimension:
        needed = " × ".join(map(str, wanted or (known.layers.dimension,)))
        raise ShapeError(
            f"the image must have the shape that the network reads, {needed}, not {' × '.join(map(str, shape))}"
        )
    numbers = coordinates.ravel() if hasattr(coordinates, "ravel") else coordinates
    return tuple(as_vector(list(numbers), name="the image"))


def _plain(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape without axes of length 1."""
    return tuple(size for size in shape if size != 1)


def _around(image: tuple[Fraction, ...], radius: Fraction, box: BoxDomain) -> BoxDomain:
    """Return the part of a box, in which the image must lie, within a radius around the image."""
    for i, (low, x, high) in enumerate(zip(box.low, image, box.high, strict=True)):
        if not low <= x <= high:
            raise DomainError(
                f"coordinate {i} of the image must lie in [{low}, {high}], not {value_text(x)}: "
                "give low and high if the network reads another range"
            )
    low = tuple(max(x - radius, end) for x, end in zip(image, box.low, strict=True))
    return BoxDomain(low, tuple(min(x + radius, end) for x, end in zip(image, box.high, strict=True)))
