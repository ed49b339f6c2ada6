"""Twins on disk: each as exact JSON, ONNX and torch export, with a certificate of what was checked on these files."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from fvproof.empirical.exact.agreement import Sample, compare, sample
from fvproof.empirical.exact.modules import export, same_export
from fvproof.empirical.exact.twin_picture import draw_twins
from fvproof.empirical.exact.witness_modules import float_module
from fvproof.empirical.keeping.store import open_store
from fvproof.theory.classes.base import Member
from fvproof.theory.domains import CUBE
from fvproof.verify.files.beside import file_record
from fvproof.verify.files.floats import as_network, checked_shape, obstacle
from fvproof.verify.files.formats import read_function, write_function
from fvproof.verify.files.onnx_files import run_onnx, runtime, write_onnx
from fvproof.verify.files.records import field, point_record, value_text, write_json
from fvproof.verify.files.twin_records import class_record, visualization_record
from fvproof.verify.refutation.checks import Check, check_member
from fvproof.verify.refutation.recheck import FORMAT, VERSION, check_float_file, read_record, read_twins
from fvproof.verify.refutation.twins import Twins

NAMES = {1: ("member",), 2: ("low", "high")}
"""The files' names, by the number of members."""

SUFFIXES = (".json", ".onnx", ".pt2")


def write_twins(twins: Twins, folder: Path, *, shape: Sequence[int] | None = None, seed: int = 0) -> dict[str, Any]:
    """Write twins into a folder and return the certificate, which is written there as twins.json.

    Each member becomes NAME.json (exact), NAME.onnx (where it is a ReLU network) and NAME.pt2 (torch export), with NAME
    low and high, or member if there is one. All checks are made on the files as they are read back: the exact ones in
    exact arithmetic, the others by running the ONNX and torch files at the visualization, the query and random points.
    For d ≤ 2 there is a picture, twins.png, if the domain is the cube.

    Parameters
    ----------
    twins
        What to write.
    folder
        Made where it is missing.
    shape
        The shape of one input, such as (3, 224, 224); by default (d,).
    seed
        Of the random points.

    Raises
    ------
    DomainError
        If a file cannot be written.
    ShapeError
        If the shape has not d entries.
    """
    phi = twins.visualization
    shape = checked_shape(phi.dimension, shape)
    _cleared(folder)
    certificate: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        **class_record(twins.function_class),
        "statement": twins.function_class.source,
        "visualization": visualization_record(phi),
        "queries": [point_record(query) for query in twins.queries],
        "shape": list(shape),
        "members": [
            _write_member(twins, i, folder / name, shape, seed) for i, name in enumerate(NAMES[len(twins.members)])
        ],
    }
    if phi.dimension <= 2 and phi.domain == CUBE:
        draw_twins(twins, folder / "twins.png")
        certificate["picture"] = "twins.png"
    write_json(certificate, folder / "twins.json")
    return certificate


def _cleared(folder: Path) -> None:
    """Make the folder where it is missing, and remove what an earlier call has left there."""
    open_store(folder)
    stems = {name for names in NAMES.values() for name in names}
    for path in [folder / f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES] + [folder / "twins.png"]:
        path.unlink(missing_ok=True)


def _write_member(twins: Twins, i: int, stem: Path, shape: tuple[int, ...], seed: int) -> dict[str, Any]:
    """Write one member and return its part of the certificate."""
    phi, exact_file = twins.visualization, stem.with_suffix(".json")
    values = list(zip(twins.queries, twins.values[i], strict=True))
    write_function(twins.members[i], exact_file)
    member = read_function(exact_file)
    checks = check_member(member, twins.function_class, phi, values)
    wanted = sample(member, phi, values, seed=seed)
    torch_part, torch_checks = _write_torch(member, stem.with_suffix(".pt2"), shape, wanted)
    onnx_part, onnx_checks = _write_onnx(member, stem.with_suffix(".onnx"), shape, wanted)
    record = {
        "values": [value_text(value) for _, value in values],
        "exact": file_record(exact_file),
        **onnx_part,
        **torch_part,
    }
    return {**record, "checks": [asdict(check) for check in (*checks, *onnx_checks, *torch_checks)]}


def _write_onnx(
    member: Member, path: Path, shape: tuple[int, ...], wanted: Sample
) -> tuple[dict[str, Any], list[Check]]:
    """Write the ONNX file of a member that is a network; return its part of the certificate, and checks."""
    network = as_network(member)
    if network is None:
        return {"onnx": None, "why_no_onnx": obstacle(member)}, []
    exact = write_onnx(network, path, shape=shape)
    checks = compare(runtime(), run_onnx(path, wanted.points), wanted)
    return {"onnx": {**file_record(path), "weights_exact": exact}}, checks


def _write_torch(
    member: Member, path: Path, shape: tuple[int, ...], wanted: Sample
) -> tuple[dict[str, Any], list[Check]]:
    """Write the torch export file of a member; return its part of the certificate, and checks."""
    export(float_module(member), path, shape=shape)
    points = torch.from_numpy(wanted.points).reshape(-1, *shape)
    outputs = torch.export.load(path).module()(points).detach().numpy()[:, 0]
    return {"torch": file_record(path)}, compare("torch", outputs, wanted)


def recheck_torch(path: Path) -> list[Check]:
    """Return whether the torch files of twins are those that are made of their exact functions, without running them.

    A torch export can hold code, and loading one runs it. So each file is compared, part by part, with one that is made
    anew here; where that is by another version of torch, the graphs are not compared, and nothing is decided.

    Parameters
    ----------
    path
        The certificate, `twins.json`.

    Raises
    ------
    DomainError, ShapeError, UnknownName, InfeasibleVisualization
        As for `fvproof.verify.refutation.recheck.recheck_twins`.
    """
    record, members = read_record(path), read_twins(path).members
    shape, stated = tuple(field(record, "shape", list)), field(record, "members", list)
    return [_same_torch(path, member, one, shape) for member, one in zip(members, stated, strict=True)]


def _same_torch(certificate: Path, member: Member, stated: Mapping[str, Any], shape: tuple[int, ...]) -> Check:
    """Return whether a torch file is the one that is made of a function."""

    def same(file: Path) -> bool | None:
        with TemporaryDirectory() as folder:
            export(float_module(member), made := Path(folder, file.name), shape=shape)
            return same_export(file, made)

    return check_float_file(certificate, stated, stated["torch"], same)
