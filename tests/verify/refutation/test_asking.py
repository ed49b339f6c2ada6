"""Whatever a decoder raises or returns is named, even if its own code cannot say what it is."""

import signal

import pytest

from fvproof.theory.classes import function_class
from fvproof.theory.tasks import Task
from fvproof.theory.visualization import Visualization
from fvproof.verify.refutation.asking import ask


class Mute(BaseException):
    """An error that cannot say what is wrong."""

    def __str__(self):
        raise ValueError


class Unreadable:
    """A number that cannot be shown, or turned into one of another type."""

    def __repr__(self):
        raise ValueError

    def __float__(self):
        raise RuntimeError


def asked(decoder):
    """Return what comes of asking a decoder once."""
    phi = Visualization([0], [1], 0, 1)
    return ask(decoder, Task.EXACT, function_class("black-box"), (phi, [phi.query(["1/2"])]), limit_s=1)


def raising(error):
    """Return a decoder that raises an error."""

    def decoder(phi, x):
        raise error

    return decoder


def test_errors_and_answers_that_cannot_be_shown_are_named_by_their_type():
    assert asked(raising(Mute)).how == "raises Mute"
    assert asked(lambda phi, x: Unreadable()).how == "returns Unreadable instead of a number"


@pytest.fixture
def sigint():
    """Have Ctrl-C interrupt this process, which a shell may have started without."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("sigint")
def test_ctrl_c_stops_the_search():
    with pytest.raises(KeyboardInterrupt):
        asked(raising(KeyboardInterrupt))
