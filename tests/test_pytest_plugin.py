"""`pytest --fvproof card.toml`, as its users run it."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

import fvproof as fv
from fvproof.empirical.maximization.pictures import write_picture
from tests.processes import ENVIRONMENT
from tests.verbs.test_claim import card, of

pytest_plugins = "pytester"

INSTALLED = any(point.name == "fvproof" for point in entry_points(group="pytest11"))
PLUGIN = [] if INSTALLED else ["-p", "fvproof.pytest_plugin"]

HEAVY = """
import sys

def pytest_sessionfinish():
    assert not {"torch", "numpy", "click"} & set(sys.modules)
"""


@pytest.fixture
def run(pytester, folder):
    """Return a function that runs pytest on a card in this process: exit code and what is printed."""

    def run_on(file, *arguments):
        done = pytester.runpytest_inprocess(*PLUGIN, "-W", "ignore", "--rootdir", folder, "--fvproof", file, *arguments)
        return done.ret, "\n".join(done.outlines + done.errlines)

    return run_on


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("release")
    for made in fv.maximize("digits-small", "logits:3-4", steps=64, seed=7).runs:
        write_picture(made, place / f"{made.unit.channel}.png")
    (place / "pytest.ini").write_text("[pytest]\n")
    return place


def test_each_claim_is_a_test_and_a_claim_that_is_not_deserved_fails(folder, run):
    three = of("3.png", "logits:3", 'name = "the digit three"')
    file = card(folder, three, of("4.png", "logits:3"), of("none.png", "logits:3"), three.replace("logits", "logit"))
    code, said = run(file, "-v")
    assert code == 1, said
    assert "1 passed" in said
    assert "3 failed" in said
    assert "card.toml::the digit three PASSED" in said
    assert "✗ it shows logits:4 rather" in said
    assert "there is no layer 'logit'; did you mean logits?" in said
    assert "Traceback" not in said


def test_an_undecided_claim_fails_unless_it_may_be_skipped(folder, run):
    file = card(folder, of("3.png", "logits:3"), head="steps = 32\ncertify = 0\npredictions = false\nlimit = 10\n")
    code, said = run(file)
    assert code == 1, said
    assert "there are only 10 natural images" in said
    code, said = run(file, "--fvproof-undecided", "skip")
    assert (code, "1 skipped" in said) == (0, True), said


def test_a_card_that_cannot_be_read_is_one_sentence(folder, run):
    (folder / "bad.toml").write_text('modle = "digits"\n[[claim]]\n')
    code, said = run(folder / "bad.toml")
    assert code == 2, said
    assert "there is no setting 'modle'; did you mean model?" in said


def test_a_plugin_that_is_not_asked_for_loads_nothing(tmp_path):
    (tmp_path / "conftest.py").write_text(HEAVY)
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n")
    (tmp_path / "card.toml").write_text("no TOML")
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-W", "ignore", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    code, said = done.returncode, done.stdout
    assert code == 0, said
    assert "1 passed" in said
