"""Options that say of what class a unit is; `fvproof.verbs.given` reads what they hold."""

from collections.abc import Callable

import click

Command = Callable[..., int]


def class_options(callback: Command) -> Command:
    """Give a command the options that complete CLASS; verbs take them as they are."""
    for option in reversed(
        (
            click.option("--lipschitz", metavar="L", help="The Lipschitz constant, for the classes that know one."),
            click.option("--norm", metavar="NAME", help="Its norm, or that of radial: l1, l2 or linf.  [default: l2]"),
            click.option("--training", metavar="FILE", help="The training set, for erm: .jsonl or .npz."),
            click.option(
                "--centre", metavar="POINT", help="Centre of the ball or ellipsoid, for affine-ball and ridge."
            ),
            click.option("--radius", metavar="R", help="Radius of the ball.  [default: 1]"),
            click.option("--matrix", metavar="ROWS", help='Matrix Q of the ellipsoid ⟨x−c, Q(x−c)⟩ ≤ 1: "1,0; 0,1/4".'),
            click.option("--corners", metavar="POINTS", help='Corners of the polytope: "0,0; 1,0; 0,1".'),
            click.option("--link", metavar="PAIRS", help='Known link of ridge, from t = -1 to 1: "-1:0, 0:1/4, 1:1".'),
        )
    ):
        callback = option(callback)
    return callback
