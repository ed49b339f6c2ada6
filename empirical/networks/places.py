"""Where units are read: the mean over all positions, the largest, the middle, one place, or the class token."""

from math import prod

from torch import Tensor

from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model
from fvproof.theory.errors import DomainError, ShapeError

CLASS_TOKEN = "cls"
"""The place of the token that stands for the whole image; it comes first."""

CLASS_TOKENS = ("cls_token", "class_token", "cls", "class_embedding", "cls_embedding")
"""What timm, torchvision, transformers and CLIP call its parameter."""


def responses(output: Tensor, position: str = "mean") -> Tensor:
    """Return the activations of all units of a layer, one row per image.

    Parameters
    ----------
    output
        The layer's output, `(N, C)` or `(N, C, *positions)`, as `fvproof.empirical.networks.capturing` gives it.
    position
        "mean" over all positions, "max" for the largest of them, "center" for the middle one, "cls" for the first
        token, or the indices of one: a row and a column such as "3x4", or the number of a token.

    Returns
    -------
    Tensor
        Of shape `(N, C)`.

    Raises
    ------
    ShapeError
        An output without units.
    DomainError
        A place that the output does not have.

    Examples
    --------
    >>> import torch
    >>> maps = torch.arange(8.0).reshape(1, 2, 2, 2)
    >>> responses(maps).tolist(), responses(maps, "0x1").tolist(), responses(maps, "max").tolist()
    ([[1.5, 5.5]], [[1.0, 5.0]], [[3.0, 7.0]])
    """
    if output.dim() < 2:
        raise ShapeError(f"a unit's layer gives (N, C) or (N, C, *positions), received {tuple(output.shape)}")
    sizes = tuple(output.shape[2:])
    if not sizes and position in ("mean", "center", "max"):
        return output
    if position in ("mean", "max"):
        every = tuple(range(2, output.dim()))
        return output.mean(dim=every) if position == "mean" else output.amax(dim=every)
    place = tuple(size // 2 for size in sizes) if position == "center" else _place(position, sizes)
    return output[:, :, *place]


def _place(text: str, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the indices of a place."""
    if text == CLASS_TOKEN and len(sizes) == 1:
        return (0,)
    found = tuple(int(number) for number in text.split("x") if number.isascii() and number.isdecimal())
    if not sizes or len(found) != len(sizes) or not all(i < size for i, size in zip(found, sizes, strict=True)):
        has = " by ".join(map(str, sizes)) + " places" if sizes else "no places"
        kinds = "mean, max, center, cls (the class token)"
        raise DomainError(f"a place is {kinds} or counted from 0, of a layer with {has}; received {text!r}")
    return found


def require_class_token(model: Model, sizes: tuple[int, ...]) -> None:
    """Raise DomainError if nothing tells that the first of a layer's tokens is a class token.

    It has one if the network has a parameter of one of the usual names, or, as in files without names, if there is one
    token more than some earlier layer has places.

    Parameters
    ----------
    model
        The network.
    sizes
        How many positions the layer has, along each axis.
    """
    if len(sizes) != 1:
        return  # said better where the place is looked for
    names = {name.rpartition(".")[2] for name, _ in model.network.named_parameters()}
    patches = {prod(one.positions) for one in layouts(model).values() if one.positions}
    if names.isdisjoint(CLASS_TOKENS) and sizes[0] - 1 not in patches - {1}:
        raise DomainError(f"{model.name} has no class token: cls is no place of it, a token is named by its number")
