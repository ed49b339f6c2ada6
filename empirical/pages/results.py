"""What a command found, as one page: the finding, the figures behind it, the pictures unit by unit, what they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fvproof.empirical.images import spread
from fvproof.empirical.pages.environment import pages_environment, source, today, versions
from fvproof.empirical.pages.wording import number
from fvproof.empirical.plots import Plot

PAGE = "report.html"
"""The name of a page's file."""

MOST_CARDS, MOST_PICTURES = 64, 24
"""Of more units, so many have a card, and so many are in the strip at the top."""

Named = tuple[str, np.ndarray]
"""A picture (C, H, W) in [0, 1], and what it is."""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure that decided: what it is, and whether it is as it should be; None where that is no question."""

    label: str
    figure: str
    holds: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class UnitCard:
    """What is shown of one unit.

    Attributes
    ----------
    name
        Of the unit.
    badge, holds
        How it fared, in a few words, and whether that is well; None where that is no question.
    pictures
        Its pictures; the last but one of several, or the only one, stands for the unit in the strip.
    figures
        Numbers and words, by their names.
    way
        Pictures of how it came about.
    remarks
        Sentences.
    """

    name: str
    badge: str
    holds: bool | None
    pictures: Sequence[Named]
    figures: Mapping[str, object]
    way: Sequence[Named] = ()
    remarks: Sequence[str] = ()

    @property
    def anchor(self) -> str:
        """The name of the card's place on the page."""
        return f"unit-{self.name}"

    @property
    def image(self) -> np.ndarray:
        """The picture that stands for the unit: of before, after and target, that after."""
        return self.pictures[1 if len(self.pictures) > 1 else 0][1]


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A part of the page: sentences, plots, each with what it shows, and a table, all rows with the same names."""

    anchor: str
    title: str
    text: Sequence[str] = ()
    plots: Sequence[tuple[Plot, str]] = ()
    rows: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What a page shows.

    Attributes
    ----------
    title, model, about
        The question, the network's name, and what was looked at.
    word, sentence, holds
        The finding in a word or two and in a sentence, and whether it is good; None where that is no question.
    figures
        Those that decided.
    cards
        One for each unit, or for some, evenly spaced.
    explained
        Paragraphs: what the figures mean.
    printed
        What the command printed.
    file
        The name of the file with all figures.
    made
        Settings, by their names.
    sections
        What stands before the cards.
    notes
        What one has to know first, in sentences.
    count
        Of all units, where there are more than cards.
    """

    title: str
    model: str
    about: str
    word: str
    sentence: str
    holds: bool | None
    figures: Sequence[KeyFigure]
    cards: Sequence[UnitCard]
    explained: Sequence[str]
    printed: str
    file: str
    made: Mapping[str, Any]
    sections: Sequence[Section] = ()
    notes: Sequence[str] = ()
    count: int | None = None


def results_page(results: Results) -> str:
    """Return the page as HTML, its styles, pictures and plots inside it.

    Examples
    --------
    >>> card = UnitCard("fc:3", "ok", True, [("found", np.zeros((1, 8, 8)))], {"activation": 0.5})
    >>> about = ("What excites it?", "digits", "1 unit", "1 of 1", "It does.", True)
    >>> page = results_page(Results(*about, [], [card], [], "printed", "runs.json", {"steps": 8}))
    >>> page.count("unit-fc:3"), "https://" in page
    (2, False)
    """
    environment = pages_environment()
    environment.filters["cell"] = cell
    about = versions()
    return environment.get_template("results.html").render(
        page=results,
        strip=[results.cards[place] for place in spread(len(results.cards), MOST_PICTURES)],
        count=results.count or len(results.cards),
        cards=[results.cards[place] for place in spread(len(results.cards), MOST_CARDS)],
        css=source(environment, "page.css"),
        version=about["fvproof"],
        made_of=({"date": today()}, results.made, about),
    )


def cell(value: object) -> str:
    """Return a value as it stands in a table.

    Examples
    --------
    >>> cell(None), cell(True), cell(0.12345), cell(12), cell("ok")
    ('–', 'yes', '0.123', '12', 'ok')
    """
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, float) else str(value)
