import json

import numpy as np
import pytest
import torch
from PIL import Image

import fvproof as fv
from fvproof.theory.errors import DomainError, ShapeError, UnknownName

QUICK = {"steps": 32, "certify_s": 0, "predictions": False}
ON_CARDS = "steps = 32\ncertify = 0\npredictions = false\n"


@pytest.fixture(scope="module")
def subject():
    return fv.model("digits-small")


@pytest.fixture(scope="module")
def runs(subject):
    return fv.maximize(subject, "logits:3-4", steps=64, seed=7).runs


@pytest.fixture
def folder(tmp_path, runs):
    for run in runs:
        pixels = np.rint(255 * run.image[0]).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{run.unit.channel}.png")
    return tmp_path


def card(folder, *claims, head=ON_CARDS):
    """Write a card, each claim a line of TOML."""
    text = f'model = "digits-small"\n{head}' + "".join(f"[[claim]]\n{claim}\n" for claim in claims)
    (folder / "card.toml").write_text(text)
    return folder / "card.toml"


def of(picture, unit, *more):
    return "\n".join([f'picture = "{picture}"', f'unit = "{unit}"', *more])


def test_a_picture_can_be_a_run_an_array_a_tensor_or_a_file(subject, runs, folder):
    shown = (runs[0], runs[0].image, torch.from_numpy(runs[0].image), folder / "3.png", str(folder / "3.png"))
    for picture in shown:
        found = fv.claim(subject, "logits:3", picture, **QUICK)
        assert (found.deserved, found.code) == (True, 0)


def test_each_of_several_pictures_is_of_its_own_unit(subject, runs):
    images = np.stack([run.image for run in runs])
    for units in ("logits:3-4", ["logits:3", "logits:4"]):
        found = fv.claim(subject, units, images, **QUICK)
        assert [row["verdict"] for row in found.rows] == ["deserved", "deserved"]
    crossed = fv.claim(subject, "logits:4,logits:3", images, **QUICK)
    assert (crossed.code, crossed.deserved) == (1, False)
    assert "2 claims, 2 not deserved" in crossed.headline


def test_the_least_exciting_picture_is_a_claim_too(subject):
    run = fv.maximize(subject, "logits:3", steps=64, seed=7, minimize=True).runs[0]
    assert fv.claim(subject, "logits:3", run, minimize=True, **QUICK).code == 0
    assert fv.claim(subject, "logits:3", run, **QUICK).code == 1


def test_a_result_shows_itself_in_all_ways(subject, runs, tmp_path):
    found = fv.claim(subject, "logits:3", runs[0], steps=32, certify_s=0, out=tmp_path / "out")
    record = json.loads(found.to_json())
    assert record == json.loads((tmp_path / "out" / "claims.json").read_text())
    assert (record["deserved"], record["claims"][0]["verdict"]) == (True, "deserved")
    assert record["claims"][0]["told"]["order"][0] > 0.6
    assert found.text.startswith("logits:3 max picture 1: DESERVED\n")
    assert "| **deserved** |" in found.markdown
    assert (tmp_path / "out" / "claims.md").read_text() == found.markdown
    assert found._repr_html_().count("<figure") == 1
    with Image.open(found.save(tmp_path / "copy") / "claim-1.png") as picture:
        assert picture.size == (8, 8)


def test_what_is_finished_is_not_computed_again(subject, runs, tmp_path, monkeypatch):
    first = fv.claim(subject, "logits:3", runs[0], out=tmp_path, **QUICK)
    monkeypatch.setattr("fvproof.empirical.maximization.maximize.ascend", None)
    monkeypatch.setattr("fvproof.empirical.claim.search.ascend", None)
    assert fv.claim(subject, "logits:3", runs[0], out=tmp_path, **QUICK).record() == first.record()


def test_a_card_is_decided_and_what_is_wrong_with_a_claim_stops_no_other(folder):
    Image.new("RGB", (8, 8), (200, 0, 0)).save(folder / "red.png")
    Image.new("L", (9, 8)).save(folder / "big.png")
    (folder / "text.png").write_text("no picture")
    (folder / "copy.png").write_bytes((folder / "3.png").read_bytes())
    claims = [
        of("3.png", "logits:3", 'name = "the digit three"'),
        of("3.png", "logits:3"),
        of("copy.png", "logits:3"),
        of("big.png", "logits:3"),
        of("red.png", "logits:3"),
        of("text.png", "logits:3"),
        of("none.png", "logits:3"),
        of("3.png", "logits:30"),
        of("3.png", "logit:3"),
        of("3.png", "logits:3-4"),
        'pictur = "3.png"\nunit = "logits:3"',
        'picture = "3.png"',
        of("3.png", "logits:3", 'end = "most"'),
        'picture = 3\nunit = "logits:3"',
        of("4.png", "logits:3"),
    ]
    found = fv.claim(card(folder, *claims))
    assert [row["verdict"] for row in found.rows] == ["deserved", "not deserved"]
    assert found.code == 2
    said = [
        "claim 2 is the same as claim 1",
        "it is the same as the digit three",
        "must be 8×8 pixels, as the network reads it, not 8×9",
        "is coloured, and the network reads grey",
        "must be a picture",
        "cannot be read",
        "has units 0 to 9, received 30",
        "there is no layer 'logit'; did you mean logits?",
        "a claim is about one unit, logits:3-4 are 2",
        "there is no key 'pictur'; did you mean picture?",
        "claim 12 must say its unit",
        "there is no end 'most'",
        "claim 14: picture must be text, not 3",
    ]
    assert len(found.refused) == len(said)
    for one, words in zip(found.refused, said, strict=True):
        assert words in one.problem
        assert "\n" not in one.problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model = ", "must be TOML"),
        ('modle = "digits"', "there is no setting 'modle'; did you mean model?"),
        ('model = "digits"', "must have claims"),
        ("claim = 3", "must have claims"),
        ('steps = "many"\n[[claim]]', "steps must be a whole number, not 'many'"),
        ("predictions = 1\n[[claim]]", "predictions must be true or false, not 1"),
        ("model = 3\n[[claim]]", "model must be text, not 3"),
    ],
)
def test_a_card_that_cannot_be_read_is_one_sentence(tmp_path, text, said):
    (tmp_path / "card.toml").write_text(text)
    with pytest.raises(DomainError, match=said.replace("?", r"\?")):
        fv.claim(tmp_path / "card.toml")


def test_paths_of_a_card_start_from_its_folder(folder, monkeypatch, tmp_path_factory):
    (folder / "net.py").write_text(
        "from fvproof.empirical.networks.digits import trained\n\ndef build():\n    return trained('digits-small')\n"
    )
    images = fv.model("digits-small").natural
    np.savez(folder / "images.npz", images=(images.images * 255).astype(np.uint8).transpose(0, 2, 3, 1))
    head = f'images = "images.npz"\nshape = [1, 8, 8]\n{ON_CARDS}'
    text = card(folder, of("3.png", "logits:3"), head=head).read_text().replace("digits-small", "net.py:build")
    (folder / "card.toml").write_text(text)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert fv.claim(folder / "card.toml").code == 0


def test_what_cannot_be_looked_at_is_one_sentence(subject, runs):
    with pytest.raises(UnknownName, match="did you mean logits"):
        fv.claim(subject, "logit:3", runs[0], **QUICK)
    with pytest.raises(ShapeError, match="must be 1×8×8"):
        fv.claim(subject, "logits:3", np.zeros((3, 8, 8)), **QUICK)
    with pytest.raises(DomainError, match="about one unit, logits:3-4 are 2"):
        fv.claim(subject, "logits:3-4", runs[0], **QUICK)
    with pytest.raises(DomainError, match="one picture for each unit: 3 units, 2 pictures"):
        fv.claim(subject, "logits:3-5", runs, **QUICK)
    with pytest.raises(DomainError, match="give both"):
        fv.claim(subject, "logits:3")
    with pytest.raises(UnknownName, match="no setting 'step'; did you mean steps"):
        fv.claim(subject, "logits:3", runs[0], step=3)
    with pytest.raises(DomainError, match="needs images"):
        fv.claim(torch.nn.Flatten(), "fc:3", np.zeros((3, 224, 224)))


def test_few_natural_images_leave_it_undecided(subject, runs):
    few = subject.natural.subset(range(10))
    found = fv.claim("digits-small", "logits:3", runs[0], images=few, **QUICK)
    assert found.code == 3
    assert "only 10 natural images" in found.rows[0]["reasons"]


def test_a_run_that_was_ended_goes_on_from_there(subject, runs, tmp_path, monkeypatch):
    def ended(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("fvproof.empirical.claim.search.ascend", ended)
        with pytest.raises(KeyboardInterrupt):
            fv.claim(subject, "logits:3", runs[0], out=tmp_path, **QUICK)
    monkeypatch.setattr("fvproof.empirical.maximization.maximize.ascend", ended)  # all searches are there
    assert fv.claim(subject, "logits:3", runs[0], out=tmp_path, **QUICK).code == 0
