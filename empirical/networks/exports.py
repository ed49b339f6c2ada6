"""Networks from torch export files (.pt2), which hold a graph of operators and weights, and need no code of their own.

torch's own reader is not made for files of strangers: a graph may name any function that can be reached from `torch`,
its expressions are evaluated by Python, and weights may be pickles. So a file is looked through first, and refused
unless all that it names is on a list of what only computes.
"""

import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn
from torch.export.passes import move_to_device_pass

from fvproof.theory.errors import DomainError
from fvproof.theory.texts import integer

CPU = torch.device("cpu")

MEMBERS = re.compile(
    r"[^/]+/(data/weights/(weight_\d+|model_weights_config\.json)"
    r"|data/constants/(tensor_\d+|model_constants_config\.json)"
    r"|data/sample_inputs/model\.pt|models/model\.json|archive_format|archive_version|version|byteorder"
    r"|\.data/(version|serialization_id|alignment)|\.format_version|\.storage_alignment)",
    re.ASCII,
)
"""The files in an archive that are known: graph, weights, constants and an example."""

OPERATORS = re.compile(
    r"torch\.ops\.(aten|prims)\.\w+(\.\w+)?|torch\.ops\.higher_order\.(cond|wrap_with_set_grad_enabled|wrap_with_autocast)"
    r"|torch\.sym_(float|int|ite|max|min|not|sqrt|sum)"
    r"|_operator\.(getitem|add|sub|mul|floordiv|truediv|mod|pow|neg|eq|ne|lt|le|gt|ge|and_|or_|not_)",
    re.ASCII,
)
"""The functions that a graph may call."""

WORDS = re.compile(
    r"[a-z]\d+|Symbol|Integer|Rational|Add|Mul|Pow|positive|nonnegative|integer|True|False|oo|int_oo"
    r"|Mod|PythonMod|FloorDiv|CleanDiv|CeilDiv|CeilToInt|FloorToInt|IntTrueDiv|FloatTrueDiv|PowByNatural|Max|Min"
    r"|Eq|Ne|Gt|Ge|Lt|Le|And|Or|Not|and|or|not|L|size|stride|storage_offset",
    re.ASCII,
)
"""The words of sizes and conditions, which Python evaluates; s0 and the like are sizes."""

CONTAINERS = (None, "builtins.tuple", "builtins.list", "builtins.dict", "collections.OrderedDict")
"""What inputs and outputs may be put in."""


def load_export(path: Path, device: torch.device = CPU) -> tuple[nn.Module, tuple[int, int, int] | None]:
    """Return the network in a torch export file, with the layers and names that it was exported with.

    Parameters
    ----------
    path
        A file of `torch.export.save`, exported with one input (N, C, H, W) and a batch of any size.
    device
        What holds the network: a graph that was exported on one device names it in its operators.

    Returns
    -------
    module, shape
        The module, and (C, H, W) where it is fixed.

    Raises
    ------
    DomainError
        If there is no such file, it is none of torch's, it names what could run code, or it takes one size of batch.
    """
    if not path.is_file():
        raise DomainError(f"there is no model file {path}")
    _require_harmless(path)
    try:
        with warnings.catch_warnings(action="ignore"):
            program = torch.export.load(path)
            program = program if device == CPU else move_to_device_pass(program, device)
            network = torch.export.unflatten(program)
    except Exception as error:
        raise DomainError(f"{path} cannot be read as a torch export: {str(error).splitlines()[0]}") from error
    inputs = [node for node in program.graph.nodes if node.name in program.graph_signature.user_inputs]
    sizes = tuple(inputs[0].meta["val"].shape) if len(inputs) == 1 else ()
    if len(sizes) != 4 or isinstance(sizes[0], int):
        wanted = 'one input (N, C, H, W) and any N: dynamic_shapes=({0: torch.export.Dim("n")},)'
        raise DomainError(f"{path} must be exported with {wanted}; it takes {[str(size) for size in sizes]}")
    shape = sizes[1:]
    return network, shape if all(isinstance(size, int) for size in shape) else None


def _require_harmless(path: Path) -> None:
    """Raise DomainError unless an archive holds nothing but tensors and a graph of operators that only compute."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist() if not _holds_numbers(name)}
            names = archive.namelist()
        texts = [json.loads(content, parse_int=integer) for name, content in members.items() if name.endswith(".json")]
        dangers = [name for name in names if not MEMBERS.fullmatch(name)]
        dangers += [danger for text in texts for danger in _dangers(text)]
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise DomainError(f"{path} is no torch export: {error}") from error
    for name, content in members.items():
        if name.endswith("sample_inputs/model.pt") and not _holds_tensors(content):
            dangers.append(name)
    if dangers:
        raise DomainError(f"{path} is refused: it could run code when it is used, with {dangers[0]!r}")


def _holds_numbers(name: str) -> bool:
    """Whether a member is a weight or a constant: bytes that are read as numbers, unless a pickle is announced."""
    return re.search(r"/(weight|tensor)_[0-9]+\Z", name) is not None


def _holds_tensors(content: bytes) -> bool:
    """Whether a pickle holds tensors and nothing else."""
    try:
        torch.load(io.BytesIO(content), weights_only=True)
    except Exception:  # noqa: BLE001 (whatever is wrong with it, it is refused)
        return not content
    return True


def _dangers(value: object) -> Iterator[str]:
    """Yield what is in a JSON value, at any depth, that could run code."""
    if isinstance(value, list):
        for entry in value:
            yield from _dangers(entry)
    if isinstance(value, dict):
        for key, entry in value.items():
            if not _allowed(key, entry):
                yield f"{key}: {entry}"
            yield from _dangers(entry)


def _allowed(key: str, entry: object) -> bool:
    """Whether an entry is one that torch's reader does nothing with but compute."""
    return CHECKS[key](entry) if key in CHECKS else True


def _computes(text: object) -> bool:
    """Whether a text is made of numbers, quoted names, and the words above."""
    if not isinstance(text, str) or "__" in text or not text.isascii():
        return False
    unquoted = re.sub(r"'\w+'|\"\w+\"", "", text)
    words = re.findall(r"[^\W\d]\w*", unquoted)
    return all(WORDS.fullmatch(word) for word in words) and not {"'", '"'} & set(unquoted)


def _calls(target: object) -> bool:
    """Whether a text names an operator that only computes."""
    return isinstance(target, str) and OPERATORS.fullmatch(target) is not None


def _contains(spec: object) -> bool:
    """Whether a text, in JSON, says that inputs or outputs are in plain containers."""
    return spec is None or (isinstance(spec, str) and _plain(json.loads(spec, parse_int=integer)))


def _plain(spec: object) -> bool:
    """Whether inputs or outputs are put in tuples, lists and dictionaries of plain keys."""
    if isinstance(spec, list):
        return all(_plain(part) for part in spec)
    if not isinstance(spec, dict):
        return isinstance(spec, int)
    context = json.loads(spec.get("context") or "null", parse_int=integer)
    plain = context is None or (isinstance(context, list) and all(isinstance(key, (str, int)) for key in context))
    return spec.get("type") in CONTAINERS and plain and _plain(spec.get("children_spec", []))


CHECKS: dict[str, Callable[[object], bool]] = {
    "target": _calls,
    "use_pickle": lambda used: used is False,
    "expr_str": _computes,
    "guards_code": lambda texts: isinstance(texts, list) and all(map(_computes, texts)),
    "range_constraints": lambda symbols: isinstance(symbols, dict) and all(map(_computes, symbols)),
    "in_spec": _contains,
    "out_spec": _contains,
    "treespec_namedtuple_fields": lambda fields: not fields,
    "as_custom_obj": lambda _: False,
    "custom_obj": lambda _: False,
}
"""What torch's reader resolves, evaluates or unpickles, wherever it stands, and when it is harmless."""
