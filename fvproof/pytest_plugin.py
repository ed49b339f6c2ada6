"""A plugin of pytest: `pytest --fvproof card.toml` makes each claim of a card a test.

Unless it is asked for, it costs nothing: it imports nothing but pytest, and collects nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

if TYPE_CHECKING:
    from fvproof.empirical.claim.beside import ClaimFindings
    from fvproof.verbs.cards import ClaimCard, Entry
    from fvproof.verbs.subject import Subject


def pytest_addoption(parser: pytest.Parser) -> None:
    """Give pytest its options."""
    group = parser.getgroup("fvproof", "claims about feature visualizations")
    group.addoption(
        "--fvproof",
        action="append",
        default=[],
        metavar="CARD.toml",
        help="make each claim of this file a test: does the picture deserve to be called the unit's visualization?",
    )
    group.addoption(
        "--fvproof-undecided",
        choices=["fail", "skip"],
        default="fail",
        help="what an undecided claim is; fail by default",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Have the cards collected, beside what else is."""
    config.args.extend(card for card in map(str, _cards(config)) if card not in config.args)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CardFile | None:
    """Return the claims of a file, if it was asked for."""
    asked = file_path.resolve() in (card.resolve() for card in _cards(parent.config))
    return CardFile.from_parent(parent, path=file_path) if asked else None


def _cards(config: pytest.Config) -> list[Path]:
    """Return the files that are asked for."""
    return [Path(card).absolute() for card in config.getoption("--fvproof", default=[]) or []]


class CardFile(pytest.File):
    """A card; its network is loaded once, when the first of its claims is tested."""

    card: ClaimCard
    loaded: Subject | None = None

    @override
    def collect(self) -> Iterator[pytest.Item]:
        from fvproof.theory.errors import FvproofError
        from fvproof.verbs.cards import read_card

        try:
            self.card = read_card(self.path)
        except FvproofError as error:
            raise self.CollectError(str(error)) from error
        for entry in self.card.entries:
            yield ClaimItem.from_parent(self, name=entry.name, entry=entry)

    def subject(self) -> Subject:
        """Return the network with its images."""
        from fvproof.verbs.claiming import subject_of_card

        if self.loaded is None:
            self.loaded = subject_of_card(self.card)
        return self.loaded


class Refusal(Exception):
    """A claim that is not deserved, undecided, or cannot be looked at, in words."""


class ClaimItem(pytest.Item):
    """A claim. What it takes is kept in pytest's cache: another run decides it at once."""

    def __init__(self, *, entry: Entry, **known: Any) -> None:  # noqa: ANN401  pytest's
        super().__init__(**known)
        self.entry = entry

    @override
    def runtest(self) -> None:
        from fvproof.theory.errors import FvproofError
        from fvproof.verbs.claiming import decide_one

        assert isinstance(self.parent, CardFile)
        try:
            found = decide_one(self.parent.card, self.entry, self.parent.subject(), self.kept)
        except FvproofError as error:
            raise Refusal(str(error)) from error
        self._judge(found)

    @property
    def kept(self) -> Path | None:
        """The folder of finished work, if pytest has a cache."""
        cache = getattr(self.config, "cache", None)
        return None if cache is None else Path(cache.mkdir("fvproof"))

    def _judge(self, found: ClaimFindings) -> None:
        """Fail, or skip, unless the claim is deserved."""
        from fvproof.verbs.claims_in_words import claims_in_text

        verdict = str(found.decision.verdict)
        if verdict == "undecided" and self.config.getoption("--fvproof-undecided") == "skip":
            pytest.skip(f"undecided: {'; '.join(found.decision.doubts)}")
        if verdict != "deserved":
            raise Refusal("\n".join(claims_in_text([found])).rstrip())

    @override
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, Refusal) else super().repr_failure(excinfo, style)

    @override
    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name
