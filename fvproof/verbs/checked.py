"""What re-checking a certificate finds, within this process: neither time nor memory is bounded."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvproof.theory.errors import DomainError
from fvproof.theory.texts import printable
from fvproof.verify.files.records import read_json
from fvproof.verify.refutation.checks import Check

if TYPE_CHECKING:
    from fvproof.verify.certificates.certificate import Certificate
    from fvproof.verify.graphs.network import NetworkGraph
    from fvproof.verify.layered import LayeredNetwork

EXACT = "It holds for the exact functions in the JSON files; the ONNX and torch files hold their numbers rounded."
"""What certificates of twins are about."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of a certificate.

    Attributes
    ----------
    claims
        What it claims, in words, a sentence each.
    checks
        The checks that were made anew; for a certificate of `fv.certify`, which is refused unless every bound follows,
        there are none to list.
    compared
        With which property it was compared, if it is about one.
    unchecked
        What it says that was not checked.
    """

    claims: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    compared: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return the findings as `json` can write them."""
        return asdict(self)


def findings_from(record: dict[str, Any]) -> Findings:
    """Return the findings that `Findings.record` gave."""
    checks = tuple(Check(**check) for check in record["checks"])
    return Findings(tuple(record["claims"]), checks, tuple(record["compared"]), tuple(record["unchecked"]))


def check_here(path: Path, vnnlib: Path | None = None, network: Path | None = None) -> Findings:
    """Return what checking a certificate within this process finds.

    Raises
    ------
    FvproofError
        If the certificate is damaged, changed, or about another network or property.
    """
    kind = PROOFS if path.is_dir() or path.suffix == ".xz" else _format(path)
    if kind in KINDS:
        if vnnlib or network:
            told = "a property and a network go with certificates of `fvproof certify`"
            raise DomainError(f"{told}, and {path} is none")
        return KINDS[kind](path)
    from fvproof.verify.certificates.certificate import read_certificate
    from fvproof.verify.certificates.checker import check
    from fvproof.verify.certificates.parts import GraphSplits
    from fvproof.verify.certificates.statement import claims, rounding, unchecked
    from fvproof.verify.files.readers import read_graph, read_layered

    claimed = read_certificate(path)
    graph = any(isinstance(part.splits, GraphSplits) for part in claimed.parts)
    net = (read_graph if graph else read_layered)(network or _find(claimed.network, path))
    check(claimed, net)
    said = [*claims(claimed).split("\n"), *rounding(net.rounded)]
    compared = _compared(claimed, net, vnnlib, path)
    return Findings((f"{path}: every claim follows", *said), (), tuple(compared), tuple(unchecked(claimed)))


def _compared(
    claimed: "Certificate", net: "LayeredNetwork | NetworkGraph", vnnlib: Path | None, path: Path
) -> list[str]:
    """Return with which property a certificate was compared, if it is about one."""
    from fvproof.verify.certificates.checker import check_property
    from fvproof.verify.files.vnnlib import read_property

    named = None if claimed.kind != "property" else (claimed.about or {}).get("property")
    file = vnnlib or (None if named is None else _lies(named, path))
    if file is not None:
        check_property(claimed, net, read_property(file), str(file))
        return [f"compared with {file}: it is about all alternatives there, and no others"]
    needed = "not compared with a file of the property: give --property FILE"
    return [needed] if claimed.kind == "property" else []


def _format(path: Path) -> str:
    """Return what format a certificate states, "" if none."""
    record = read_json(path)
    return str(record.get("format", "")) if isinstance(record, dict) else ""


def _twins(path: Path) -> Findings:
    """Return what came of twins."""
    from fvproof.empirical.exact.twin_files import recheck_torch  # torch only when it is needed
    from fvproof.verify.refutation.recheck import (
        claims_of,
        read_record,
        read_twins,
        recheck_onnx,
        recheck_twins,
        unchecked_of,
    )

    checks = [*recheck_twins(path), *recheck_onnx(path), *recheck_torch(path)]
    return Findings(
        (*claims_of(read_twins(path)), EXACT), tuple(checks), unchecked=tuple(unchecked_of(read_record(path)))
    )


def _refutation(path: Path) -> Findings:
    """Return what came of a refutation."""
    from fvproof.empirical.exact.twin_files import recheck_torch  # torch only when it is needed
    from fvproof.verify.refutation.recheck import recheck_onnx
    from fvproof.verify.refutation.records import (
        TWINS,
        claims_of_refutation,
        read_refutation,
        recheck_refutation,
        unchecked_of_refutation,
    )

    twins = path.with_name(TWINS)
    checks = [*recheck_refutation(path), *recheck_onnx(twins), *recheck_torch(twins)]
    claimed = (*claims_of_refutation(read_refutation(path)), EXACT)
    return Findings(claimed, tuple(checks), unchecked=tuple(unchecked_of_refutation(path)))


def _silent_units(path: Path) -> Findings:
    """Return what came of silent units."""
    from fvproof.empirical.fooling.hull import claims_of_hull, recheck_hull, unchecked_of_hull

    claimed, checks = claims_of_hull(path), recheck_hull(path)
    return Findings(tuple(claimed), tuple(checks), unchecked=tuple(unchecked_of_hull(path)))


def _proofs(path: Path) -> Findings:
    """Return what came of the certificates of proofs in a file, or in all files of a folder."""
    from fvproof.verify.certificates.proofs import checked_files

    found = checked_files(path)
    return Findings(
        tuple(found.claims),
        tuple(Check(name, holds=holds, how=how) for name, holds, how in found.checks),
        unchecked=tuple(found.unchecked),
    )


PROOFS = "fvproof-proofs"
KINDS: dict[str, Callable[[Path], Findings]] = {
    "fvproof-twins": _twins,
    "fvproof-refutation": _refutation,
    "fvproof-silent-units": _silent_units,
    PROOFS: _proofs,
}
"""The formats that have no place for a network, and how they are checked."""


def _find(name: str, certificate: Path) -> Path:
    """Return where the network's file is: as stated, or beside the certificate."""
    if (found := _lies(name, certificate)) is not None:
        return found
    raise DomainError(f"the network {printable(name)!r} is not where the certificate says: give --network NET")


def _lies(name: str, certificate: Path) -> Path | None:
    """Return where a file lies that a certificate names: as stated, or beside it; None if nowhere."""
    places = (Path(name), certificate.parent / name, certificate.parent / Path(name).name)
    try:
        return next((path for path in places if path.is_file()), None)
    except OSError:  # a name can be too long
        return None
