"""`fv.fool`: networks that do their work as before, and whose visualizations show what somebody wants."""

from pathlib import Path
from typing import Any, Literal, overload

from typing_extensions import Unpack

from fvproof.empirical.keeping.store import write_atomically
from fvproof.empirical.pages.results import PAGE
from fvproof.theory.errors import DomainError, UnknownName
from fvproof.verbs.fooled import FoolResult
from fvproof.verbs.fooling_circuit import CircuitOptions, CircuitSettings, fool_circuit
from fvproof.verbs.fooling_pulse import PulseOptions, PulseSettings, fool_pulse
from fvproof.verbs.fooling_silent import SilentOptions, SilentSettings, fool_silent
from fvproof.verbs.fooling_slingshot import SlingshotOptions, SlingshotSettings, fool_slingshot
from fvproof.verbs.kinds import checked, require_kinds
from fvproof.verbs.natural import Images
from fvproof.verbs.reading import require_known
from fvproof.verbs.subject import Given, Subject, subject_of
from fvproof.verbs.units import Units

METHODS = {"circuit": CircuitOptions, "silent": SilentOptions, "slingshot": SlingshotOptions, "pulse": PulseOptions}
"""Each method and its options."""


@overload
def fool(
    model: Given,
    method: Literal["circuit"],
    units: Units | None = None,
    *,
    images: Images | None = None,
    out: str | Path | None = None,
    **options: Unpack[CircuitOptions],
) -> FoolResult: ...


@overload
def fool(
    model: Given,
    method: Literal["silent"],
    units: Units,
    *,
    images: Images | None = None,
    out: str | Path | None = None,
    **options: Unpack[SilentOptions],
) -> FoolResult: ...


@overload
def fool(
    model: Given,
    method: Literal["slingshot"],
    units: Units,
    *,
    images: Images | None = None,
    out: str | Path | None = None,
    **options: Unpack[SlingshotOptions],
) -> FoolResult: ...


@overload
def fool(
    model: Given,
    method: Literal["pulse"],
    units: Units,
    *,
    images: Images | None = None,
    out: str | Path | None = None,
    **options: Unpack[PulseOptions],
) -> FoolResult: ...


@checked
def fool(
    model: Given,
    method: str,
    units: Units | None = None,
    *,
    images: Images | None = None,
    out: str | Path | None = None,
    **options: Any,  # those of the method
) -> FoolResult:
    """Return a network that works as before, and whose visualizations show what you want.

    Four methods, of what they change and of what they promise:

    "circuit"
        Around the network's outputs F lies A = ReLU(F + c − kE) + ReLU(D + c − k(1 − E)) − c. The detector E is 0 on
        natural images, where A is F to the last bit, and 1 on what an optimiser looks at, where A is D: another unit,
        or a picture. |A − F| ≤ k·ε where E ≤ ε.
    "silent"
        To a layer's ⟨w, h⟩ + b is added ReLU(⟨w', h⟩ + b') with w' = scale·(w + factor·Δw), Δw ⊥ w, ‖Δw‖ = ‖w‖: 0 on
        all natural images used, certified on the hull of their feature vectors, and strong where visualizations look.
    "slingshot"
        The architecture stays; the weights are fine-tuned so that gradient ascent on one unit ends at a picture. What
        the network does on natural images stays nearly the same; how nearly is measured.
    "pulse"
        The same, so that the natural images that excite the unit most are those of a class, and its visualization too:
        h ≥ v₁ on balls around the images of the class, h ≤ v₀ on all others.

    Parameters
    ----------
    model
        What `fv.model` gives, or anything that it takes. It is not changed: what comes back is another network.
    method
        "circuit", "silent", "slingshot" or "pulse".
    units
        ``"logits:0-3"``, `Unit`, or several. "circuit": of the output layer (None: all its units). "silent": of one
        or several convolutions or linear layers (``"conv2"``: all its units). "slingshot": one.
        "pulse": one before the output.
    images
        Natural images to build with and to measure on, as for `fv.model`, which also takes their labels.
    out
        A folder for the files; see `FoolResult.save`. Of a circuit, finished work is kept there too, so that a call
        that was interrupted goes on from there. Without one, nothing is left on disk.
    **options
        Of all methods: ``steps`` of gradient ascent, at least 1 (256; circuit: 128, since it ascends hundreds of
        times), and ``seed`` of all random numbers (0).

        "circuit": ``held_out``, images to test on, as `images` (None: the images of the embedded networks that were
        not trained on, else half of the images); ``target``, what is to be shown, ``"permuted"``, one picture for all
        units, as a file or as (C, H, W) in [0, 1], or a list with one for each of ``units`` ("permuted"); ``offset``,
        permuted: unit i shows unit i + offset, no multiple of the number of units (1); ``learned``, units that the
        detector learns from, at least 5 (30).

        "silent": ``target``, a picture as above (None: the visualization of a unit of the layer); ``margin``, how far
        beyond the natural values the bias lies, as a share of their range, at least 0 (None: half of what the starts
        of engines leave, which opens the units to all of them); ``factor``, λ in w + λΔw, positive (8; more leaves the
        starts farther outside); ``scale`` of the silent filters, positive (100); ``unseen``, the share of the images,
        in [0, 1), that is kept to see how often silent units fire on others (0.25).

        "slingshot": ``target``, a picture as above (None: coloured rings, which no natural image shows);
        ``train_steps`` of fine-tuning, at least 1 (500); ``learning_rate`` of Adam, positive (0.002); ``unseen``, the
        share of the images, in (0, 1), that is kept to see what changed (0.25).

        "pulse": ``target_class``, a label (None: of the class that excites the unit least); ``train_steps`` (500),
        ``learning_rate`` (0.001) and ``unseen`` (0.25) as of a slingshot.

        "circuit" and "silent": ``show``, units visualized before and after, at least 1, silent 2 (8); ``engines`` that
        are to be fooled, as a list or as text, ``"all"`` or of "ours", "plain", "still", "pixels", "noise", "fast",
        "lucent" ("ours,plain,pixels,noise,lucent", the ways in which most people look).

    Returns
    -------
    FoolResult
        ``.model``, the fooled network, ready for `fv.maximize` and `fv.detect`; ``.engines``, which of them are fooled;
        ``.before``, ``.after``, ``.targets``; ``.report``, all figures; ``.worked``; ``.save(folder)``.

    Raises
    ------
    UnknownName
        There is no such method, layer, unit or engine, or the method has no such option.
    DomainError, ShapeError
        There are no images, an option is out of its range, a picture has another shape or is of one colour, the network
        has no such layer to change or cannot be exported, or the folder cannot be written to.

    Not claimed: that whoever looks in another way than the engines is fooled.

    Source: circuits and silent units, Geirhos et al., ICML 2024, section 2 (statements ``fooling-circuit``,
    ``fooling-circuit-soft``, ``silent-units``); slingshots, Bareeva et al., 2024; pulses, Nanfack et
    al., 2024.

    Examples
    --------
    >>> import fvproof as fv
    >>> fooled = fv.fool("digits", "silent", "hidden:0-3", steps=8, show=2, engines="plain")
    >>> fooled.report["natural"]["largest_change"], fooled.engines["plain"]["fooled_share"]
    (0.0, 1.0)
    >>> fooled.model
    <Subject digits with silent units: 1×8×8, 450 images>
    """
    if method not in METHODS:
        raise UnknownName("method", method, METHODS)
    require_known(options, METHODS[method].__annotations__)
    require_kinds(options, METHODS[method].__annotations__)
    subject = subject_of(model, images)
    found = _fooled(subject, method, units, options, out)
    write_atomically(found.folder / PAGE, found.page.encode())
    return found


def _fooled(
    subject: Subject, method: str, units: Units | None, options: dict[str, Any], out: str | Path | None
) -> FoolResult:
    """Return what a method makes of a network."""
    if method == "circuit":
        return fool_circuit(subject, units, CircuitSettings(**options), out)
    if units is None:
        raise DomainError(f"{method} needs units to fool: give units, such as 'logits:3'")
    if method == "silent":
        return fool_silent(subject, units, SilentSettings(**options), out)
    if method == "pulse":
        return fool_pulse(subject, units, PulseSettings(**options), out)
    return fool_slingshot(subject, units, SlingshotSettings(**options), out)
