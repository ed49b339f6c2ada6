"""The twin that an audit shows: of the unit that can be read best, on an image that excites it most or least."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fvproof.empirical.auditing.findings import TwinFindings, UnitFindings
from fvproof.empirical.auditing.judgement import succeeded
from fvproof.empirical.auditing.work import seen
from fvproof.empirical.fooling.cones import Readout
from fvproof.empirical.fooling.twins import Twin, TwinCheck, build_twin, check_twin, visualize_twin
from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.records import remembered
from fvproof.empirical.keeping.workspace import Workspace
from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.objectives import Unit
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization

STEPS = 128
"""At most so many steps are enough to see that the optimizer finds the same images on the twin."""

TRIED = 20
"""Images that are tried: one that is given twice has no twin that agrees on all others."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where and how a twin disagrees with its unit; see `fvproof.empirical.auditing.findings.TwinFindings`."""

    place: int
    original: float
    check: TwinCheck
    found_again: float


def disagreement(workspace: Workspace, units: Sequence[UnitFindings]) -> TwinFindings | None:
    """Return a twin of the unit whose visualizations predict best, checked by running it; None where there is none.

    Parameters
    ----------
    workspace
        Where it is kept, and the natural images: the twin disagrees with the unit on one and agrees on all others.
    units
        The units to choose from: channels of a module's own output.
    """
    known, images = layouts(workspace.model), workspace.images
    found = _most_readable([one for one in units if isinstance(one.unit, Unit) and one.unit.layer in known])
    phi = None if found is None else seen(workspace, found.unit)
    if found is None or phi is None or not isinstance(found.unit, Unit):
        return None
    readout = Readout(workspace.model, found.unit.layer, position=workspace.settings.position)
    twin = _first_twin(readout, found, phi, images)
    if twin is None:
        return None

    def checked() -> list[Disagreement]:
        settings = replace(workspace.settings, steps=min(STEPS, workspace.settings.steps))
        ends = visualize_twin(twin, settings)
        check = check_twin(twin, phi, images)
        return [Disagreement(twin.index, twin.original, check, max(end.largest_difference for end in ends))]

    (kept,) = remembered(workspace, [f"twin of {found.unit} at {twin.index}"], Disagreement, checked)
    image = images.batch(kept.place, kept.place + 1)[0].numpy()
    name = images.names[kept.place] if images.names else f"image {kept.place}"
    return TwinFindings(found.unit, image, name, kept.original, kept.check, kept.found_again)


def _most_readable(units: Sequence[UnitFindings]) -> UnitFindings | None:
    """Return the unit whose visualizations predict best, one with good visualizations if there is any."""
    best, rank = None, (False, 0.0)
    for found in units:
        if found.reading is not None and (own := (succeeded(found), found.reading.chosen.order.value)) > rank:
            best, rank = found, own
    return best


def _first_twin(readout: Readout, found: UnitFindings, phi: Visualization, images: ImageSet) -> Twin | None:
    """Return the twin at the image farthest from the middle of the unit's range, or the next one that has a twin."""
    assert isinstance(found.unit, Unit)
    channel = found.unit.channel
    order = np.argsort(-np.abs(found.natural - float(phi.middle)), kind="stable")
    for place in order[:TRIED]:
        try:
            return build_twin(readout, channel, phi, images, int(place))
        except DomainError:
            continue
    return None
