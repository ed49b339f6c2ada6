"""Dictionaries of directions from files, in the layouts of the public libraries: tensors only, never code.

| library | keys |
|---|---|
| SAELens, Gemma Scope | `W_enc` (channels, features), `b_enc`, `W_dec`, `b_dec`, `threshold` |
| sparsify (EleutherAI) | `encoder.weight` (features, channels), `encoder.bias`, `W_dec`, `b_dec` |
| OpenAI | `encoder.weight`, `latent_bias`, `pre_bias`, `decoder.weight`, `activation` |
| dictionary_learning | `encoder.weight`, `encoder.bias`, `decoder.weight`, `bias` or `b_dec`, `k`, `threshold` |
| plain directions | `W_dec`, `decoder.weight`, `dictionary._weights` or `directions`, without an encoder |

What the numbers do not tell (k, which activation) is read from the file's own metadata, or from a `cfg.json`,
`config.json` or a JSON file of its own name beside it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from fvproof.empirical.networks.dictionaries import Dictionary, Kind
from fvproof.empirical.networks.weights import read_tensors
from fvproof.empirical.unpickling import unpickled
from fvproof.theory.errors import DomainError, ShapeError

SUFFIXES = (".safetensors", ".pt", ".pth", ".npz")
"""How the names of files of dictionaries end."""

ENCODERS = {"W_enc": True, "encoder.weight": False, "encoder.linear.weight": False, "encoder_linear.weight": False}
"""Names of the encoder's matrix, and whether its columns are the features; where the shape tells, it counts."""

DECODERS = {"W_dec": False, "decoder.weight": True, "dictionary._weights": False, "directions": False}
"""Names of the decoder's matrix, likewise."""

BIASES = ("b_enc", "encoder.bias", "latent_bias", "encoder.linear.bias")

CENTERS = ("b_dec", "pre_bias", "bias")
"""What is subtracted first. A `decoder.bias` is not: it belongs to autoencoders that subtract nothing."""

GATED = ("r_mag", "b_gate", "gate_bias")
"""Tensors of gated autoencoders, whose features are no function of one matrix and one bias."""

BESIDE = ("cfg.json", "config.json")

KINDS: dict[str, Kind] = {
    "jump": "jump",
    "batchtopk": "jump",
    "batch_topk": "jump",
    "topk": "top-k",
    "top_k": "top-k",
    "standard": "relu",
    "relu": "relu",
}
"""Parts of what libraries call an activation or an architecture; batch top-k has a threshold once it is trained."""

NAMES = ("architecture", "dict_class", "trainer_class", "activation_fn_str", "activation_fn", "activation")
"""Where they say so."""


def read_dictionary(path: Path | str, width: int | None = None, *, k: int | None = None) -> Dictionary:
    """Return the dictionary in a file.

    Parameters
    ----------
    path
        `.safetensors`, `.npz`, or a state_dict saved by `torch.save`; see the table above.
    width
        How many units its layer has, which tells how matrices lie; by default as the library writes them.
    k
        Of top-k, where neither the file nor one beside it tells.

    Raises
    ------
    DomainError
        If the file cannot be read, wants to run code, or holds none of these layouts; if it leaves open what counts.
    ShapeError
        If it is for layers of another width, or its tensors do not fit together.

    Examples
    --------
    >>> import tempfile
    >>> import torch
    >>> from safetensors.torch import save_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "sae.safetensors"
    ...     save_file({"W_enc": torch.zeros(3, 8), "b_enc": torch.zeros(8), "b_dec": torch.zeros(3)}, path)
    ...     read_dictionary(path)
    <Dictionary sae.safetensors: 8 features of 3 channels, relu>
    """
    path = Path(path)
    tensors, told = _contents(path)
    told = told if k is None else told | {"k": k}
    if any(key.rpartition(".")[2] in GATED for key in tensors):
        raise DomainError(f"{path} holds a gated autoencoder: give one with ReLU, JumpReLU or top-k, or its directions")
    matrix = _matrix(path, tensors, width)
    encoded = any(key in tensors for key in ENCODERS)
    kind = _kind(path, tensors, told) if encoded else "direction"
    bias, center = _first(tensors, BIASES), _first(tensors, CENTERS)
    scale = _decoder_norms(tensors, matrix) if told.get("rescale_acts_by_decoder_norm") in (True, "true") else None
    return Dictionary(
        path.name,
        matrix if scale is None else matrix * scale[:, None],
        bias=None if bias is None or not encoded else bias if scale is None else bias * scale,
        center=center if encoded and _is_centered(kind, tensors, told) else None,
        kind=kind,
        k=_k(path, tensors, told) if kind == "top-k" else None,
        threshold=_threshold(tensors) if kind == "jump" else None,
        standardized=encoded and _is_standardized(path, tensors, told),
    )


def _contents(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors of a file, and what it and those beside it say about them."""
    told = dict(_told_beside(path))
    if path.suffix == ".safetensors":
        tensors = read_tensors(path)
        try:
            with safe_open(path, "pt") as file:
                return tensors, told | (file.metadata() or {})
        except SafetensorError as error:
            raise DomainError(f"{path} is no safetensors file: {error}") from error
    if path.suffix == ".npz":
        return read_tensors(path), told
    loaded = _unpickled(path)
    flat = dict(_flat(loaded))
    tensors = {key: one.float() for key, one in flat.items() if isinstance(one, Tensor)}
    return tensors, told | {key.rpartition(".")[2]: one for key, one in flat.items() if not isinstance(one, Tensor)}


def _unpickled(path: Path) -> Mapping[str, Any]:
    """Return what torch saved, without running any code from it."""
    if not path.is_file():
        raise DomainError(f"there is no dictionary file {path}")
    loaded = unpickled(path, "tensors", "a state_dict, or safetensors")
    for wrapper in ("state_dict", "model_state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapper), Mapping):
            loaded = loaded | loaded[wrapper] if isinstance(loaded, dict) else loaded[wrapper]
    if not isinstance(loaded, Mapping):
        raise DomainError(f"{path} must hold named tensors, not {type(loaded).__name__}")
    return loaded


def _told_beside(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield what JSON files beside a file say, settings within settings too; the outer ones last."""
    for beside in (*(path.with_name(name) for name in BESIDE), path.with_suffix(".json")):
        if beside.is_file():
            try:
                found = json.loads(beside.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise DomainError(f"{beside} must be a JSON file: {error}") from error
            told = [(key.rpartition(".")[2], value) for key, value in _flat(found if isinstance(found, dict) else {})]
            yield from reversed(told)


def _flat(found: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the entries of mappings within mappings under dotted names, those of the outer ones first."""
    for key, value in found.items():
        if not isinstance(value, Mapping):
            yield f"{prefix}{key}", value
    for key, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")


def _matrix(path: Path, tensors: Mapping[str, Tensor], width: int | None) -> Tensor:
    """Return the features as rows, from the encoder, or the decoder if there is none."""
    for key, columns in (*ENCODERS.items(), *DECODERS.items()):
        if key in tensors:
            return _rows(path, tensors[key], width or _own_width(tensors), columns=columns)
    keys = ", ".join(list(tensors)[:6])
    raise DomainError(f"{path} must hold an encoder or directions ({', '.join([*ENCODERS, *DECODERS])}), not {keys}")


def _own_width(tensors: Mapping[str, Tensor]) -> int | None:
    """Return how many channels there are, as far as the file tells."""
    center = _first(tensors, CENTERS)
    return None if center is None or center.dim() != 1 else len(center)


def _rows(path: Path, matrix: Tensor, width: int | None, *, columns: bool) -> Tensor:
    """Return a matrix with a row for each feature."""
    if matrix.dim() != 2:
        raise ShapeError(f"{path} must hold a matrix of features, not {tuple(matrix.shape)}")
    turned = matrix.T if columns else matrix
    if width is not None and turned.shape[1] != width:
        turned = turned.T
    if width is not None and turned.shape[1] != width:
        sizes = " by ".join(map(str, matrix.shape))
        raise ShapeError(f"{path.name} does not fit a layer of {width} units: its matrix is {sizes}")
    return turned.contiguous()


def _first(tensors: Mapping[str, Tensor], keys: tuple[str, ...]) -> Tensor | None:
    """Return the first of these tensors that there is."""
    return next((tensors[key] for key in keys if key in tensors), None)


def _threshold(tensors: Mapping[str, Tensor]) -> Tensor | None:
    """Return the threshold, one number or one for each feature."""
    if "log_threshold" in tensors:
        return tensors["log_threshold"].exp()
    return tensors.get("threshold")


def _kind(path: Path, tensors: Mapping[str, Tensor], told: Mapping[str, Any]) -> Kind:
    """Return which activation counts: as it is said, else as the tensors tell."""
    said = " ".join(str(told[name]).lower().replace("-", "") for name in NAMES if name in told)
    for part, kind in KINDS.items():
        if part in said:
            return kind
    threshold, known = _threshold(tensors), "k" in tensors or "k" in told
    if known and threshold is not None and bool((threshold >= 0).all()):
        how = '{"architecture": "topk"} or {"architecture": "batchtopk"}'
        raise DomainError(f"{path} holds k and a threshold: say in cfg.json beside it which one counts, {how}")
    found: Kind = "top-k" if known else "jump"
    return "relu" if not known and threshold is None else found


def _k(path: Path, tensors: Mapping[str, Tensor], told: Mapping[str, Any]) -> int:
    """Return how many features are open at each place."""
    found = tensors["k"] if "k" in tensors and tensors["k"].numel() == 1 else told.get("k")
    try:
        return int(found)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise DomainError(f'{path} is top-k and does not say its k: write {{"k": 32}} to cfg.json beside it') from None


def _is_centered(kind: Kind, tensors: Mapping[str, Tensor], told: Mapping[str, Any]) -> bool:
    """Return whether the center is subtracted: as it is said, else of all but JumpReLU as Gemma Scope has it."""
    said = told.get("apply_b_dec_to_input")
    return bool(said) if said is not None else not (kind == "jump" and "W_enc" in tensors)


def _is_standardized(path: Path, tensors: Mapping[str, Tensor], told: Mapping[str, Any]) -> bool:
    """Return whether activations are standardized first; refuse what scales them by numbers that are not there."""
    said = str(told.get("normalize_activations", "none")).lower()
    if said not in ("none", "false", "layer_norm"):
        raise DomainError(f"{path} is for activations that were rescaled ({said}): fold that into its weights first")
    return said == "layer_norm" or ("latent_bias" in tensors and "topk" in str(told.get("activation", "")).lower())


def _decoder_norms(tensors: Mapping[str, Tensor], matrix: Tensor) -> Tensor | None:
    """Return the lengths of the decoder's directions."""
    for key in (key for key in DECODERS if key in tensors):
        decoder = tensors[key]
        return (decoder if decoder.shape == matrix.shape else decoder.T).norm(dim=1)
    return None
