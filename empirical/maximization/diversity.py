"""Several distinct visualizations of one unit: images that excite it, and are as unlike each other as that allows.

How like two images are is the cosine of their *styles*: in a layer with positions, the Gram matrices of its channels
(Olah, Mordvintsev and Schubert, "Feature Visualization", Distill 2017); in a network without such a layer, the images
themselves. Both are seen from grey: what an image has in common with a grey one makes it like every other.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.layers import layer_with_positions
from fvproof.empirical.networks.memory import Capacity
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen

GREY = 0.5
"""What an image without a layer is seen from."""


def style(output: Tensor) -> Tensor:
    """Return the style of each image, a row of length 1.

    Parameters
    ----------
    output
        Of a layer, minus that of a grey image: `(N, C, *positions)`, for the Gram matrix `Σ_p x_p x_pᵀ` over its
        positions. Or images minus grey as rows `(N, D)`, which are their own style.

    Examples
    --------
    >>> maps = torch.zeros(1, 2, 1, 2)
    >>> maps[0, 0, 0] = torch.tensor([3.0, 4.0])
    >>> style(maps).tolist()
    [[1.0, 0.0, 0.0, 0.0]]
    """
    rows = output.float()
    if rows.dim() == 2:
        return F.normalize(rows, dim=1)
    features = rows.flatten(2)
    scaled = features / features.abs().amax(dim=(1, 2), keepdim=True).clamp(min=torch.finfo(rows.dtype).tiny)
    return F.normalize((scaled @ scaled.transpose(1, 2)).flatten(1), dim=1)


def likeness(styles: Tensor, variants: int) -> Tensor:
    """Return the cosine of the styles of each image and each other of its unit, `(N, variants - 1)`.

    Parameters
    ----------
    styles
        Of all variants of one unit, then of the next, see `style`.
    variants
        How many each unit has.

    Examples
    --------
    >>> likeness(torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]), 3)
    tensor([[0.6000, 0.0000],
            [0.6000, 0.8000],
            [0.0000, 0.8000]])
    """
    groups = styles.unflatten(0, (-1, variants))
    cosines = groups @ groups.transpose(1, 2)
    others = ~torch.eye(variants, dtype=torch.bool, device=styles.device)
    return cosines[:, others].unflatten(1, (variants, variants - 1)).flatten(0, 1)


def largest_likeness(
    model: Model, layer: str, images: Tensor, variants: int, capacity: Capacity | None = None
) -> Tensor:
    """Return for each image the largest cosine of its style and that of another variant of its unit, `(N,)`.

    Parameters
    ----------
    model
        The network.
    layer
        The unit's; styles are read there, or in the last layer before that has positions.
    images
        `(N, C, H, W)`, all variants of one unit, then of the next.
    variants
        How many each unit has, at least 2.
    capacity
        How many images there is room for.

    Examples
    --------
    >>> from torch import nn
    >>> model = Model("none", nn.Sequential(nn.Flatten(), nn.Linear(4, 1)), (1, 2, 2))
    >>> image = torch.tensor([[[[0.0, 1.0], [0.5, 0.5]]]])
    >>> largest_likeness(model, "1", torch.cat([image, image, 1 - image]), 3).round(decimals=3)
    tensor([ 1.,  1., -1.])
    """
    with frozen(model.network), torch.no_grad():
        place, styles_of = styles_in(model, layer)
        if place is None:
            return likeness(styles_of(images.to(device_of(model))), variants).amax(dim=1)
        with capturing(model, [place], styles_of) as run:

            def alike(groups: Tensor) -> Tensor:
                styles = run(groups.flatten(0, 1).to(device_of(model)))[place]
                return likeness(styles, variants).amax(dim=1)

            groups = images.unflatten(0, (-1, variants))
            return torch.cat(list((capacity or Capacity()).parts(alike, groups, weight=variants)))


def styles_in(model: Model, layer: str) -> tuple[str | None, Callable[[Tensor], Tensor]]:
    """Return where a unit's styles are read, and the function from that layer's output (None: from images) to styles.

    The place is the unit's layer, or the last before it that has positions.
    """
    place = layer_with_positions(model, layer)
    if place is None:
        return None, lambda images: style((images - GREY).flatten(1))
    with frozen(model.network), torch.no_grad(), capturing(model, [place]) as run:
        grey = run(torch.full((1, *model.shape), GREY, device=device_of(model)))[place].float()
    return place, lambda output: style(output.float() - grey)
