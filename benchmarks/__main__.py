"""Run the benchmarks: `python -m benchmarks [NAME ...] [--threads 1]`, all of them without a name."""

from importlib import import_module
from pathlib import Path
from platform import processor

import click
import torch
from tabulate import tabulate

FILES = [path.stem for path in Path(__file__).parent.glob("[!_]*.py")]
NAMES = sorted(name for name in FILES if not name.endswith("_peer"))


@click.command
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="Threads of torch.")
def main(names: tuple[str, ...], threads: int) -> None:
    """Time fvproof beside its peers. Each benchmark is a file with `TITLE` and `measure()`, which gives the rows."""
    torch.set_num_threads(threads)
    click.echo(f"torch {torch.__version__}, {threads} threads, {processor() or 'CPU'}")
    for name in names or NAMES:
        benchmark = import_module(f"benchmarks.{name}")
        click.echo(f"\n{benchmark.TITLE}")
        click.echo(tabulate(benchmark.measure(), headers="keys", floatfmt=".3g", missingval="-"))


if __name__ == "__main__":
    main()
