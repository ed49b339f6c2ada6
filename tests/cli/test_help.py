"""What the help of every command says, what a shell completes, and what is said to a word that is none."""

import shlex
from importlib import import_module

import click
import pytest

from fvproof.cli.completion import CHOICES, EMBEDDED
from fvproof.cli.examples import EXAMPLES
from fvproof.cli.fool import METHODS
from fvproof.cli.main import COMMANDS, cli, main
from fvproof.cli.manual import REASONS, manual
from fvproof.theory.classes import CLASSES, RELIABLE
from tests.test_house import loaded_by

NAMES = [*COMMANDS, *(f"fool {method}" for method in METHODS), "trial score"]
LINES = [line for pairs in EXAMPLES.values() for line, _ in pairs]


def command_called(name):
    """Return the command of that name, such as "fool circuit"; that of "trial" alone makes a trial."""
    found = cli
    for word in ("trial make" if name == "trial" else name).split():
        found = found.get_command(click.Context(found), word)
    return found


def page(name, capsys):
    """Return what `--help` prints."""
    with pytest.raises(SystemExit) as stop:
        main([*name.split(), "--help"])
    assert stop.value.code == 0
    return capsys.readouterr().out


def completed(*words, at=None):
    """Return what a shell is told when the last of these words is to be completed."""
    code = "from fvproof.cli.main import main\ntry: main()\nexcept SystemExit: pass\n"
    line = shlex.join(["fvproof", *words[:-1]]) + f" {words[-1]}"
    settings = {"_FVPROOF_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    return loaded_by(f"import os\nos.environ.update({settings!r})\n{code}")


def test_every_command_has_two_examples():
    assert {*EXAMPLES} == {*NAMES}
    assert [name for name, pairs in EXAMPLES.items() if len(pairs) < 2] == []


@pytest.mark.parametrize("line", LINES)
def test_every_example_is_understood_by_its_command(line):
    first, name, *words = shlex.split(line.replace("trial score", "'trial score'"))
    assert first == "fvproof"
    command = command_called(name)
    if name == "fool":
        method, command, words = command.resolve_command(click.Context(command), words)
        assert line in [text for text, _ in EXAMPLES[f"fool {method}"]]
    command.make_context(name, words)


@pytest.mark.parametrize("name", NAMES)
def test_every_help_shows_its_examples_in_lines_that_can_be_copied(name, capsys):
    text = page(name, capsys)
    assert all(f"  {line}\n" in text for line, _ in EXAMPLES[name])


@pytest.mark.parametrize("name", NAMES)
def test_every_help_explains_what_its_arguments_can_be(name, capsys):
    command = command_called(name)
    text = page(name, capsys)
    for parameter in command.params:
        word = str(parameter.metavar).strip("[] .")
        if isinstance(parameter, click.Argument) and word in ("MODEL", "CLASS", "STATEMENT"):
            assert f"\n{word}:\n" in text
            assert {"MODEL": "torchvision:NAME", "CLASS": "convex", "STATEMENT": "proposition-1"}[word] in text


def test_the_help_lists_every_class(capsys):
    text = page("interval", capsys)
    assert [name for name in (*CLASSES, *RELIABLE) if f"\n  {name} " not in text] == []


@pytest.mark.parametrize("option", REASONS)
def test_every_reason_is_of_an_option_that_some_command_has(option):
    commands = [command_called(name) for name in NAMES]
    assert any(option in parameter.opts for command in commands for parameter in command.params)
    assert any(option in dict(pairs) for name in NAMES for _, pairs in manual(command_called(name), name))


@pytest.mark.parametrize("name", NAMES)
def test_every_default_that_is_a_number_or_a_choice_has_a_reason(name):
    options = [each for each in command_called(name).params if isinstance(each, click.Option) and not each.is_flag]
    shown = {each.opts[0] for each in options if each.show_default is True and each.default is not None}
    assert shown - {*REASONS} <= {"--out", "--output", "--format"}


def test_a_misspelt_command_is_answered_with_the_near_one(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["audti"])
    assert stop.value.code == 2
    assert capsys.readouterr().err == "fvproof: there is no command 'audti'; did you mean audit?\n"


def test_a_misspelt_option_is_answered_with_the_near_one(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["census", "--imges", "x"])
    assert stop.value.code == 2
    assert "--images" in capsys.readouterr().err


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"fvproof, version {import_module('fvproof').__version__}\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["au"], {"plain,audit"}),
        (["audit", "digits-s"], {"plain,digits-small"}),
        (["interval", "conv"], {"plain,convex"}),
        (["prove", "proposition"], {"plain,proposition-1"}),
        (["refute", "convex", "--task", "si"], {"plain,side"}),
        (["maximize", "digits", "--precision", "b"], {"plain,bfloat16"}),
        (["fool", "cir"], {"plain,circuit"}),
        (["fool", "digits", "sil"], {"plain,silent"}),
        (["fool", "digits", "circuit", "--engines", "lu"], {"plain,lucent"}),
        (["certify", "some"], {"file,some"}),
        (["interval", "convex", "--at", "q"], {"file,q"}),
    ],
)
def test_a_shell_completes_without_torch(words, found):
    told = completed(*words)
    assert found <= told
    assert [word for word in told if word.startswith("plain,") and not word[6:].startswith(words[-1])] == []
    assert not {"torch", "z3", "onnx", "matplotlib"} & told


def test_the_embedded_networks_that_are_completed_are_all_of_them():
    from fvproof.empirical.networks.zoo import EMBEDDED as KNOWN

    assert EMBEDDED == KNOWN


def test_the_choices_that_are_completed_are_those_that_are_understood():
    from fvproof.empirical.maximization.engines import ENGINES
    from fvproof.empirical.maximization.parametrization import NAMES as PARAMETRIZATIONS
    from fvproof.empirical.maximization.transforms import TRANSFORMS
    from fvproof.theory.tasks import Task

    assert set(CHOICES["--engines"]) == {*ENGINES, "all"}
    assert set(CHOICES["--parametrization"]) == set(PARAMETRIZATIONS)
    assert set(CHOICES["--transforms"]) == set(TRANSFORMS)
    assert set(CHOICES["--task"]) == {*map(str, Task), "optimal"}


def kind(option):
    """Return what one gives with an option: nothing, a number, or a text."""
    numbers = click.types.IntParamType | click.types.FloatParamType
    return "nothing" if option.is_flag else "a number" if isinstance(option.type, numbers) else "a text"


def shown():
    """Yield every option that a help shows, with the command's name."""
    for name in NAMES:
        for parameter in command_called(name).params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                yield name, parameter


def test_every_option_says_what_it_is_for():
    assert [(name, option.opts[0]) for name, option in shown() if not option.help] == []


def test_an_option_takes_the_same_in_all_commands():
    kinds = {}
    for _, option in shown():
        kinds.setdefault(option.opts[0], set()).add(kind(option))
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}
