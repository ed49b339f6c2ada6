"""Which of the tensors that a network returns counts as its output: many return dictionaries, tuples, dataclasses."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from torch import Tensor

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.notices import notify
from fvproof.theory.errors import DomainError

SHOWN = 8
"""So many tensors are named."""

USUAL = "logits"
"""The entry that is taken where nothing is named, if there is one: what classifiers of transformers call theirs."""


def with_output(model: Model, output: str | None = None) -> Model:
    """Return the network with what counts as its output.

    Parameters
    ----------
    model
        In evaluation mode, with all its numbers.
    output
        A dotted path into what the network returns, `out.0`, `heads.age`; or the name of a layer, whose output then
        counts, and after which nothing is run. By default the tensor that it returns, the only one of several values
        that is one, or `logits`.

    Raises
    ------
    DomainError
        If there is nothing there, or several tensors are returned and none is named.

    Examples
    --------
    >>> from torch import nn
    >>> class Two(nn.Module):
    ...     def forward(self, x):
    ...         return {"age": x.flatten(1), "heads": (x, x.mean((2, 3)))}
    >>> with_output(Model("two", Two(), (3, 2, 2)), "heads.1")(torch.zeros(5, 3, 2, 2)).shape
    torch.Size([5, 3])
    """
    try:
        returned = _returned(model)
    except (Exception, SystemExit):
        if output in _layers(model):
            return replace(model, until=output)
        if output is None:
            return model  # what is wrong with it is said when it is tried
        raise
    if output is None:
        return _usual(model, returned)
    if output in tensors_in(returned):
        return replace(model, output=output)
    if output in _layers(model):
        return replace(model, until=output)
    there = _listed(returned) if not isinstance(returned, Tensor) else "one tensor, which needs no name"
    told = f"{model.name} returns no tensor at {output!r}, and has no layer of this name: it returns {there}"
    raise DomainError(f"{told} (see --output; in Python, output=)")


def tensors_in(returned: object) -> dict[str, Tensor]:
    """Return every tensor in what a network returns, by its path; the path of a tensor alone is empty.

    Examples
    --------
    >>> list(tensors_in({"out": [torch.zeros(1), {"age": torch.zeros(1)}], "loss": None}))
    ['out.0', 'out.1.age']
    """
    return dict(_tensors(returned, ""))


def _tensors(value: object, path: str) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors in a value with their paths."""
    if isinstance(value, Tensor):
        yield path, value
        return
    for name, child in _children(value):
        yield from _tensors(child, f"{path}.{name}" if path else name)


def _children(value: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401  whatever a network returns
    """Yield the parts of a value by name: of dictionaries, dataclasses, named tuples, lists."""
    if isinstance(value, Mapping):
        yield from ((str(name), child) for name, child in value.items())
    elif is_dataclass(value) and not isinstance(value, type):
        yield from ((one.name, getattr(value, one.name)) for one in fields(value))
    elif isinstance(value, (list, tuple)):
        names = getattr(value, "_fields", range(len(value)))
        yield from ((str(name), child) for name, child in zip(names, value, strict=True))


def _returned(model: Model) -> object:
    """Return what the network returns for one grey image."""
    image = torch.full((1, *model.shape), 0.5, device=device_of(model))
    with frozen(model.network), torch.no_grad():
        return model.network(model.normalize(image))


def _layers(model: Model) -> list[str]:
    """Return the names of all layers."""
    return [name for name, _ in model.network.named_modules() if name]


def _usual(model: Model, returned: object) -> Model:
    """Return the network with the output that counts where none is named."""
    if isinstance(returned, Tensor):
        return model
    found = [path for path, one in tensors_in(returned).items() if one.is_floating_point() and len(one.shape) > 0]
    if len(found) == 1:
        return replace(model, output=found[0])
    if USUAL in found:
        notify(f"{model.name} returns several tensors: {USUAL} is taken (--output names another)")
        return replace(model, output=USUAL)
    told = f"{model.name} must return one tensor of floats with a row per image, not {type(returned).__name__}"
    advice = f"name one of {_listed(returned)}" if found else "return the scores"
    raise DomainError(f"{told}: {advice}, or a layer (--output; in Python, output=)")


def _listed(returned: object) -> str:
    """Return the first tensors with their shapes in words."""
    found = tensors_in(returned)
    names = [f"{path} ({'×'.join(map(str, one.shape)) or 'one number'})" for path, one in found.items()]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more if names else f"no tensor but {type(returned).__name__}"
