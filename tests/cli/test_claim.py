import json

import pytest

import fvproof as fv
from fvproof.cli.main import main
from fvproof.empirical.maximization.pictures import write_picture
from tests.verbs.test_claim import card, of

QUICK = ["--steps", "32", "--certify", "0", "--no-predictions"]


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


@pytest.fixture
def folder(tmp_path):
    for made in fv.maximize("digits-small", "logits:3-4", steps=64, seed=7).runs:
        write_picture(made, tmp_path / f"{made.unit.channel}.png")
    return tmp_path


def test_the_exit_code_is_the_verdict(folder, capsys):
    asked = ["--model", "digits-small", "--unit", "logits:3", *QUICK]
    assert run("claim", folder / "3.png", *asked) == 0
    assert "3.png: DESERVED" in capsys.readouterr().out
    assert run("claim", folder / "4.png", *asked) == 1
    assert "✗ a natural image reaches" in capsys.readouterr().out
    assert run("claim", folder / "3.png", *asked, "--limit", "10") == 3
    assert "? there are only 10 natural images" in capsys.readouterr().out
    assert run("claim", folder / "none.png", *asked) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_several_pictures_take_as_many_units(folder, capsys):
    pictures = [folder / "3.png", folder / "4.png"]
    assert run("claim", *pictures, "--model", "digits-small", "--unit", "logits:3", "--unit", "logits:4", *QUICK) == 0
    assert run("claim", *pictures, "--model", "digits-small", "--unit", "logits:3-4", *QUICK, "--json") == 0
    assert json.loads("{" + capsys.readouterr().out.partition("\n{")[2])["deserved"] is True


def test_a_card_says_all_about_its_claims(folder, capsys):
    file = card(folder, of("3.png", "logits:3"), of("4.png", "logits:3"))
    assert run("claim", "--file", file, "--out", folder / "out", "--markdown") == 1
    assert capsys.readouterr().out.startswith("## Feature visualizations\n\n2 claims, 1 deserved, 1 not deserved:")
    assert json.loads((folder / "out" / "claims.json").read_text())["claims"][0]["verdict"] == "deserved"
    assert run("claim", "--file", file, "--steps", "3") == 2
    assert "--steps and --file cannot both be given" in capsys.readouterr().err
    assert run("claim", folder / "3.png", "--file", file) == 2


def test_what_is_missing_is_named(folder, capsys):
    assert run("claim") == 2
    assert "Missing argument PICTURE" in capsys.readouterr().err
    assert run("claim", folder / "3.png") == 2
    assert "Missing option --unit" in capsys.readouterr().err
