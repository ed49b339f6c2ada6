"""A family of engines: the ways in which people look for what excites a unit.

What one optimiser finds another may not: gradients that are let through closed ReLUs reach units that plain gradients
never reach, and noise of high contrast starts where nearly grey images do not. So whatever is said of visualizations
in general is measured on several engines. Each is a change to the settings of
`fvproof.empirical.maximization.maximize`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from fvproof.empirical.maximization.settings import Settings
from fvproof.theory.errors import DomainError, UnknownName

PIXEL_CONTRAST, NOISE_CONTRAST = 10.0, 30.0
"""Of the starts in pixels (a standard deviation of 0.1 before the sigmoid), and of the noisy ones in waves."""

OURS = "ours"
"""The package's own engine."""

DEFAULT_ENGINES = (OURS, "plain", "pixels", "noise", "lucent")
"""Those that are measured unless others are named."""

FASTER = 4.0
"""Factor on the learning rate of the fast engine."""

ENGINES: Mapping[str, Callable[[Settings], Settings]] = {
    OURS: lambda settings: settings,
    "plain": lambda settings: replace(settings, opened=0),
    "still": lambda settings: replace(settings, opened=0, transforms="off"),
    "pixels": lambda settings: replace(settings, opened=0, parametrization="pixel", contrast=PIXEL_CONTRAST),
    "noise": lambda settings: replace(settings, opened=0, contrast=NOISE_CONTRAST),
    "fast": lambda settings: replace(settings, opened=0, learning_rate=FASTER * settings.learning_rate),
    "lucent": lambda settings: replace(settings, opened=0, transforms="padded"),
}
"""Every engine by name: the package's own; the same with gradients as they are, and that one without motions, on pixels
that start from noise, on waves that start from noise, with long steps, and with the frame and the pixels of lucent."""


def engines(names: Sequence[str], settings: Settings) -> dict[str, Settings]:
    """Return the settings of each engine, in the order of the names.

    Parameters
    ----------
    names
        Of engines.
    settings
        Of the package's own.

    Raises
    ------
    UnknownName
        An engine that there is not.
    DomainError
        No engine.

    Examples
    --------
    >>> found = engines(["plain", "pixels"], Settings(steps=32))
    >>> found["plain"].opened, found["pixels"].parametrization, found["pixels"].steps
    (0, 'pixel', 32)
    """
    if not names:
        raise DomainError(f"at least one engine is needed, of {', '.join(ENGINES)}")
    for name in names:
        if name not in ENGINES:
            raise UnknownName("engine", name, ENGINES)
    return {name: ENGINES[name](settings) for name in names}


def named_engines(given: str | Sequence[str]) -> list[str]:
    """Return the names of engines, each once: of a list, or of a text with commas between them; "all" is all of them.

    Raises
    ------
    UnknownName, DomainError
        As for `engines`.

    Examples
    --------
    >>> named_engines("plain, pixels,plain")
    ['plain', 'pixels']
    """
    parts = given.split(",") if isinstance(given, str) else given
    names = list(ENGINES) if given == "all" else list(dict.fromkeys(part.strip() for part in parts))
    engines(names, Settings())
    return names
