"""Decoders in files run in a process of their own, which is stopped whatever they do."""

import pytest

from fvproof.theory.classes import function_class
from fvproof.theory.errors import DomainError
from fvproof.theory.tasks import Task
from fvproof.verify.refutation.decoder_files import refute_file
from fvproof.verify.refutation.decoder_process import load_decoder
from fvproof.verify.refutation.judging import Refutation
from fvproof.verify.refutation.refute import Broken, Effort, Survived

BLACK_BOX, AFFINE = function_class("black-box"), function_class("affine")
CODE = """
import os, signal, sys, time
print("loading")

def low(phi, x):
    print("asked")
    return phi.minimum

def line(phi, x):
    return phi.minimum + phi.spread * abs(x[0] - phi.argmin[0])

def side(phi, x):
    return lambda: sum(x) > 1

def label(phi, x, training):
    return training[0][1]

def hangs(phi, x):
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    while True:
        time.sleep(3600)

def quits(phi, x):
    os._exit(0)

def interrupts(phi, x):
    raise KeyboardInterrupt

class Mute(Exception):
    def __str__(self):
        raise ValueError

def mute(phi, x):
    raise Mute

number = 3
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("decoders") / "mine.py"
    path.write_text(CODE)
    return path


def test_a_decoder_in_a_file_is_refuted(file):
    found = refute_file(BLACK_BOX, f"{file}:low", dimension=2)
    assert isinstance(found, Refutation)
    assert found.error == 1


def test_answers_drawn_at_random_come_back(file):
    found = refute_file(BLACK_BOX, f"{file}:side", dimension=2, goal=Task.SIDE)
    assert len(found.answers) == 64


def test_a_decoder_that_is_right_survives(file):
    assert isinstance(refute_file(AFFINE, f"{file}:line", dimension=1), Survived)


def test_a_training_set_gets_there(file):
    within = function_class("erm", training=[(["1/4", 1], "1/3")])
    assert str(refute_file(within, f"{file}:label", dimension=2).answers[0]) == "1/3"


def test_a_decoder_that_cannot_be_interrupted_is_stopped_and_the_case_is_named(file):
    broken = refute_file(BLACK_BOX, f"{file}:hangs", dimension=2, effort=Effort(answer_s=1, search_s=4))
    assert isinstance(broken, Broken)
    assert broken.failure.slow
    assert broken.failure.how == "had to be stopped after 5 s"
    assert len(broken.case[1]) == 1


def test_a_decoder_that_ends_its_process_is_named(file):
    broken = refute_file(BLACK_BOX, f"{file}:quits", dimension=2)
    assert (broken.failure.how, broken.failure.slow) == ("ends its process", False)


@pytest.mark.parametrize(("name", "how"), [("interrupts", "raises KeyboardInterrupt"), ("mute", "raises Mute")])
def test_whatever_a_decoder_raises_is_named(file, name, how):
    assert refute_file(BLACK_BOX, f"{file}:{name}", dimension=2).failure.how == how


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("mine.py", None, "a decoder is named as FILE.py:FUNCTION"),
        ("mine.txt:f", "", "a decoder is named as FILE.py:FUNCTION"),
        ("mine.py:1", "", "a decoder is named as FILE.py:FUNCTION"),
        ("mine.py:f", None, "there is no file"),
        ("mine.py:f", "def g(): pass", "has no function 'f'; it has g"),
        ("mine.py:f", "f = 3", "has no function 'f'; it has none"),
        ("mine.py:f", "import nothing_of_this_name", "cannot be run: ModuleNotFoundError"),
        ("mine.py:f", "def f(:", "cannot be run: SyntaxError"),
        ("mine.py:f", "raise SystemExit(1)", "cannot be run: SystemExit"),
        ("mine.py:f", "raise KeyboardInterrupt", "cannot be run: KeyboardInterrupt"),
    ],
)
def test_a_decoder_that_cannot_be_loaded_is_bad_input(tmp_path, name, code, words):
    if code is not None:
        (tmp_path / name.partition(":")[0]).write_text(code)
    with pytest.raises(DomainError, match=words):
        load_decoder(str(tmp_path / name))


def test_what_the_process_finds_wrong_with_the_input_is_raised_here(tmp_path):
    with pytest.raises(DomainError, match="there is no file"):
        refute_file(BLACK_BOX, f"{tmp_path}/mine.py:f", dimension=2)


def test_a_file_that_ends_the_process_while_it_is_loaded_is_bad_input(tmp_path):
    (tmp_path / "mine.py").write_text("import os; os._exit(1)")
    with pytest.raises(DomainError, match="ended its process before it was asked anything"):
        refute_file(BLACK_BOX, f"{tmp_path}/mine.py:f", dimension=2)
