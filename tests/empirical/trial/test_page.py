"""The page is played in headless Chromium, where there is one."""

import json
import shutil

import numpy as np
import pytest

from fvproof.empirical.trial.page import key_of, page, write_trial
from fvproof.empirical.trial.questions import Question, ShownQuestion
from fvproof.empirical.trial.scoring import read_answers, read_key

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def shown(count=5):
    """Return questions about pictures of noise, whose answers alternate."""
    rng = np.random.default_rng(0)
    made = []
    for number in range(count):
        names = {"name": f"q{number}", "unit": f"fc:{number}", "left": "a.png", "right": "b.png"}
        side = "left" if number % 2 else "right"
        asked = Question(
            **names,
            condition="examples" if number % 3 else "visualizations",
            catch=number == 2,
            activations=(1.0, 2.0),
            right_answer=side,
            decoder="left",
            granted=None,
        )
        made.append(ShownQuestion(asked, *rng.random((2, 2, 1, 8, 8)), *rng.random((2, 1, 8, 8))))
    return made


@pytest.fixture
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright and Chromium")
    if CHROMIUM is None:
        pytest.skip("needs playwright and Chromium")
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture
def folder(tmp_path):
    write_trial(shown(), {"model": "made up"}, tmp_path)
    return tmp_path


@pytest.fixture
def played(browser, folder):
    """Return an open page, on a telephone."""
    opened = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    opened.set_default_timeout(120_000)
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("request", lambda asked: errors.append(asked.url) if asked.url.startswith("http") else None)
    opened.goto((folder / "trial.html").as_uri())
    yield opened
    assert errors == []
    opened.close()


def saved(opened, folder):
    """Save the answers as a person does, and return them as they are read."""
    with opened.expect_download() as download:
        opened.click("#save")
    assert download.value.suggested_filename == "answers.json"
    download.value.save_as(folder / "answers.json")
    return read_answers(folder / "answers.json", read_key(folder / "trial.json"))


def test_a_trial_is_played_with_keys_alone_and_its_answers_are_read(played, folder):
    played.keyboard.press("Tab")
    played.keyboard.press("Enter")
    for number in range(5):
        assert played.inner_text("#count") == f"Question {number + 1} of 5"
        played.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")
        played.keyboard.press("3" if number else "1")
    given = saved(played, folder).given
    assert [(name, *one[:2]) for name, one in given.items()] == [
        ("q0", "right", 1),
        ("q1", "left", 3),
        ("q2", "right", 3),
        ("q3", "left", 3),
        ("q4", "right", 3),
    ]


def test_fingers_do_as_well_and_a_reload_in_the_middle_loses_nothing(played, folder):
    played.tap("#go")
    for number in range(5):
        if number == 3:
            played.reload()
            assert played.inner_text("#count") == "Question 4 of 5"
        played.tap("#left")
        played.tap('[data-sure="2"]')
    assert [one[:2] for one in saved(played, folder).given.values()] == [("left", 2)] * 5


def test_one_must_choose_before_saying_how_sure(played):
    played.tap("#go")
    played.keyboard.press("3")
    assert played.inner_text("#count") == "Question 1 of 5"
    assert played.is_disabled('[data-sure="3"]')
    played.tap("#right")
    assert played.get_attribute("#right", "aria-checked") == "true"
    assert not played.is_disabled('[data-sure="3"]')


def test_nothing_is_wider_than_a_telephone(played):
    played.tap("#go")
    assert played.evaluate("document.documentElement.scrollWidth") <= 390


def test_another_person_begins_anew(played, folder):
    played.tap("#go")
    for _ in range(5):
        played.keyboard.press("ArrowLeft")
        played.keyboard.press("1")
    first = saved(played, folder).person
    played.tap("#again")
    assert played.is_visible("#start")
    played.tap("#go")
    assert played.inner_text("#count") == "Question 1 of 5"
    for _ in range(5):
        played.keyboard.press("ArrowRight")
        played.keyboard.press("1")
    assert saved(played, folder).person != first


def test_the_page_holds_no_answer_and_no_name_of_a_unit_or_an_image():
    html = page(shown(), "0123456789abcdef")
    assert all(word not in html for word in ("fc:1", "a.png", "right_answer", "activations"))
    assert "http" not in html.replace("http://www.w3.org", "")


def test_equal_questions_have_one_number_and_other_pictures_another():
    about = {"model": "made up"}
    assert key_of(shown(), about) == key_of(shown(), about)
    other = shown()
    other[0].left[0, 0, 0] += 0.1
    assert key_of(other, about)["trial"] != key_of(shown(), about)["trial"]


def test_the_key_is_json_that_can_be_read_again(folder):
    key = read_key(folder / "trial.json")
    assert [question["name"] for question in key["questions"]] == ["q0", "q1", "q2", "q3", "q4"]
    assert json.loads((folder / "trial.json").read_text()) == key
