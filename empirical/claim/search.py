"""The searches that a picture is held against: ascents from scratch by several engines, and one that starts from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.claim.asked import Claim
from fvproof.empirical.keeping.store import FinishedPiece
from fvproof.empirical.keeping.sweep import jobs
from fvproof.empirical.keeping.workspace import Job, Workspace, context_of
from fvproof.empirical.maximization.ascent import Progress, ascend, clean_activations
from fvproof.empirical.maximization.engines import OURS, engines
from fvproof.empirical.maximization.parametrization import COLORS, CONTRAST, Parametrization, fourier, gauges
from fvproof.empirical.maximization.spectrum import sides_of
from fvproof.empirical.networks.memory import Capacity, roomy
from fvproof.empirical.networks.objectives import Objective, layers_of
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.shapes import Shape

SEARCHES = (OURS, "pixels", "noise", "still")
"""Engines that look from scratch (`fvproof.empirical.maximization.engines`): with gradients through shut ReLUs, on
pixels, from noise, and without motions."""

DARKEST = 0.5 / 255
"""Pixels are kept so far from black and white before their logits are taken: half a step of a picture file."""

TOGETHER = 16
"""Pictures from which ascent starts at once."""


def searching(work: Workspace) -> dict[str, Workspace]:
    """Return a workspace for each engine, in the same folder: its settings are part of what a visualization is of."""
    found = {}
    for name, settings in engines(SEARCHES, work.settings).items():
        found[name] = replace(work, settings=settings, context=context_of(work.model, work.natural, settings))
    return found


def search_jobs(
    works: Mapping[str, Workspace], units: Mapping[bool, Sequence[Objective]], natural: Mapping[Objective, np.ndarray]
) -> Iterator[tuple[Workspace, Job]]:
    """Yield the work of looking from scratch, by each engine; `units` by whether the least is looked for."""
    for work in works.values():
        for minimize, asked in units.items():
            for job in jobs(work, asked, natural, minimize=minimize):
                yield work, job


def ascent_name(claim: Claim) -> str:
    """Return the name under which a workspace keeps the ascent from a picture."""
    return f"ascent from the picture of {claim.key}"


def ascent_jobs(work: Workspace, claims: Sequence[Claim]) -> list[Job]:
    """Return the work of ascending from pictures, those about one layer together.

    They are Fourier ascents under the motions of the package's own engine, whose first image is the picture; each is
    kept as an image and its clean activation.
    """
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for claim in claims:
        groups.setdefault((layers_of(claim.unit), claim.end), []).append(claim)
    mates = [group[i : i + TOGETHER] for group in groups.values() for i in range(0, len(group), TOGETHER)]
    steps = work.settings.steps
    return [Job(tuple(map(ascent_name, some)), partial(_ascents, some), len(some) * steps) for some in mates]


def _ascents(claims: Sequence[Claim], work: Workspace, progress: Progress | None = None) -> list[FinishedPiece]:
    """Return what ascent finds from some pictures, all of units of one layer."""
    model, units = work.model, [claim.unit for claim in claims]
    settings = replace(work.settings, opened=0, contrast=1.0, diversity=1, patience=0)
    capacity = Capacity(settings.batch)
    with roomy(), frozen(model.network):
        code = starting_from([claim.image for claim in claims], model.shape, device_of(model))
        found = ascend(model, units, settings, code, sign=claims[0].sign, progress=progress)
        values = clean_activations(model, units, settings, found.images, capacity).cpu().tolist()
    images = found.images.cpu().numpy()
    return [FinishedPiece({"activation": v}, {"image": image}) for v, image in zip(values, images, strict=True)]


def starting_from(images: Sequence[np.ndarray], shape: Shape, device: torch.device) -> Parametrization:
    """Return the parametrization by Fourier coefficients whose first images are these, in their order."""
    waves = fourier(shape, device)
    starts = iter([fourier_coefficients(torch.from_numpy(image)).to(device) for image in images])
    return Parametrization(lambda _generator: next(starts), waves.decode)


def fourier_coefficients(image: Tensor) -> Tensor:
    """Return the coefficients that `fvproof.empirical.maximization.parametrization.fourier` decodes to an image.

    Pixels nearer than half a step of 255 to black or white are taken for that.

    Parameters
    ----------
    image
        (C, H, W) in [0, 1], a signal (C, L) or a volume.

    Examples
    --------
    >>> picture = torch.linspace(0.1, 0.9, 192).view(3, 8, 8)
    >>> again = fourier((3, 8, 8), torch.device("cpu")).decode(fourier_coefficients(picture)[None])[0]
    >>> bool((again - picture).abs().max() < 1e-5)
    True
    """
    shape = tuple(image.shape)
    waves = torch.logit(image.double().clamp(DARKEST, 1 - DARKEST))
    if len(shape) == 3 and shape[0] == len(COLORS):
        colors = torch.tensor(COLORS, dtype=torch.float64)
        waves = torch.linalg.solve((colors / colors.norm(dim=1).max()).T, waves.flatten(1)).view(shape)
    spectrum = torch.fft.rfftn(waves[None], dim=sides_of(shape), norm="ortho")[0]
    return torch.view_as_real(spectrum * (gauges(*shape[1:]).double() / CONTRAST)).float()
