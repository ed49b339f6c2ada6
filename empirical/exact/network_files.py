"""A network on disk for use elsewhere: as ONNX and as torch export, each compared with the network in memory."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.store import open_store
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.shapes import Shape
from fvproof.theory.errors import DomainError
from fvproof.verify.files.beside import file_record
from fvproof.verify.files.onnx_files import INPUT, OPSET, OUTPUT, evaluate, runtime
from fvproof.verify.refutation.checks import Check

TOLERANCE = 1e-4
"""The largest deviation of float32 outputs that counts as agreement, as a share of the largest output."""

COMPARED = 50
"""Images on which a file is held against the network in memory, the first ones."""


class WholeModel(nn.Module):
    """A model as one module: images in [0, 1] in, outputs out."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.network, self.model = model.network, model

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return the network's output for float32 images in [0, 1], (N, C, H, W)."""
        return self.model.answer(self.model.normalize(images))


def write_network(model: Model, folder: Path, images: ImageSet, *, name: str = "network") -> dict[str, Any]:
    """Write a network as NAME.onnx and NAME.pt2 and return a record of both files and of how they were checked.

    Both take float32 images in [0, 1], batches of any size, and need nothing of this package. Each is read back and run
    on images; the record holds the largest deviation from the network in memory.

    Parameters
    ----------
    model
        The network, on any device; the files are for the CPU.
    folder
        Made where it is missing.
    images
        To compare on; at least one. Those beyond the first 50 are left out.
    name
        Of the files.

    Returns
    -------
    dict
        `torch` and `onnx` (file name and sha256) and `checks`, a list of records of
        `fvproof.verify.refutation.checks.Check`.

    Raises
    ------
    DomainError
        If the network cannot be exported, or a file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> with TemporaryDirectory() as folder:
    ...     record = write_network(load_model("digits-small"), Path(folder), digits_images())
    >>> [check["holds"] for check in record["checks"]]
    [True, True]
    """
    open_store(folder)
    device, batch = device_of(model), images.batch(0, COMPARED)
    with frozen(model.network), torch.no_grad():
        wanted = model(batch.to(device)).float().cpu().numpy()
        model.network.cpu()
        try:
            exported, graph = _write(WholeModel(model).eval(), folder / name, model.shape)
        finally:
            model.network.to(device)
        from_torch = torch.export.load(exported).module()(batch).numpy()
    from_onnx = evaluate(onnx.load(graph), batch.numpy())
    checks = [_agreement("torch export", from_torch, wanted), _agreement(runtime(), from_onnx, wanted)]
    return {
        "torch": file_record(exported),
        "onnx": file_record(graph),
        "checks": [asdict(check) for check in checks],
    }


def _write(module: nn.Module, stem: Path, shape: Shape) -> tuple[Path, Path]:
    """Write both files and return their paths."""
    exported, graph = stem.with_name(f"{stem.name}.pt2"), stem.with_name(f"{stem.name}.onnx")
    batches = ({0: torch.export.Dim("batch")},)
    names: dict[str, Any] = {"input_names": [INPUT], "output_names": [OUTPUT], "opset_version": OPSET + 1}
    try:
        with _quiet():
            program = torch.export.export(module, (torch.zeros(2, *shape),), dynamic_shapes=batches, strict=False)
            torch.export.save(program, exported)
            torch.onnx.export(program, (), graph, external_data=False, verbose=False, **names)
    except OSError as error:
        raise DomainError(f"{stem}.pt2 or .onnx cannot be written: {error.strerror}") from None
    except Exception as error:
        raise DomainError(f"the network cannot be exported: {_reason(error)}") from error
    return exported, graph


def _reason(error: BaseException) -> str:
    """Return what was at the bottom of an exporter's error: mostly an operator that ONNX has not."""
    while error.__cause__ is not None:
        error = error.__cause__
    first, _, _ = str(error).partition("\n")
    return f"{type(error).__name__}: {first}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back the exporters' own warnings: what counts is whether the files agree."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(before)


def _agreement(who: str, outputs: np.ndarray, wanted: np.ndarray) -> Check:
    """Return whether a file's outputs are those of the network in memory, up to rounding."""
    deviation = float(np.abs(outputs - wanted).max()) if outputs.shape == wanted.shape else float("inf")
    allowed = TOLERANCE * float(np.abs(wanted).max())
    return Check(f"{who}: outputs for {len(wanted)} images", deviation <= allowed, f"largest deviation {deviation:.3g}")
