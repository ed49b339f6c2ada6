import pytest

from fvproof.cli.main import main


def call(*arguments):
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as stop:
        main(["fool", *map(str, arguments)])
    return stop.value.code


@pytest.mark.parametrize("arguments", [["digits"], ["digits", "flatter"], ["digits", "--units", "logits"]])
def test_a_method_that_there_is_not_is_one_line_and_exit_code_2(capsys, arguments):
    assert call(*arguments) == 2
    captured = capsys.readouterr()
    assert "write fvproof fool [MODEL] METHOD" in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
