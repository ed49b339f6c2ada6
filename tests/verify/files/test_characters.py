"""Every reader of text breaks lines, numbers and names as its format says: strange characters change no meaning."""

import json
from pathlib import Path

import pytest
from onnx import TensorProto, helper

from fvproof.theory.errors import FvproofError
from fvproof.theory.texts import named
from fvproof.verify.files.json_lines import json_value
from fvproof.verify.files.point_files import read_labelled, read_point
from fvproof.verify.files.readers import layered_from_bytes, read_layered
from fvproof.verify.files.records import decimal, number, point_from, read_json, surd
from fvproof.verify.files.vnnlib import property_from, read_property
from tests.characters import BREAKS, DIGITS, LOOK_ALIKES, STRANGE

HERE = "□"
"""Where a character is put."""
SOME = [*BREAKS, *DIGITS[::40], *LOOK_ALIKES]
"""Enough of them where every one takes a file."""
HEAD = "(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (>= X_0 0))(assert (<= X_0 1))\n"
CONDITION = "(assert (>= Y_0 10))"
PROPERTY = HEAD + CONDITION
NNET = ["// comment", "1,1,1,1,", "1,1,", "0,", "0,", "1,", "0,0,", "1,1,", "12,", "0.5,"]


def outcome(read, *given):
    """Return what a reader makes of a text, or what it says."""
    try:
        return read(*given)
    except FvproofError as error:
        return str(error)


def put(character, place):
    """Return a text with a character in its place."""
    return place.replace(HERE, character)


def wrongly_read(place, characters):
    """Return the characters that a property is read with, in a place where no format allows them."""
    return [c for c in characters if not isinstance(outcome(property_from, put(c, place)), str)]


@pytest.mark.parametrize("rest", ["(assert (>= Y_0 100))", "(declare-const X_0 Real)", ")", "Y_0"])
def test_a_comment_of_a_property_ends_at_the_end_of_its_line_and_nowhere_else(rest):
    comments = "".join(f"; a {character} {rest}\n;{character}{rest}\n" for character in STRANGE)
    assert property_from(comments + PROPERTY) == property_from(PROPERTY)
    assert property_from(PROPERTY + comments.removesuffix("\n")) == property_from(PROPERTY)


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
def test_lines_of_a_property_end_with_a_line_feed_or_a_carriage_return(ending):
    text = PROPERTY.replace("\n", ending) + f"; comment{ending}(assert (>= Y_0 2))"
    assert len(property_from(text)[0].rows) == 2
    with pytest.raises(FvproofError, match="line 6: a declared variable"):
        property_from(text + "; all" + ending + "(assert (>= Y_1 2))")


@pytest.mark.parametrize(
    "place",
    [
        PROPERTY.replace(" ", "□"),
        PROPERTY.replace("(assert ", "(assert□", 1),
        PROPERTY.replace("Y_0 10", "Y_0□10"),
        PROPERTY.replace("10", "1□0"),
        PROPERTY.replace("10", "□"),
        PROPERTY.replace("10", "10□"),
        PROPERTY.replace("X_0 Real", "X_0□ Real", 1),
        PROPERTY.replace("Y_0", "Y_□"),
        PROPERTY.replace("Y_0", "Y□0"),
        PROPERTY.replace("Y_0", "□_0"),
        PROPERTY.replace(">=", ">□="),
        "□" + PROPERTY,
        PROPERTY + "□",
    ],
)
def test_strange_characters_outside_of_comments_are_refused(place):
    assert wrongly_read(place, STRANGE) == []


@pytest.mark.parametrize("character", ["\f", "１", "\u2028", "\0", "\ufeff"])
def test_a_stray_character_in_a_property_is_named_with_its_line(character):
    with pytest.raises(FvproofError) as caught:
        property_from(HEAD + f"(assert (>= Y_0 1{character}))")
    assert str(caught.value) == f"line 4: {named(character)} may stand in comments only"


def test_bytes_that_are_no_text_may_stand_in_comments_only(tmp_path):
    path = tmp_path / "p.vnnlib"
    path.write_bytes(b"; \xe9 (assert (>= Y_0 100))\n" + PROPERTY.encode())
    assert read_property(path) == property_from(PROPERTY)
    path.write_bytes(PROPERTY.encode() + b"\xe9")
    with pytest.raises(FvproofError, match=r"line 4: the byte 0xE9 \(no UTF-8\) may stand"):
        read_property(path)


def test_names_of_a_property_may_stand_between_bars():
    assert property_from(PROPERTY.replace("Y_0", "|Y_0|")) == property_from(PROPERTY)
    assert property_from(PROPERTY.replace("assert (>=", "assert (|>=|")) == property_from(PROPERTY)
    for text in (
        "(|assert| (>= Y_0 1))",
        "(assert (>= Y_0 |1|))",
        "(declare-fun X_1 |()| Real)",
        "(assert (>= |Y_0 1))",
    ):
        with pytest.raises(FvproofError, match="line 4"):
            property_from(HEAD + text)


@pytest.mark.parametrize("text", ["(ASSERT (>= Y_0 1))", "(assert (>= y_0 1))", "(assert (AND (>= Y_0 1)))"])
def test_case_matters_in_a_property(text):
    with pytest.raises(FvproofError, match="line 4"):
        property_from(HEAD + text)


def nnet(lines):
    """Return the numbers in an `.nnet` file, or what is said of it."""
    data = "\n".join(lines).encode("utf-8", errors="surrogateescape")
    found = outcome(layered_from_bytes, Path("n.nnet"), data)
    return found if isinstance(found, str) else [(m.weights.tolist(), m.biases.tolist()) for m in found.maps]


def test_a_comment_of_an_nnet_file_ends_at_a_line_feed_and_nowhere_else():
    comments = [f"// a{character}9,9,9,9," for character in [*STRANGE, "\r", "\udce9"]]
    assert nnet(comments + NNET) == nnet(NNET)


@pytest.mark.parametrize("place", ["□12,", "1□2,", "12□,", "12,□", "□", "1.□5,", "12e□0,", "12□0.5,"])
def test_strange_characters_among_the_numbers_of_an_nnet_file_are_refused_with_their_name(place):
    for character in SOME:
        found = nnet([*NNET[:8], put(character, place), NNET[9]])
        assert found == f"n.nnet: line 9 must hold numbers and commas, and holds {named(character)}"


def test_an_nnet_file_may_come_from_windows_and_comments_stand_first():
    assert nnet([line + "\r" for line in NNET]) == nnet(NNET)
    assert nnet([" \t12 , " if line == "12," else line for line in NNET]) == nnet(NNET)
    assert "line 9" in nnet([*NNET[:8], "// later", *NNET[8:]])
    assert "line 9" in nnet([*NNET[:8], "1\r2,", *NNET[9:]])


ENTRY = '{"at": ["0", "1/2"], "value": "1/4"}'


@pytest.mark.parametrize("place", ["□" + ENTRY, ENTRY + "□", ENTRY.replace(" ", "□"), ENTRY + "□" + ENTRY, "□"])
def test_lines_of_json_end_with_a_line_feed_and_have_no_other_blanks(tmp_path, place):
    for character in SOME:
        (tmp_path / "s.jsonl").write_text(put(character, place), encoding="utf-8", newline="")
        found = outcome(read_labelled, tmp_path / "s.jsonl")
        assert isinstance(found, str), named(character)
        assert named(character) in found


def test_lines_of_json_may_come_from_windows(tmp_path):
    (tmp_path / "s.jsonl").write_bytes(f"\r\n{ENTRY}\r\n \t\r\n{ENTRY}".encode())
    assert len(read_labelled(tmp_path / "s.jsonl")) == 2


@pytest.mark.parametrize("place", ['{"at": [1□]}', '{"at": [□]}', '{"at": [1.□5]}', '{"at": [1e□5]}'])
def test_numbers_of_json_have_ascii_digits(place):
    for character in STRANGE:
        assert isinstance(outcome(json_value, put(character, place)), str), named(character)


@pytest.mark.parametrize("place", ["□0,1/2", "0□,1/2", "0,1□/2", "0,1/□2", "0□1/2", "0,□"])
def test_points_as_text_are_numbers_in_ascii_with_commas(place):
    for character in STRANGE:
        found = outcome(read_point, put(character, place), "the query")
        assert isinstance(found, str), named(character)
        assert named(character) in found


@pytest.mark.parametrize("place", ["□1", "1□", "1□2", "□", "1/□2", "1□/2"])
@pytest.mark.parametrize("read", [number, decimal, surd])
def test_exact_numbers_in_files_have_ascii_digits(read, place):
    for character in [*STRANGE, *"\t\n\r _"]:
        assert isinstance(outcome(read, put(character, place), "the number"), str), named(character)


@pytest.mark.parametrize("place", ["□1*sqrt(2)", "1*sqrt(□)", "1*sqrt(2□)", "1+□*sqrt(2)", "1*sqrt(2)□"])
def test_roots_in_files_have_ascii_digits(place):
    for character in [*STRANGE, *"\t\n\r _"]:
        assert isinstance(outcome(surd, put(character, place), "the number"), str), named(character)


@pytest.mark.parametrize("place", ["□0x1p-1", "0x1p-1□", "0x1□p-1", "0x1p-□1", "0x1.□8p-1", "□"])
def test_hexadecimal_floats_in_files_have_ascii_digits(place):
    for character in [*STRANGE, *"\t\n\r _"]:
        record = {"doubles": [put(character, place)]}
        assert isinstance(outcome(point_from, record, "the point"), str), named(character)


@pytest.mark.parametrize("place", ['{"a":□1}', "[1□]", "□[1]", "[1]□", "[1,□2]"])
def test_json_files_have_no_other_blanks(tmp_path, place):
    for character in SOME:
        (tmp_path / "n.json").write_text(put(character, place), encoding="utf-8", newline="")
        assert isinstance(outcome(read_json, tmp_path / "n.json"), str), named(character)


@pytest.mark.parametrize("key", ["１", "0\n", " 0", "00", "0_0"])
def test_inputs_of_exact_networks_are_named_in_ascii(tmp_path, key):
    layer = {"rows": [{key: "1"}], "biases": ["0"]}
    record = {"format": "fvproof-function", "version": 1, "kind": "relu_network", "dimension": 2, "layers": [layer]}
    (tmp_path / "n.json").write_text(json.dumps(record))
    with pytest.raises(FvproofError, match="must name inputs from 0 to 1"):
        read_layered(tmp_path / "n.json")


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31m", "a\u2028b", "a\0b"])
def test_names_in_onnx_files_are_told_on_one_line_and_are_no_other_names(name):
    relu, other = helper.make_node("Relu", ["x"], [name], name), helper.make_node("Sigmoid", [name], ["y"], name)
    ends = [helper.make_tensor_value_info(end, TensorProto.FLOAT, [1, 2]) for end in "xy"]
    model = helper.make_model(helper.make_graph([relu, other], "g", ends[:1], ends[1:]))
    found = outcome(layered_from_bytes, Path("n.onnx"), model.SerializeToString())
    assert "the operator is not supported" in found
    assert found.isprintable()
    model.graph.node[1].input[0] = "a"
    model.graph.node[1].op_type = "Relu"
    assert "its input 'a' is not computed before it" in outcome(
        layered_from_bytes, Path("n.onnx"), model.SerializeToString()
    )


def test_names_in_onnx_files_that_are_no_text_are_refused():
    relu = helper.make_node("Relu", ["x"], ["y"], "name")
    ends = [helper.make_tensor_value_info(end, TensorProto.FLOAT, [1, 2]) for end in "xy"]
    data = helper.make_model(helper.make_graph([relu], "g", ends[:1], ends[1:])).SerializeToString()
    for name in (b"name", b"x", b"y", b"Relu"):
        for place in range(data.count(name)):
            parts = data.split(name)
            changed = name.join(parts[: place + 1]) + b"\xff" * len(name) + name.join(parts[place + 1 :])
            assert isinstance(outcome(layered_from_bytes, Path("n.onnx"), changed), str)
