"""Options that several commands share: which network, and which images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import replace
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.numbers import numbers, read_axes

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model
    from fvproof.verbs.subject import Subject

Callback = Callable[..., int | None]

ABOUT_MODEL = ("weights", "mean", "std", "value_range", "bgr", "shape", "output", "device", "axes")
"""Options that say how a network is loaded."""


def model_options(callback: Callback) -> Callback:
    """Give a command the argument MODEL and its options; the callback gets `load_model`, a function that loads it."""
    return click.argument("model", default="digits", metavar="[MODEL]")(about_model(callback))


def about_model(callback: Callback) -> Callback:
    """Give a command the options that say how its model is loaded."""

    @click.option("--weights", type=click.Path(path_type=Path), metavar="FILE", help="safetensors, state_dict or .npz")
    @click.option("--mean", callback=numbers(float), metavar="R,G,B", help="Subtracted from images in their range.")
    @click.option("--std", callback=numbers(float), metavar="R,G,B", help="Then divided by this.")
    @click.option(
        "--range",
        "value_range",
        callback=numbers(float),
        metavar="HIGH|LOW,HIGH",
        help="What the model reads black and white as, such as 255 or -1,1.  [default: 0,1]",
    )
    @click.option("--bgr", is_flag=True, help="The model reads blue, green, red; so do --mean and --std.")
    @click.option(
        "--shape", callback=numbers(int, 2, 3, 4), metavar="C,H,W", help="Input shape, if the model states none."
    )
    @click.option("--output", metavar="PATH|LAYER", help="Which returned tensor counts: logits, heads.0; or a layer.")
    @click.option("--device", default="auto", show_default=True, metavar="NAME", help="cpu, cuda, cuda:1 or mps.")
    @click.option("--axis", "axes", multiple=True, callback=read_axes, metavar="LAYER=N", help="Where its units lie.")
    @wraps(callback)
    def command(*, model: str, **options: Any) -> int | None:  # noqa: ANN401  click's
        load = partial(named_model, model, **{name: options.pop(name) for name in ABOUT_MODEL})
        return callback(load_model=load, **options)

    return command


def named_model(spec: str, *, axes: Mapping[str, int] | None = None, **options: Any) -> Model:  # noqa: ANN401
    """Return the network that MODEL names, with the axes given; options as of `load_model`."""
    from fvproof.empirical.networks.layouts import layouts  # torch only when it is needed
    from fvproof.empirical.networks.zoo import load_model

    model = replace(load_model(spec, **options), axes=axes or {})
    if axes:
        layouts(model)  # an axis that there is not is said at once
    return model


def image_options(callback: Callback) -> Callback:
    """Give a command `--images` and how to read them; the callback gets `load_images`, a function of the model."""
    return _with_images(callback, images_for)


def image_options_if_any(callback: Callback) -> Callback:
    """Give a command the same options; what it gets as `load_images` returns None where there are no images."""
    return _with_images(callback, images_if_any)


def _with_images(callback: Callback, load: Callable[..., ImageSet | None]) -> Callback:
    """Give a command the options of images, which this function loads."""

    @click.option("--images", type=click.Path(path_type=Path), metavar="PATH", help="Class folders, .npz, .npy or .pt.")
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
        return callback(load_images=partial(load, path=images, limit=limit, crop=crop), **options)

    return command


def unseen_option(*, none: bool = False) -> Callable[[Callback], Callback]:
    """Return what gives a command `--unseen`; `none` says whether no image at all may be kept."""
    share = click.FloatRange(0, 1, min_open=not none, max_open=True)
    told = "Share of the images that is kept to measure on."
    return click.option("--unseen", type=share, default=0.25, show_default=True, metavar="SHARE", help=told)


def tuning_options(*, learning_rate: float) -> Callable[[Callback], Callback]:
    """Give a command that fine-tunes `--train-steps`, `--learning-rate` with this default, and `--unseen`."""

    def decorate(callback: Callback) -> Callback:
        for option in (
            unseen_option(),
            click.option(
                "--learning-rate", type=float, default=learning_rate, show_default=True, help="Of fine-tuning."
            ),
            click.option(
                "--train-steps", type=click.IntRange(1), default=500, show_default=True, help="Steps of fine-tuning."
            ),
        ):
            callback = option(callback)
        return callback

    return decorate


seed_option = click.option("--seed", type=int, default=0, show_default=True, help="Of all random numbers.")
"""Gives a command `--seed`."""


def steps_option(default: int) -> Callable[[Callback], Callback]:
    """Return what gives a command `--steps` with this default."""
    return click.option(
        "--steps", type=click.IntRange(1), default=default, show_default=True, help="Steps of gradient ascent."
    )


def out_option(**how: Any) -> Callable[[Callback], Callback]:  # noqa: ANN401  click's
    """Return what gives a command `--out`; `how` says whether it is required, or its default."""
    return click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the results.", **how)


def fooling_options(*, steps: int) -> Callable[[Callback], Callback]:
    """Give a command under `fool` its `--steps` with this default, `--seed`, `--out` and `--json`."""

    def decorate(callback: Callback) -> Callback:
        for option in (
            click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
            out_option(required=True),
            seed_option,
            steps_option(steps),
        ):
            callback = option(callback)
        return callback

    return decorate


def engine_names(context: click.Context, _parameter: click.Parameter, text: str) -> list[str]:
    """Return the names in a list with commas between them, each once; "all" stands for all engines."""
    if context.resilient_parsing:  # a shell completes, and waits for no torch
        return [text]
    from fvproof.empirical.maximization.engines import named_engines

    return named_engines(text)


engines_option = click.option(
    "--engines",
    default="ours,plain,pixels,noise,lucent",
    show_default=True,
    callback=engine_names,
    metavar="NAME,..|all",
    help="Who looks: also still, fast.",
)
"""By which engines a manipulation is measured, see `fvproof.empirical.maximization.engines`."""


def executor_option(callback: Callback) -> Callback:
    """Give a command `--executor`, and `--jobs N` for `processes:N`; the callback gets `executor`."""

    @click.option(
        "--executor", default="local", show_default=True, metavar="NAME", help="Or processes:N, or dask:ADDRESS."
    )
    @click.option("--jobs", type=click.IntRange(1), metavar="N", help="The same as --executor processes:N.")
    @wraps(callback)
    def command(*, executor: str, jobs: int | None, **options: Any) -> int | None:  # noqa: ANN401  click's
        if jobs is not None and executor != "local":
            raise click.UsageError(f"--jobs {jobs} is --executor processes:{jobs}: give only one of them")
        return callback(executor=executor if jobs is None else f"processes:{jobs}", **options)

    return command


def _loaded(
    folder: Path, load_model: Callable[[], Model], load_images: Callable[[Model], ImageSet | None]
) -> tuple[Model, ImageSet | None]:
    """Return the model and its images, as named from a folder, in whatever process this is."""
    with chdir(folder):
        model = load_model()
        return model, load_images(model)


def report_skipped(images: ImageSet) -> None:
    """Say on stderr how images were labelled, and which could not be read."""
    for sentence in images.told:
        click.echo(sentence, err=True)


def images_for(
    model: Model, path: Path | None, *, limit: int | None = None, per_class: int | None = None, crop: float = 0.875
) -> ImageSet:
    """Return the images to measure a model on: those at the path, or the digits held out for an embedded network.

    Raises
    ------
    DomainError
        If no path is given and the model is not an embedded one, or the images cannot be read.
    """
    from fvproof.verbs.natural import natural_images, required  # torch only when it is needed

    return required(model, natural_images(model, path, limit=limit, per_class=per_class, crop=crop))


def images_if_any(model: Model, path: Path | None, *, limit: int | None = None, crop: float = 0.875) -> ImageSet | None:
    """Return the natural images at the path, or the embedded ones, for a command that needs none."""
    from fvproof.verbs.natural import natural_images  # torch only when it is needed

    return natural_images(model, path, limit=limit, crop=crop)


def subject(load_model: Callable[[], Model], load_images: Callable[[Model], ImageSet | None]) -> Subject:
    """Return the network with its images, which other processes load again; say what the user has to know of them."""
    from fvproof.verbs.subject import Subject  # torch only when it is needed

    again = partial(_loaded, Path.cwd(), load_model, load_images)
    model, images = again()
    if images is not None:
        report_skipped(images)
    return Subject(model, images, again)
