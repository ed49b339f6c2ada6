"""Which output of a network each class folder stands for: by its name, by its number, or counted."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np

from fvproof.theory.errors import DomainError

IMAGENET_OUTPUTS = 1000

WNID = re.compile(r"(n\d{8})(?:[-_ ,.].*)?", re.ASCII | re.IGNORECASE)
"""A folder named by WordNet's number for its class, perhaps with the name behind it."""

NUMBER = re.compile("[0-9]{1,9}")

SHOWN = 10
"""Folders that a sentence names."""


@dataclass(frozen=True, slots=True)
class Labelling:
    """Which output each class folder stands for.

    Attributes
    ----------
    outputs
        The number of the output, by folder.
    left_out
        Folders that stand for no output, while others do.
    how
        "names", "numbers", "wnids" or "counted": how they were told.
    meanings
        The network's own name of a folder's output, where it differs from the folder's.
    """

    outputs: Mapping[str, int]
    left_out: tuple[str, ...] = ()
    how: str = "names"
    meanings: Mapping[str, str] = field(default_factory=dict)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a user has to know, as sentences without a full stop."""
        shown = [f"{folder} → {self._target(folder)}" for folder in self.outputs]
        told = f"{_INTRODUCTIONS[self.how]}: {_listed(shown)}"
        if not self.left_out:
            return (told,)
        many = len(self.left_out) > 1
        names = _listed([repr(name) for name in self.left_out])
        left = (
            f"left out, because {'they are' if many else 'it is'} no class of the network: folder{'s' * many} {names}"
        )
        return told, left

    def _target(self, folder: str) -> str:
        """Return the output of a folder as it is shown."""
        return " ".join(filter(None, (str(self.outputs[folder]), self.meanings.get(folder))))


_INTRODUCTIONS = {
    "names": "class folders and their outputs, by name",
    "numbers": "class folders and their outputs, by number",
    "wnids": "class folders and their outputs, by ImageNet's list of classes",
    "counted": "no class folder is named like an output, so they are counted in alphabetical order",
}


def label_folders(folders: Sequence[str], classes: Sequence[str] | int | None = None) -> Labelling:
    """Return which output of the network each class folder stands for.

    A folder gets the output whose name it has, whatever the other folders are called: to the letter; else whatever its
    case and punctuation; else as one of several synonyms ("tench, Tinca tinca"), in one word ("HotDog") too. Where an
    ImageNet network has 1000 outputs, WordNet's numbers (n01440764) name them too. Else a folder that is a number
    stands for the output of that number. If no folder stands for any output, they are counted in alphabetical order;
    otherwise those that do not are left out.

    Parameters
    ----------
    folders
        Their names, in alphabetical order.
    classes
        The name of each output; or how many there are; or None.

    Raises
    ------
    DomainError
        If the name of a folder is that of several outputs, or folders are counted from 1.

    Examples
    --------
    >>> names = ("tench, Tinca tinca", "golden retriever", "cat")
    >>> dict(label_folders(["Golden_Retriever", "tench", "unsure"], names).outputs)
    {'Golden_Retriever': 1, 'tench': 0}
    >>> dict(label_folders(["ant", "bee"]).outputs), dict(label_folders(["007", "13", "rest"]).outputs)
    ({'ant': 0, 'bee': 1}, {'007': 7, '13': 13})
    """
    names = () if classes is None or isinstance(classes, int) else tuple(map(str, classes))
    count = classes if isinstance(classes, int) else len(names) or None
    for how, found in (("names", _by_name(folders, names)), ("wnids", _by_wnid(folders, count))):
        if found:
            others = [folder for folder in folders if folder not in found]
            numbered = {} if any(map(NUMBER.fullmatch, names)) else _by_number(others, count)
            return _labelling(folders, {**found, **numbered}, how, names)
    if found := _by_number(folders, count):
        return _labelling(folders, found, "numbers", names)
    return Labelling({folder: i for i, folder in enumerate(folders)}, how="counted")


def disagreement(stated: Mapping[int, str], classes: Sequence[str] | int | None) -> tuple[str, ...]:
    """Return in a sentence, if so, that labels bear the names of other outputs.

    Examples
    --------
    >>> disagreement({0: "cat", 1: "dog"}, ("dog", "cat"))
    ("label 0 is 'cat', which is output 1 of the network, and so for 2 labels: labels must be numbers of outputs",)
    """
    if classes is None or isinstance(classes, int):
        return ()
    names = tuple(map(str, classes))
    try:
        found = {label: _by_name([name], names).get(name, label) for label, name in stated.items()}
    except DomainError:  # a name of several outputs says nothing
        return ()
    others = [(label, output) for label, output in found.items() if label != output]
    if not others:
        return ()
    label, output = others[0]
    many = f", and so for {len(others)} labels" if len(others) > 1 else ""
    told = f"label {label} is {stated[label]!r}, which is output {output} of the network{many}"
    return (f"{told}: labels must be numbers of outputs",)


def beyond(labels: np.ndarray | None, classes: Sequence[str] | int | None) -> tuple[str, ...]:
    """Return in a sentence, if so, that labels are numbers of no output.

    Examples
    --------
    >>> beyond(np.array([0, 2, 7]), 3), beyond(np.array([0, 2]), 3)
    (('label 7 is no output of the network, which has 0 to 2: its images count as not recognised',), ())
    """
    count = classes if isinstance(classes, int) else len(classes or ()) or None
    if labels is None or count is None or not (labels >= count).any():
        return ()
    others = _listed([str(label) for label in np.unique(labels[labels >= count])])
    are = "labels " + others + " are" if "," in others else f"label {others} is"
    return (f"{are} no output of the network, which has 0 to {count - 1}: its images count as not recognised",)


def _labelling(folders: Sequence[str], found: Mapping[str, int], how: str, names: Sequence[str]) -> Labelling:
    """Return a labelling, its folders in their order."""
    outputs = {folder: found[folder] for folder in folders if folder in found}
    others = {folder: names[i] for folder, i in outputs.items() if i < len(names) and names[i] != folder}
    return Labelling(outputs, tuple(folder for folder in folders if folder not in found), how, others)


def _by_name(folders: Iterable[str], names: Sequence[str]) -> dict[str, int]:
    """Return the outputs of the folders that have an output's name."""
    tables = [(spelled, _table(names, spelled)) for spelled in SPELLINGS]
    found = {}
    for folder in folders:
        for spelled, table in tables:
            outputs = {i for spelling in spelled(folder) if spelling for i in table.get(spelling, ())}
            if len(outputs) > 1:
                several = " and ".join(f"{i} {names[i]!r}" for i in sorted(outputs))
                raise DomainError(
                    f"the class folder {folder!r} could stand for the outputs {several}: name it by the number of one"
                )
            if outputs:
                (found[folder],) = outputs
                break
    return found


def _table(names: Sequence[str], spelled: Callable[[str], list[str]]) -> dict[str, list[int]]:
    """Return the outputs of each spelling of their names."""
    table: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        for spelling in dict.fromkeys(spelled(name)):
            table.setdefault(spelling, []).append(i)
    return table


def plain(name: str) -> str:
    """Return a name in small letters, single spaces for all but letters and digits, no leading zeros.

    Examples
    --------
    >>> plain("Golden_Retriever"), plain("  jack-o'-lantern "), plain("007")
    ('golden retriever', 'jack o lantern', '7')
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = "".join(letter if letter.isalnum() else " " for letter in folded).split()
    return " ".join(str(int(word)) if NUMBER.fullmatch(word) else word for word in words)


def _synonyms(name: str) -> list[str]:
    """Return the plain forms of the names that a name lists."""
    return [plain(part) for part in name.split(",") if plain(part)]


def _by_number(folders: Iterable[str], count: int | None) -> dict[str, int]:
    """Return the outputs of the folders that are numbers of outputs."""
    numbers = {folder: int(folder) for folder in folders if NUMBER.fullmatch(folder)}
    if count is not None and count in numbers.values() and 0 not in numbers.values():
        raise DomainError(f"class folders that are numbers are outputs, 0 to {count - 1}: are these counted from 1?")
    return {folder: number for folder, number in numbers.items() if count is None or number < count}


def _by_wnid(folders: Iterable[str], count: int | None) -> dict[str, int]:
    """Return the outputs of the folders that begin with WordNet's number, for a network with ImageNet's outputs."""
    if count != IMAGENET_OUTPUTS:
        return {}
    found = ((folder, WNID.fullmatch(folder)) for folder in folders)
    known = _wnids()
    return {folder: known[match[1].lower()] for folder, match in found if match and match[1].lower() in known}


@cache
def _wnids() -> dict[str, int]:
    """Return the output of each of ImageNet's 1000 classes, which are sorted by WordNet's numbers."""
    text = (files("fvproof.empirical") / "imagenet_wnids.txt").read_text(encoding="ascii")
    return {wnid: i for i, wnid in enumerate(text.split())}


def _as_one_word(name: str) -> list[str]:
    """Return the plain forms of the names that a name lists, without spaces: hotdog for Hot-dog."""
    return [part.replace(" ", "") for part in _synonyms(name)]


SPELLINGS: tuple[Callable[[str], list[str]], ...] = (lambda n: [n], lambda n: [plain(n)], _synonyms, _as_one_word)
"""How the names of a folder and of an output may be written, the nearest first."""


def _listed(names: Sequence[str]) -> str:
    """Return the names in one line, not too many of them."""
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
