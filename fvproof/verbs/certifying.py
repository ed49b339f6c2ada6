"""`fv.certify`: the exact feature visualization of a trained ReLU network, and verdicts on its properties."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from typing_extensions import Unpack, override

from fvproof.theory.errors import DomainError
from fvproof.verbs.certifiable import Certifiable, certifiable
from fvproof.verbs.certified import certified
from fvproof.verbs.certified_extremum import Certified, CertifyQuestion
from fvproof.verbs.certified_in_words import in_words
from fvproof.verbs.kinds import checked
from fvproof.verbs.results import Result, html_text
from fvproof.verify.certificates.certificate import Certificate, write_certificate
from fvproof.verify.certificates.statement import claims
from fvproof.verify.processes import process_pool
from fvproof.verify.search.runtimes import runtime_record
from fvproof.verify.search.search import SearchEffort

if TYPE_CHECKING:
    from fvproof.verbs.subject import Given

REFUTED, UNKNOWN = 1, 3
"""Exit codes if an input is unsafe, and if time ran out."""


class CertifySettings(TypedDict, total=False):
    """How a network is certified; see `fv.certify`."""

    low: object
    high: object
    minimize: bool
    tolerance: object
    radius: object
    norm: str | None
    minus: int | None
    reading_radius: object
    timeout_s: float
    jobs: int | None
    weights: str | Path | None
    shape: Sequence[int] | None
    command: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CertifyResult(Result):
    """What was proven of a network.

    Attributes
    ----------
    network
        The network, and the file that the certificate is about.
    found
        What the command line prints with ``--json``, numbers as exact text.
    certificate
        What `fv.check` checks; None if nothing could be proven.
    reached
        Whether it is as good as was asked for: within the tolerance, a verdict, or the largest radius that was tried.
    file
        Where the certificate was written, if it was.
    """

    network: Certifiable
    found: dict[str, Any]
    certificate: Certificate | None
    reached: bool
    file: Path | None = None

    def _number(self, key: str) -> Fraction | None:
        text = self.found.get(key)
        return None if text is None else Fraction(text)

    @property
    def kind(self) -> str:
        """What was certified: "maximum", "minimum", "property" or "reading"."""
        return self.found["kind"]

    @property
    def low(self) -> Fraction | None:
        """The extremum is at least this; exact."""
        return self._number("low")

    @property
    def high(self) -> Fraction | None:
        """The extremum is at most this; exact."""
        return self._number("high")

    @property
    def point(self) -> tuple[Fraction, ...] | None:
        """The point that attains it, or the unsafe input; exact."""
        point = self.found.get("point")
        return None if point is None else tuple(map(Fraction, point))

    @property
    def verdict(self) -> str | None:
        """Of a property: "sat" (an input is unsafe), "unsat" or "unknown"."""
        return self.found.get("verdict")

    @property
    def radius(self) -> Fraction | None:
        """The certified reading radius."""
        return self._number("radius")

    @property
    @override
    def headline(self) -> str:
        return " ".join(self.text.partition("\n")[0].split())

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [{key: value for key, value in self.found.items() if key not in ("point", "runtime")}]

    @property
    @override
    def text(self) -> str:
        return in_words(self.found)

    @override
    def record(self) -> dict[str, Any]:
        return dict(self.found)

    @override
    def to_json(self) -> str:
        """Return the record as JSON in one line."""
        return json.dumps(self.record())

    @property
    @override
    def code(self) -> int:
        return REFUTED if self.verdict == "sat" else 0 if self.reached else UNKNOWN

    @override
    def save(self, folder: str | Path) -> Path:
        """Write certificate.json, and a network that was no file as certificate.onnx.

        Raises
        ------
        DomainError
            If there is no certificate, or the folder cannot be written to.
        """
        _written(self, Path(folder) / "certificate.json")
        return Path(folder)

    @override
    def _repr_html_(self) -> str:
        told = self.text if self.certificate is None else f"{self.text}\n\n{claims(self.certificate)}"
        return html_text(told)


@checked
def certify(
    network: "Given",
    *,
    output: int = 0,
    unit: str | None = None,
    property: str | Path | None = None,
    around: object = None,
    out: str | Path | None = None,
    **settings: Unpack[CertifySettings],
) -> CertifyResult:
    """Certify the largest value of an output over a box, decide a property, or how far around a point one can read.

    What is certified, ``low ≤ max { f(x) : x in the box } ≤ high`` with a point that attains low, holds for the exact
    numbers in the network's file, in real arithmetic; a runtime that rounds may leave it by rounding, and what
    onnxruntime, where it is installed, computes at the point is told.

    Parameters
    ----------
    network
        An ONNX file (affine operators, convolutions, ReLU), a .nnet file, the package's exact JSON; or a torch network
        that is an nn.Sequential of such layers: a module, what `fv.model` gives, "digits", "file.py:function".
    output
        Which output, from 0 on.
    unit
        Of a torch network: a unit of any layer, ``"hidden2:3"``, instead of an output.
    property
        A VNN-LIB file to decide: the verdict is sat (an unsafe input, exact), unsat (certified) or unknown.
    around
        A point or image in [0, 1]^d: numbers, an array or tensor, text, an .npy file or a picture. With ``radius`` the
        extremum is certified over the box or ball around it; with ``reading_radius``, how far around it the output can
        be read from its visualization.
    out
        The file for the certificate; a torch network is written beside it. Nothing is written without one.
    **settings
        The box: ``low`` (0) and ``high`` (1), its ends, a number or d of them. Around a point: ``radius``, from 0 to
        1, of what lies within low and high, and its ``norm``: "linf", where every input moves by at most the radius
        (the default), or "l2", Euclidean; or ``reading_radius``, the share of the output's range on the ball that the
        error may be.

        What is sought: ``minimize`` (False), the least value; ``minus``, an output that is subtracted; ``tolerance``
        (1e-5), the width at which the search stops.

        Effort: ``timeout_s`` (600), seconds for the search; ``jobs`` (1), processes, None for all cores: a script then
        needs ``if __name__ == "__main__":``.

        A torch network: ``weights``, a file, and ``shape``, (C, H, W), where it states none and does not begin with an
        affine layer. ``command``: what the certificate says it was made by.

    Returns
    -------
    CertifyResult
        ``.low``, ``.high``, ``.point``; ``.verdict``; ``.radius``; ``.certificate``; ``.reached``.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If there is no such network, output or unit, it has a layer that cannot be certified, or something is out of
        range.

    Source: bounds as in CROWN (Zhang et al. 2018) with branching on ReLUs; every bound is derived again in exact
    arithmetic by `fv.check`.

    Examples
    --------
    >>> import fvproof as fv
    >>> found = fv.certify("digits-small", unit="hidden1:3")
    >>> found.kind, found.reached, found.high - found.low <= Fraction("1e-5")
    ('maximum', True, True)
    """
    if unknown := [key for key in settings if key not in CertifySettings.__annotations__]:
        raise TypeError(f"certify() got an unexpected keyword argument {unknown[0]!r}")
    asked = CertifyQuestion(output, property, around, settings)
    file = None if out is None else Path(out)
    reading = {"weights": settings.get("weights"), "shape": settings.get("shape")}
    known = certifiable(
        network, (file or Path("model")).with_suffix(".onnx"), unit=unit, output=output, reading=reading
    )
    if known.exported and file is not None:
        known.write(known.path)
    with _effort(settings.get("timeout_s", 600.0), settings.get("jobs", 1)) as effort:
        found = _told(known, certified(known, asked, effort), settings.get("command"))
    return found if file is None or found.certificate is None else _written(found, file)


def _told(known: Certifiable, found: Certified, command: str | None) -> CertifyResult:
    """Return what was proven, with what a runtime makes of it, and the certificate with what it says of itself."""
    rounded = {"rounded": known.layers.rounded} if known.layers.rounded else {}
    certificate, record = found.certificate, {**found.record, **rounded}
    if certificate is None:
        return CertifyResult(known, record, None, found.reached)
    if certificate.point is not None:
        record["runtime"] = runtime_record(known.layers, known.data, certificate)
    about = {**(certificate.about or {}), **known.about, **({"command": command} if command else {})}
    return CertifyResult(known, record, replace(certificate, network=str(known.path), about=about), found.reached)


def _written(found: CertifyResult, file: Path) -> CertifyResult:
    """Write the certificate, and beside it a network that was exported; return the result that says so."""
    if found.certificate is None:
        raise DomainError(f"there is no certificate to write: {found.headline}")
    network = found.network
    path = file.with_suffix(".onnx") if network.exported else network.path
    if network.exported:
        network.write(path)
    certificate = replace(found.certificate, network=str(path))
    write_certificate(certificate, file)
    return replace(found, certificate=certificate, found={**found.found, "certificate": str(file)}, file=file)


@contextmanager
def _effort(timeout_s: float, jobs: int | None) -> Iterator[SearchEffort]:
    """Yield the limits of the search; further processes are started only if it takes longer than a moment."""
    if isnan(timeout_s):
        raise DomainError("the timeout must be a number of seconds, not nan")
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1:
        yield SearchEffort(timeout_s)
        return
    with process_pool(jobs) as executor:
        yield SearchEffort(timeout_s, executor, 2 * jobs)
