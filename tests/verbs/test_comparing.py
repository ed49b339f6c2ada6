"""`fv.sanity`, held against similarities computed here and the command."""

import json

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from scipy.stats import spearmanr

import fvproof as fv
from fvproof.cli.main import main
from fvproof.theory.errors import FvproofError

QUICK = {"layers": ["relu1", "logits"], "per_class": 4, "steps": 48}


@pytest.fixture(scope="module")
def found():
    return fv.sanity("digits-small", **QUICK)


def test_the_similarities_are_those_of_the_activations_themselves(found):
    m = fv.model("digits-small", per_class=4)
    labels = m.natural.labels
    with torch.no_grad():
        natural = m(m.natural.batch()).numpy()
        shown = m(torch.from_numpy(np.stack([run.image for run in found.found.runs]))).numpy()
    pairs = spearmanr(np.concatenate([natural, shown]), axis=1).statistic
    likeness, among = pairs[len(natural) :, : len(natural)], pairs[: len(natural), : len(natural)]
    same, alike = np.arange(10)[:, None] == labels, labels[:, None] == labels
    logits = found.curve[-1]
    assert logits.visualization == pytest.approx(likeness[same].mean(), abs=2e-3)
    assert logits.other_classes == pytest.approx(likeness[~same].mean(), abs=2e-3)
    assert logits.same == pytest.approx(among[alike & ~np.eye(len(labels), dtype=bool)].mean(), abs=2e-3)
    assert logits.different == pytest.approx(among[~alike].mean(), abs=2e-3)


@pytest.mark.parametrize("raw", [False, True])
def test_the_plot_shows_the_curve(found, raw):
    figure = found.plot(raw=raw)
    assert isinstance(figure, Figure)
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].get_lines()}
    values = [(row.visualization, row.other_classes) for row in found.curve]
    if not raw:
        values = [(row.normalized.value, row.normalized_others.value) for row in found.curve]
    for name, curve in zip(("their class", "other classes"), np.transpose(values), strict=True):
        (drawn,) = [line for label, line in lines.items() if label.endswith(name)]
        assert np.allclose(drawn, np.clip(curve, -1.5, 2))
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["relu1", "logits"]
    assert figure._repr_png_()[0].startswith(b"\x89PNG")


def test_what_is_printed_and_written_is_what_the_command_does(found, tmp_path, capsys):
    asked = ["sanity", "digits-small", "--layers", "relu1,logits", "--per-class", "4", "--steps", "48"]
    found.save(tmp_path / "here")
    for options, text in (([], str(found)), (["--json"], found.to_json())):
        with pytest.raises(SystemExit) as ended:
            main([*asked, "--out", f"{tmp_path}/there", *options])
        assert ended.value.code == found.code
        assert capsys.readouterr().out == f"{text}\n"
    names = {path.name for path in (tmp_path / "there").iterdir()}
    assert {"sanity.json", "sanity.svg", "sheet.png", "logits-0-max.png"} < names
    for name in names:
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()
    assert json.loads((tmp_path / "here" / "sanity.json").read_text()) == found.record()


def test_a_visualization_that_fails_is_named():
    found = fv.sanity("digits-small", layers="logits", per_class=2, steps=1)
    assert found.code == 1
    assert any(sentence.startswith("the visualization of logits:") for sentence in found.told)
    lost = found.failed[0]
    assert f"{lost.unit} ({lost.status})" in found._repr_html_()


def test_it_shows_itself(found, monkeypatch):
    monkeypatch.setattr("fvproof.verbs.results.find_spec", lambda _: None)
    assert found._repr_html_().count("data:image/") == 11
    assert repr(found).startswith("<SanityResult: digits-small: 10 classes visualized, 2 layers, contrast ")
    assert [row["layer"] for row in found.table()] == ["relu1", "logits"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"layers": "nowhere"}, "no layer 'nowhere'"),
        ({"per_class": 1}, "the images of each class must be at least 2, not 1"),
        ({"steps": 0}, "steps must be at least 1"),
    ],
)
def test_what_cannot_be_is_one_sentence(settings, told):
    with pytest.raises(FvproofError) as error:
        fv.sanity("digits-small", **settings)
    assert told in str(error.value)


def test_images_without_labels_are_one_sentence():
    images = fv.model("digits-small").natural.images
    with pytest.raises(FvproofError, match="the sanity check needs labels"):
        fv.sanity(fv.model("digits-small", images=images))
