"""`.nnet` files are decimals taken exactly; whatever is not as it should be is named with its line."""

from fractions import Fraction

import pytest

from fvproof.theory.errors import FvproofError
from fvproof.verify.files.readers import read_layered

LINES = ["// a comment", "2,2,1,3,", "2,3,1,", "0,", "0,0,", "1,1,", "0,0,0,", "1,1,1,"]
LINES += ["0.1,0.2,", "-1,1,", "0,3,", "0.5,", "0,", "-1,", "1,1,1,", "0.25,"]


def read(folder, lines):
    """Return the network in a file of these lines."""
    (folder / "n.nnet").write_text("\n".join(lines))
    return read_layered(folder / "n.nnet")


def test_decimals_are_taken_exactly(tmp_path):
    network = read(tmp_path, [*LINES, ""])
    assert network.outputs([Fraction(1), Fraction(1)]) == (Fraction(8, 10) + 2 + Fraction(1, 4),)


def test_a_file_that_is_cut_short_or_goes_on_is_refused(tmp_path):
    with pytest.raises(FvproofError, match="cut short"):
        read(tmp_path, LINES[:-3])
    with pytest.raises(FvproofError, match="line 18 must not be there: the 2 layers"):
        read(tmp_path, [*LINES, "", "1,"])


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (9, "0.1,zero,", "line 9: number 2 must be a decimal"),
        (9, "0.1,1/2", "line 9: number 2 must be a decimal"),
        (9, "0.1,,0.2", "line 9: number 2 must be a decimal"),
        (9, "0.1,1/0", "line 9: number 2 must be a decimal"),
        (9, "0.1,nan", "line 9: number 2 must be a decimal"),
        (9, "0.1,0.2,0.3", "line 9 must hold 2 numbers, not 3"),
        (9, "0.1,1e99999999999", "line 9: number 2 must be a decimal of reasonable size"),
        (9, "0.1,1e400", "the weights are too large"),
        (9, f"0.1,{'9' * 5000}", "line 9: number 2 has more digits than can be read"),
        (2, "-1,2,1,3", "line 2 must hold integers from 1 on"),
        (2, "2.5,2,1,3", "line 2 must hold integers from 1 on"),
        (2, "1,2,1,3", "line 3 must hold 2 numbers, not 3"),
        (2, "2,3,1,3", "must begin with 3 inputs"),
        (2, "2,2,2,3", "end with 2 outputs"),
        (3, "2,0,1", "line 3 must hold integers from 1 on"),
        (3, "2,-3,1", "line 3 must hold integers from 1 on"),
        (3, "2,3000000000,1", "line 12 must hold 2 numbers, not 1"),
        (5, "0,0,0", "line 5 must hold 2 numbers, not 3"),
        (5, "", "line 5"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path, line, text, message):
    with pytest.raises(FvproofError, match=message):
        read(tmp_path, [*LINES[: line - 1], text, *LINES[line:]])
