import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from fvproof.cli.main import COMMANDS, cli, main
from fvproof.cli.numbers import numbers
from fvproof.cli.options import image_options, model_options
from fvproof.theory.errors import DomainError


@click.command
@model_options
@image_options
def command(load_model, load_images):
    model = load_model()
    images = load_images(model)
    click.echo(f"{model.name} {model.shape} {len(images)}")


def test_without_arguments_the_embedded_network_and_its_held_out_images_are_taken():
    assert CliRunner().invoke(command, []).output == "digits (1, 8, 8) 450\n"


def test_a_limit_holds_for_the_embedded_images_too():
    assert CliRunner().invoke(command, ["digits-small", "--limit", "7"]).output == "digits-small (1, 8, 8) 7\n"


def test_images_are_read_for_the_models_shape(tmp_path):
    np.savez(tmp_path / "x.npz", images=np.zeros((3, 20, 20, 3), np.uint8))
    arguments = ["digits", "--images", str(tmp_path / "x.npz"), "--shape", "1,8,8"]
    assert CliRunner().invoke(command, arguments).output == "digits (1, 8, 8) 3\n"


@pytest.mark.parametrize("shape", ["8", "1,2,3,4,5", "a,b,c"])
def test_a_shape_must_be_two_to_four_numbers(shape):
    result = CliRunner().invoke(command, ["digits", "--shape", shape])
    assert result.exit_code == 2
    assert "numbers" in result.output


def test_a_model_of_ones_own_needs_images(tmp_path):
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\ndef net():\n    return nn.Sequential(nn.Flatten(), nn.Linear(4, 2))\n"
    )
    result = CliRunner().invoke(command, [f"{tmp_path}/net.py:net", "--shape", "1,2,2"])
    assert isinstance(result.exception, DomainError)
    assert "give --images PATH" in str(result.exception)


def test_a_name_too_long_for_the_file_system_is_one_clear_line(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["census", "--weights", "x" * 300])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("fvproof: xxx")


TYPED = ["１", "٣", "1_0", "\u00a05", "5\u2028", "5\x1c", "½", "−1"]


def numbers_of(command):
    """Yield the options of a command, and of those below it, that take a number."""
    context = click.Context(command)
    for name in command.list_commands(context) if isinstance(command, click.Group) else ():
        yield from numbers_of(command.get_command(context, name))
    kinds = click.types.IntParamType | click.types.FloatParamType
    yield from (parameter for parameter in command.params if isinstance(parameter.type, kinds))


def test_numbers_of_every_command_are_typed_in_ascii_digits():
    options = list(numbers_of(cli))
    assert len(options) > len(COMMANDS)
    for option in options:
        for text in TYPED:
            with pytest.raises(click.BadParameter, match="is no number in ASCII digits: it has U"):
                option.type_cast_value(click.Context(cli), [text] * option.nargs if option.nargs > 1 else text)


@pytest.mark.parametrize("text", [*(f"{typed},8,8" for typed in TYPED), "1，8，8", "1;8;8", "1,8,", "1e0,8,8"])
def test_numbers_with_commas_are_typed_in_ascii_digits(text):
    with pytest.raises(click.BadParameter, match="must be numbers with commas between them"):
        numbers(int, 3)(None, None, text)


def test_numbers_with_commas_may_have_blanks_and_signs():
    assert numbers(float)(None, None, "-1, +.5,1e-3 ") == (-1.0, 0.5, 0.001)


@click.command
@model_options
def reading(load_model):
    click.echo(load_model().normalize)


def test_what_a_network_reads_is_stated_by_options(tmp_path):
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\ndef net():\n    return nn.Sequential(nn.Flatten(), nn.Linear(12, 2))\n"
    )
    arguments = [f"{tmp_path}/net.py:net", "--shape", "3,2,2"]
    told = CliRunner().invoke(reading, [*arguments, "--range", "-1,1", "--bgr"]).output
    assert "value_range=(-1.0, 1.0), bgr=True" in told
    told = CliRunner().invoke(reading, [*arguments, "--range", "255", "--mean", "104,117,123"]).output
    assert "mean=(104.0, 117.0, 123.0), std=(1.0, 1.0, 1.0), value_range=(0.0, 255.0), bgr=False" in told
    assert "unchanged" in CliRunner().invoke(reading, arguments).output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--range", "255,0"], "LOW < HIGH"),
        (["--range", "bright"], "must be numbers"),
        (["--bgr"], "three channels, the network has 1"),
        (["--mean", "0.5"], "mean and std must be given together"),
    ],
)
def test_what_cannot_be_stated_is_one_clear_line(options, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["census", "digits", *options])
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert message in line


def test_how_class_folders_were_labelled_is_said(tmp_path, capsys):
    for name in ("7", "unsure", ".hidden"):
        (tmp_path / name).mkdir()
        Image.new("L", (8, 8)).save(tmp_path / name / "a.png")
    with pytest.raises(SystemExit) as stopped:
        main(["census", "digits", "--images", str(tmp_path)])
    assert stopped.value.code == 0
    said = capsys.readouterr().err
    assert "class folders and their outputs, by name: 7 → 7" in said
    assert "left out, because it is no class of the network: folder 'unsure'" in said


def option_of(name, option):
    """Return an option of a command, or None."""
    found = cli.get_command(click.Context(cli), name)
    found = getattr(found, "commands", {}).get("make", found)
    return next((parameter for parameter in found.params if option in parameter.opts), None)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "fool"])
def test_every_command_prints_json(name):
    assert option_of(name, "--json") is not None


@pytest.mark.parametrize("option", ["--images", "--limit", "--crop"])
def test_images_are_read_with_the_same_options_everywhere(option):
    takers = [name for name in COMMANDS if option_of(name, "--images") is not None]
    assert takers == ["audit", "claim", "trial", "maximize", "detect", "census", "sanity"]
    assert {(option_of(name, option).metavar, option_of(name, option).help) for name in takers} == {
        (option_of("audit", option).metavar, option_of("audit", option).help)
    }


def test_processes_are_asked_for_with_the_same_option_everywhere():
    assert [name for name in COMMANDS if option_of(name, "--jobs") is not None] == [
        "audit",
        "claim",
        "trial",
        "certify",
        "maximize",
    ]
    assert [name for name in COMMANDS if option_of(name, "--executor") is not None] == [
        "audit",
        "claim",
        "trial",
        "maximize",
    ]


def test_jobs_and_another_executor_contradict_each_other(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["maximize", "--units", "logits:0", "--jobs", "2", "--executor", "dask:somewhere", "--out", "x"])
    assert stopped.value.code == 2
    assert "--jobs 2 is --executor processes:2" in capsys.readouterr().err
