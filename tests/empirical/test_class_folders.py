import subprocess
import sys

import pytest

from fvproof.empirical.class_folders import disagreement, label_folders
from fvproof.theory.errors import DomainError

ANIMALS = ("dog", "cat", "airplane")


def outputs(folders, classes=None):
    return dict(label_folders(folders, classes).outputs)


@pytest.mark.parametrize("others", [[], ["unsure"], ["background", "unsure"]])
def test_a_folder_named_like_an_output_stands_for_it_whatever_the_others_are_called(others):
    found = label_folders(sorted(["airplane", "cat", "dog", *others]), ANIMALS)
    assert found.outputs == {"airplane": 2, "cat": 1, "dog": 0}
    assert found.left_out == tuple(others)


def test_what_is_left_out_is_said():
    told, left = label_folders(["cat", "unsure"], ANIMALS).remarks
    assert told == "class folders and their outputs, by name: cat → 1"
    assert left == "left out, because it is no class of the network: folder 'unsure'"


def test_case_and_punctuation_are_forgiven_and_said():
    found = label_folders(["GOLDEN-retriever"], ("tench", "golden retriever"))
    assert found.remarks == ("class folders and their outputs, by name: GOLDEN-retriever → 1 golden retriever",)


@pytest.mark.parametrize("folder", ["tench", "Tinca_tinca", "tench, Tinca tinca", "TENCH, common"])
def test_a_synonym_on_either_side_will_do(folder):
    assert outputs([folder], ("goldfish", "tench, Tinca tinca")) == {folder: 1}


def test_the_exact_name_wins_over_one_of_other_case():
    names = ("Cardigan", "cardigan")
    assert outputs(["Cardigan", "cardigan"], names) == {"Cardigan": 0, "cardigan": 1}
    with pytest.raises(DomainError, match="'CARDIGAN' could stand for the outputs 0 'Cardigan' and 1 'cardigan'"):
        label_folders(["CARDIGAN"], names)


def test_a_name_that_two_outputs_have_is_one_sentence():
    with pytest.raises(DomainError, match="could stand for the outputs 0 'crane' and 1 'crane'"):
        label_folders(["crane"], ("crane", "crane"))


def test_folders_that_are_numbers_stand_for_these_outputs():
    assert outputs(["007", "13", "rest"]) == {"007": 7, "13": 13}
    assert outputs(["0", "2"], 3) == {"0": 0, "2": 2}


def test_numbers_are_names_where_the_networks_classes_are_numbers():
    names = ("3", "5", "7")
    assert outputs(["05", "1", "7"], names) == {"05": 1, "7": 2}


def test_folders_counted_from_one_are_one_sentence():
    with pytest.raises(DomainError, match="0 to 2: are these counted from 1"):
        label_folders(["1", "2", "3"], 3)


def test_folders_that_name_nothing_are_counted_and_it_is_said():
    found = label_folders(["ant", "bee"], ANIMALS)
    assert found.outputs == {"ant": 0, "bee": 1}
    assert found.remarks == (
        "no class folder is named like an output, so they are counted in alphabetical order: ant → 0, bee → 1",
    )


@pytest.mark.parametrize("folder", ["n01443537", "n01443537-goldfish", "n01443537_goldfish"])
def test_wordnets_numbers_are_outputs_of_a_network_with_imagenets_classes(folder):
    assert outputs([folder, "n03888257"], 1000) == {folder: 1, "n03888257": 701}
    assert outputs([folder, "n03888257"], 2) == {folder: 0, "n03888257": 1}


def test_labels_that_bear_the_names_of_other_outputs_are_pointed_out():
    assert disagreement({0: "cat", 2: "airplane"}, ANIMALS) == (
        "label 0 is 'cat', which is output 1 of the network: labels must be numbers of outputs",
    )
    assert disagreement({0: "Dog", 1: "a cat of some kind"}, ANIMALS) == ()


@pytest.mark.parametrize("folder", ["hot_dog", "HotDog", "hotdog", "Hot-Dog", "HOTDOG"])
def test_a_name_in_one_word_or_several_will_do(folder):
    assert dict(label_folders([folder], ("cat", "hot dog")).outputs) == {folder: 1}
    assert dict(label_folders([folder], ("cat", "hotdog")).outputs) == {folder: 1}


def test_wordnets_numbers_may_be_written_in_capitals():
    assert dict(label_folders(["N01443537"], 1000).outputs) == {"N01443537": 1}


def test_imagenet_is_known_wherever_one_works(tmp_path):
    line = "from fvproof.empirical.class_folders import _wnids; print(_wnids()['n01440764'])"
    done = subprocess.run([sys.executable, "-P", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
