"""What `fv.certify` asks the search for, and what that proves: an extremum, a verdict, or a reading radius."""

from pathlib import Path

from fvproof.theory.domains import CUBE
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.points import as_vector
from fvproof.verbs.certifiable import Certifiable
from fvproof.verbs.certified_around import certified_around
from fvproof.verbs.certified_extremum import (
    Certified,
    CertifyQuestion,
    box_of,
    graph_extremum,
    layered_extremum,
    verdict,
)
from fvproof.verbs.given import read_point
from fvproof.verify.files.records import value_text
from fvproof.verify.files.vnnlib import read_property
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.search.graph_extremum import decide_graph
from fvproof.verify.search.property import decide
from fvproof.verify.search.reading import certified_reading
from fvproof.verify.search.search import SearchEffort


def certified(known: Certifiable, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return what the search proves.

    Raises
    ------
    FvproofError
        If what is asked for does not go together, or is out of range.
    """
    share, radius = asked.settings.get("reading_radius"), asked.settings.get("radius")
    if asked.around is None and (share is not None or radius is not None):
        raise DomainError("a radius or reading-radius goes with around, which says where the middle is")
    if asked.around is not None and ((share is None) == (radius is None) or asked.vnnlib is not None):
        raise DomainError("around goes with a radius, or with a reading-radius, and not with a property")
    if asked.settings.get("norm") is not None and radius is None:
        raise DomainError("a norm goes with a radius")
    if radius is not None:
        return certified_around(known, asked, effort)
    if asked.settings.get("minus") is not None:
        raise DomainError("a difference of outputs is certified around a point: give around and radius")
    if isinstance(known.layers, NetworkGraph):
        return _large(known.layers, asked, effort)
    if asked.around is not None:
        return _reading(known.layers, asked, effort)
    return _extremum(known.layers, asked, effort) if asked.vnnlib is None else _property(known.layers, asked, effort)


def _large(network: NetworkGraph, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return an extremum or a verdict of a network that is searched as a graph."""
    if asked.around is not None:
        raise DomainError("reading radii are certified for small networks; this one is large: give a radius instead")
    if asked.vnnlib is None:
        return graph_extremum(network, asked, box_of(asked, network.dimension), effort)
    found = decide_graph(network, read_property(Path(asked.vnnlib)), timeout_s=effort.timeout_s)
    return verdict(found, asked)


def _extremum(network: LayeredNetwork, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return an extremum over a box."""
    return layered_extremum(network, asked, box_of(asked, network.dimension), effort)


def _property(network: LayeredNetwork, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return a verdict on a property."""
    assert asked.vnnlib is not None
    return verdict(decide(network, read_property(Path(asked.vnnlib)), effort=effort), asked)


def _reading(network: LayeredNetwork, asked: CertifyQuestion, effort: SearchEffort) -> Certified:
    """Return a reading radius."""
    coordinates, _ = read_point(asked.around, "around", "the point")
    centre = as_vector(list(CUBE.read(coordinates, name="the point")), name="the point")
    found = certified_reading(network, asked.output, centre, asked.settings["reading_radius"], effort=effort)
    if found is None:
        return Certified({"kind": "reading", "radius": None}, None, reached=False)
    record = {"radius": value_text(found.radius), "deviation": value_text(found.deviation), "complete": found.complete}
    return Certified({"kind": "reading", **record}, found.certificate, found.complete)
