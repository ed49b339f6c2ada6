"""Finding a network's weights among those of a file, under whatever names a training run has saved them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from fvproof.empirical.notices import notify
from fvproof.theory.errors import DomainError, ShapeError

SHOWN = 3
"""How many names of each kind an error lists."""

WRAPPERS = {"module", "_orig_mod"}
"""Parts of names that data-parallel training and `torch.compile` put in, anywhere."""

HOLDERS = {"model", "net", "network", "module", "backbone", "encoder"}
"""What training code calls the network that it holds."""

NEW_NORM = re.compile(r"(.*\.)?parametrizations\.(\w+)\.original([01])", re.ASCII)
OLD_NORM = re.compile(r"(.*\.)?(\w+)_([gv])", re.ASCII)

LENGTH, DIRECTION = "#g", "#v"
"""Endings of the two parts of a weight that is the product of a length and a direction (weight norm)."""


def matched(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Return the weights of a file under the names that the network has for them.

    Names may have a prefix in the file or in the network, or parts that wrappers put in; weights that the network
    normalizes may stand in the file as one tensor, and the other way round; of tensors that the network holds as one,
    one will do. What is left out of the file for that is said.

    Parameters
    ----------
    wanted
        The network's state.
    given
        The tensors of the file.
    path
        The file, for the errors.

    Raises
    ------
    ShapeError
        If names or shapes do not fit: the first of each kind are listed, and what there is.
    DomainError
        If the file holds several networks' weights that fit.

    Examples
    --------
    >>> weight = torch.ones(2, 2)
    >>> matched({"weight": weight}, {"module.net.weight": weight}, Path("w.pt"))
    {'weight': tensor([[1., 1.],
            [1., 1.]])}
    """
    names = _Names(wanted)
    drop = WRAPPERS - {part for name in wanted for part in name.split(".")}
    clean = {".".join(part for part in name.split(".") if part not in drop): one for name, one in given.items()}
    clean = clean if len(clean) == len(given) else dict(given)
    file = {canonical: clean[name] for name, canonical in _canonical(clean).items()}
    prefix = names.prefix_in(file, path)
    if prefix is None:
        longer = names.prefix_of(file)
        file, prefix = {f"{longer}{name}": one for name, one in file.items()}, ""
    inside = {name.removeprefix(prefix): one for name, one in file.items() if name.startswith(prefix)}
    found, strangers = names.found_in(inside), names.strangers(inside)
    counts = [name for name in strangers if _counts(inside[name])]
    _require_fit(wanted, found, [name for name in strangers if name not in counts], given, path)
    if counts:
        notify(f"{_shortened(counts)} in {path}, of the training run, left out")
    if prefix and len(inside) < len(file):
        left = [name for name in file if not name.startswith(prefix)]
        notify(f"the weights are those under {prefix!r} in {path}; {_shortened(left)} left out")
    return found


def _canonical(names: Iterable[str]) -> dict[str, str]:
    """Return for each name that of the weight it is a part of, with an ending for the part; most are whole weights."""
    there, found = set(names), {}
    for name in there:
        new, old = NEW_NORM.fullmatch(name), OLD_NORM.fullmatch(name)
        if new:
            found[name] = f"{new[1] or ''}{new[2]}{(LENGTH, DIRECTION)[int(new[3])]}"
        elif old and {f"{old[1] or ''}{old[2]}_{end}" for end in "gv"} <= there:
            found[name] = f"{old[1] or ''}{old[2]}#{old[3]}"
        else:
            found[name] = name
    return {name: found[name] for name in names}


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that a network has for its weights."""

    wanted: Mapping[str, Tensor]

    @property
    def stems(self) -> set[str]:
        """The weights that must be in a file: without the counters of old checkpoints, one of those that are tied."""
        known: dict[object, str] = {}
        for name in _canonical(self.wanted).values():
            if not name.endswith("num_batches_tracked"):
                known.setdefault(self._tied(name), _stem(name))
        return set(known.values())

    def _tied(self, name: str) -> object:
        """Return the same for names of one tensor."""
        one = self.wanted.get(name)
        return name if one is None or not one.numel() else (one.data_ptr(), one.shape, one.stride())

    def group(self, name: str) -> list[str]:
        """Return all names of the tensor that has this one."""
        return [other for other in self.wanted if self._tied(other) == self._tied(name)]

    def prefix_in(self, file: Mapping[str, Tensor], path: Path) -> str | None:
        """Return what stands before each name in the file, or before most; None if there is no such prefix."""
        groups = [{_stem(one) for one in self.group(stem)} | {stem} for stem in self.stems]
        place = {name: i for i, group in enumerate(groups) for name in group}
        hits: dict[str, set[int]] = {"": set()}
        for name in map(_stem, file):
            for start in _starts(name):
                if name[len(start) :] in place:
                    hits.setdefault(start, set()).add(place[name[len(start) :]])
        fitting = sorted(start for start, found in hits.items() if len(found) == len(groups))
        if fitting:
            return "" if "" in fitting else _one_of(fitting, path)
        most = max(hits, key=lambda start: len(hits[start]))
        return most if 2 * len(hits[most]) > len(groups) else None

    def prefix_of(self, file: Mapping[str, Tensor]) -> str:
        """Return what stands before each of the network's own names that the file has without it; mostly nothing."""
        there, prefix, stems = {_stem(name) for name in file}, "", self.stems
        while len(heads := {stem.removeprefix(prefix).partition(".")[0] for stem in stems}) == 1:
            prefix += f"{heads.pop()}."
            if all(stem.removeprefix(prefix) in there for stem in stems):
                return prefix
            if any(stem.removeprefix(prefix).count(".") < 1 for stem in stems):
                break
        return ""

    def found_in(self, file: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the tensors of the file that the network wants, under its names."""
        pairs = ((name, self._found(name, canonical, file)) for name, canonical in _canonical(self.wanted).items())
        return {name: one for name, one in pairs if one is not None}

    def _found(self, name: str, canonical: str, file: Mapping[str, Tensor]) -> Tensor | None:
        """Return one tensor that the network wants: as it is, made of its parts, or under another of its names."""
        stem = _stem(canonical)
        if canonical in file:
            return file[canonical]
        if canonical == stem and {stem + LENGTH, stem + DIRECTION} <= file.keys():
            return _product(file[stem + LENGTH], file[stem + DIRECTION])
        if canonical != stem and stem in file:
            return file[stem] if canonical.endswith(DIRECTION) else _lengths(file[stem], self.wanted[name])
        return next((file[other] for other in self.group(name) if other in file), None)

    def strangers(self, file: Mapping[str, Tensor]) -> list[str]:
        """Return what is in the file and not in the network."""
        own = {_stem(name) for name in _canonical(self.wanted).values()}
        return [name for name in file if _stem(name) not in own]


def _counts(one: Tensor) -> bool:
    """Return whether a tensor is one whole number or a switch, such as the count of models that were averaged."""
    return one.dim() == 0 and not one.is_floating_point()


def _stem(name: str) -> str:
    """Return the name of a weight without the ending of its part."""
    return name.partition("#")[0]


def _starts(name: str) -> list[str]:
    """Return everything that may stand before a name: `a.b.` and shorter, down to nothing."""
    parts = name.split(".")
    return ["".join(f"{part}." for part in parts[:i]) for i in range(len(parts))]


def _one_of(prefixes: list[str], path: Path) -> str:
    """Return the prefix that is meant, of several that fit: averaged weights first, then what training code holds."""
    if len(prefixes) == 1:
        return prefixes[0]
    averaged = [one for one in prefixes if "ema" in one.lower()]
    held = [one for one in prefixes if {*one.strip(".").split(".")} <= HOLDERS]
    for some in (averaged, held):
        if len(some) == 1:
            return some[0]
    told = f"{path} holds {len(prefixes)} sets of weights that fit"
    raise DomainError(f"{told}, under {_shortened(prefixes)}: save those that are meant alone")


def _lengths(weight: Tensor, like: Tensor) -> Tensor:
    """Return the lengths of a weight's parts, one for each entry of a tensor of lengths."""
    if like.dim() != weight.dim():
        return weight.norm().reshape(like.shape) if like.numel() == 1 else weight
    dims = [i for i, size in enumerate(like.shape) if size == 1]
    return torch.linalg.vector_norm(weight, dim=dims, keepdim=True) if dims else weight.abs()


def _product(length: Tensor, direction: Tensor) -> Tensor:
    """Return the weight that has these lengths and directions (Salimans and Kingma 2016)."""
    return direction * (length / _lengths(direction, length))


def _require_fit(
    wanted: Mapping[str, Tensor],
    found: Mapping[str, Tensor],
    strangers: list[str],
    given: Mapping[str, Tensor],
    path: Path,
) -> None:
    """Raise ShapeError that lists the first names and shapes that differ, and what there is."""
    counters = {name for name in wanted if name.endswith("num_batches_tracked")}
    differences = {
        "missing": [name for name in wanted if name not in found and name not in counters],
        "not in the network": strangers,
        "(shapes differ)": [
            f"{name} {tuple(found[name].shape)} instead of {tuple(one.shape)}"
            for name, one in wanted.items()
            if name in found and found[name].shape != one.shape
        ],
    }
    parts = [f"{_shortened(names)} {kind}" for kind, names in differences.items() if names]
    if parts:
        there = f"the file holds {_described(given)}, the network {_described(wanted)}"
        raise ShapeError(f"the weights in {path} do not fit the network: {'; '.join(parts)} ({there})")


def _described(tensors: Mapping[str, Tensor]) -> str:
    """Return how many tensors there are, and the first with their shapes."""
    first = ", ".join(f"{name} {'×'.join(map(str, one.shape)) or 'a number'}" for name, one in [*tensors.items()][:2])
    return f"{len(tensors)} tensors, such as {first}" if tensors else "none"


def _shortened(names: list[str]) -> str:
    """Return the first names in one line."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
