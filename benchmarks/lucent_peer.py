"""Lucent (`torch-lucent`), the usual activation maximization for torch, as a peer to time."""

from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from importlib import import_module

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit


def has_lucent() -> bool:
    """Return whether lucent can be imported; torchvision, which it needs, is let in beside a torch of another build."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    with suppress(RuntimeError):  # declared already, by torchvision itself
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    try:
        import_module("lucent.optvis.render")
    except ImportError:
        return False
    return True


def lucent_images(model: Model, units: Sequence[Unit], steps: int) -> Tensor:
    """Return what lucent's own loop finds for units of one layer in one batch, at the network's own size of image.

    It gets a copy of the network, since it leaves a hook on every layer. Parametrization (Fourier, decorrelated
    colours), transforms, optimiser and learning rate are its defaults.
    """
    from lucent.optvis import objectives, param, render

    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 (lucent draws from it)
    terms = [
        objectives.channel(unit.layer.replace(".", "_"), unit.channel, batch=row) for row, unit in enumerate(units)
    ]
    side = model.shape[1]
    (images,) = render.render_vis(
        deepcopy(model.network),
        sum(terms[1:], terms[0]),
        lambda: param.image(side, batch=len(units)),
        thresholds=(steps,),
        preprocess=False,
        progress=False,
        show_image=False,
        fixed_image_size=side,
    )
    return torch.from_numpy(images).permute(0, 3, 1, 2)
