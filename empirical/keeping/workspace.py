"""Where work is done and kept: one network, one set of images, and a folder in which nothing is computed twice."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.fingerprint import code_fingerprint, fingerprint, model_fingerprint
from fvproof.empirical.keeping.store import FinishedPiece, finished, intact, open_store
from fvproof.empirical.maximization.ascent import Progress
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of
from fvproof.empirical.networks.soundness import require_fit, require_sound
from fvproof.empirical.notices import notify


@dataclass(frozen=True, slots=True, eq=False)
class Workspace:
    """What results are about, and where they are kept; `workspace` makes one.

    Attributes
    ----------
    model
        The network.
    natural
        Natural images, if there are any.
    settings
        How units are optimized; the seed is that of all random numbers.
    folder
        A folder that exists.
    context
        A digest of all that the results depend on, see `context_of`.
    report
        Called with a sentence for each damaged file.
    """

    model: Model
    natural: ImageSet | None
    settings: Settings
    folder: Path
    context: str
    report: Callable[[str], object]

    @property
    def images(self) -> ImageSet:
        """The natural images, where work needs some."""
        assert self.natural is not None
        return self.natural

    def finished(self, names: Sequence[str], compute: Callable[[], Sequence[FinishedPiece]]) -> list[FinishedPiece]:
        """Return the pieces of these names: from the folder, or computed now, all at once, and kept there."""
        return finished(self.folder, [self.key(name) for name in names], compute, report=self.report)

    def kept(self, names: Sequence[str]) -> list[FinishedPiece] | None:
        """Return the pieces of these names; None where one is missing or damaged."""
        return intact(self.folder, [self.key(name) for name in names])

    def key(self, name: str) -> str:
        """Return the key under which the piece of this name is kept."""
        return fingerprint(self.context, name)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Pieces that are computed together, here or in another process.

    Attributes
    ----------
    names
        Under which a workspace keeps them.
    compute
        From the workspace to the pieces, in the order of the names. It also takes `progress`, which it may call with
        the number of steps done since the last call. To be sent to another process, it must be a function of a module,
        or a `functools.partial` of one.
    steps
        How much work it is.
    """

    names: tuple[str, ...]
    compute: Callable[..., Sequence[FinishedPiece]]
    steps: int = 1

    def run(self, workspace: Workspace, progress: Progress = lambda _: None) -> None:
        """Compute the pieces here where they are not kept; all steps are counted in the end."""
        left = self.steps

        def advance(steps: int) -> None:
            nonlocal left
            left -= steps
            progress(steps)

        workspace.finished(self.names, lambda: self.compute(workspace, progress=advance))
        progress(left)


def workspace(
    model: Model,
    images: ImageSet | None,
    settings: Settings,
    folder: Path,
    report: Callable[[str], object] = notify,
) -> Workspace:
    """Return a workspace in a folder, which is made if need be.

    Raises
    ------
    DomainError, ShapeError
        If the folder cannot be made or written to, the network cannot be measured, or images have another shape.
    """
    if images is not None:
        require_fit(model, images)
    require_sound(model)
    return Workspace(model, images, settings, open_store(folder), context_of(model, images, settings), report)


def context_of(model: Model, images: ImageSet | None, settings: Settings) -> str:
    """Return a digest of all that a result about one model depends on: network, images, settings, code, kind of device.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> model, images = load_model("digits-small"), digits_images()
    >>> context_of(model, images, Settings(seed=0)) == context_of(model, images, Settings(seed=1))
    False
    """
    where = (code_fingerprint(), model_fingerprint(model), device_of(model).type, asdict(settings))
    if images is None:
        return fingerprint(*where)
    return fingerprint(*where, images.images, np.zeros(0) if images.labels is None else images.labels)
