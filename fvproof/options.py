"""Options that several commands share: which network, and which images."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import chdir
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from theory.errors import DomainError

if TYPE_CHECKING:
    from empirical.images import ImageSet
    from empirical.networks.zoo import Model
    from empirical.workers import Workers

Callback = Callable[..., int | None]

NAMED = 10
"""So many unreadable images are named."""


ABOUT_MODEL = ("weights", "mean", "std", "shape", "device")
"""Options that say how a network is loaded."""


def numbers(kind: type[int] | type[float], count: int | None = None) -> Callable[..., tuple | None]:
    """Return a click callback that reads numbers with commas between them, `count` of them where stated.

    Examples
    --------
    >>> numbers(int, 3)(None, None, "3,32,32")
    (3, 32, 32)
    """

    def read(_context: click.Context | None, _parameter: click.Parameter | None, text: str | None) -> tuple | None:
        if text is None:
            return None
        try:
            values = tuple(kind(part) for part in text.split(","))
        except ValueError as error:
            raise click.BadParameter(f"must be numbers with commas between them, not {text!r}") from error
        if count is not None and len(values) != count:
            raise click.BadParameter(f"must be {count} numbers, not {len(values)}")
        return values

    return read


def model_options(callback: Callback) -> Callback:
    """Give a command the argument MODEL and its options; the callback gets `load_model`, a function that loads it."""

    @click.argument("model", default="digits", metavar="[MODEL]")
    @click.option("--weights", type=click.Path(path_type=Path), metavar="FILE", help="safetensors, state_dict or .npz")
    @click.option("--mean", callback=numbers(float), metavar="R,G,B", help="Subtracted from images in [0, 1].")
    @click.option("--std", callback=numbers(float), metavar="R,G,B", help="Then divided by this.")
    @click.option("--shape", callback=numbers(int, 3), metavar="C,H,W", help="Input shape, if the model states none.")
    @click.option("--device", default="auto", show_default=True, metavar="NAME", help="cpu, cuda, cuda:1 or mps.")
    @wraps(callback)
    def command(*, model: str, **options: Any) -> int | None:  # noqa: ANN401  click's
        load = partial(named_model, model, **{name: options.pop(name) for name in ABOUT_MODEL})
        return callback(load_model=load, **options)

    return command


def named_model(spec: str, **options: Any) -> Model:  # noqa: ANN401  those of `empirical.networks.zoo.load_model`
    """Return the network that the argument MODEL names; see `empirical.networks.zoo.load_model`."""
    from empirical.networks.zoo import load_model  # torch only when it is needed

    return load_model(spec, **options)


def image_options(callback: Callback) -> Callback:
    """Give a command `--images` and how to read them; the callback gets `load_images`, a function of the model."""

    @click.option("--images", type=click.Path(path_type=Path), metavar="PATH", help="Class folders, or an .npz file.")
    @click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N images, the classes in turn.")
    @click.option(
        "--crop",
        type=click.FloatRange(0, 1, min_open=True),
        default=0.875,
        show_default=True,
        metavar="SHARE",
        help="Share of the short side that is kept.",
    )
    @wraps(callback)
    def command(*, images: Path | None, limit: int | None, crop: float, **options: Any) -> int | None:  # noqa: ANN401  click's
        return callback(load_images=partial(images_for, path=images, limit=limit, crop=crop), **options)

    return command


def fooling_options(*, steps: int) -> Callable[[Callback], Callback]:
    """Give a command under `fool` its `--steps` with this default, `--seed`, `--out` and `--json`."""

    def decorate(callback: Callback) -> Callback:
        for option in (
            click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
            click.option(
                "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the results."
            ),
            click.option("--seed", type=int, default=0, show_default=True, help="Of all random numbers."),
            click.option(
                "--steps", type=click.IntRange(1), default=steps, show_default=True, help="Steps of gradient ascent."
            ),
        ):
            callback = option(callback)
        return callback

    return decorate


def engine_names(_context: click.Context, _parameter: click.Parameter, text: str) -> list[str]:
    """Return the names in a list with commas between them, each once; "all" stands for all engines."""
    from empirical.maximization.engines import ENGINES, engines
    from empirical.maximization.settings import Settings

    names = list(ENGINES) if text == "all" else list(dict.fromkeys(part.strip() for part in text.split(",")))
    engines(names, Settings())
    return names


engines_option = click.option(
    "--engines",
    default="ours,plain,pixels,noise,lucent",
    show_default=True,
    callback=engine_names,
    metavar="NAME,..|all",
    help="Who looks: also still, fast.",
)
"""By which engines a manipulation is measured, see `empirical.maximization.engines`."""


executor_option = click.option(
    "--executor", default="local", show_default=True, metavar="NAME", help="Or processes:N, or dask:ADDRESS."
)
"""Who shares the work, see `workers_of`."""


def workers_of(
    executor: str, load_model: Callable[[], Model], load_images: Callable[[Model], ImageSet | None]
) -> Workers | None:
    """Return who shares the work, by name, each of them with the same model and images; see `named_workers`."""
    from empirical.executors import named_workers  # torch only when it is needed

    return named_workers(executor, partial(_loaded, Path.cwd(), load_model, load_images))


def _loaded(
    folder: Path, load_model: Callable[[], Model], load_images: Callable[[Model], ImageSet | None]
) -> tuple[Model, ImageSet | None]:
    """Return the model and its images, as named from a folder, in whatever process this is."""
    with chdir(folder):
        model = load_model()
        return model, load_images(model)


def report_skipped(images: ImageSet) -> None:
    """Name the images that could not be read, on stderr, with their number."""
    if images.skipped:
        more = ", .." if len(images.skipped) > NAMED else ""
        names = ", ".join(images.skipped[:NAMED]) + more
        click.echo(f"skipped {len(images.skipped)} images that cannot be read: {names}", err=True)


def images_for(
    model: Model, path: Path | None, *, limit: int | None = None, per_class: int | None = None, crop: float = 0.875
) -> ImageSet:
    """Return the images to measure a model on: those at the path, or the digits held out for an embedded network.

    Raises
    ------
    DomainError
        If no path is given and the model is not an embedded one, or the images cannot be read.
    """
    from empirical.images import load_images  # torch only when it is needed
    from empirical.networks.digits import ARCHITECTURES, digits_images  # torch only when it is needed

    if path is not None:
        names = model.class_names
        return load_images(path, model.shape, class_names=names, limit=limit, per_class=per_class, crop=crop)
    if model.name not in ARCHITECTURES:
        raise DomainError(f"{model.name} needs images to be measured on: give --images PATH")
    images = digits_images()
    images = images if per_class is None else images.per_class(per_class)
    return images if limit is None else images.subset(range(min(limit, len(images))))
