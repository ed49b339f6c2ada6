"""Where the packages lie, and what an index shows of them.

The rooms are folders of the repository, and are imported from below `fvproof`. The repository's address is not written
into it: who publishes it gives it, as in ``FVPROOF_REPOSITORY=https://example.org/fvproof python -m build``.
"""

import os
import re
from pathlib import Path

from setuptools import find_packages, setup

ROOMS = ("theory", "verify", "empirical")
INSIDE = find_packages(include=[pattern for room in ROOMS for pattern in (room, f"{room}.*")])

REPOSITORY = os.environ.get("FVPROOF_REPOSITORY", "").rstrip("/")
"""Without one, an index gets no links to it: a relative address is no valid metadata."""

LINK = re.compile(r"\[([^]]+)]\((?!https?:|#)([^)]+)\)")
"""A link of the README to a file of the repository, which an index does not have."""


PICTURE = re.compile(r"^!\[[^]]*]\((?!https?:)[^)]+\)\n\n", re.MULTILINE)
"""A picture of the repository, which an index cannot show."""


def readme() -> str:
    """Return the README as an index shows it: without pictures, and a link to a file is absolute or names the file."""
    text = PICTURE.sub("", Path(__file__).with_name("README.md").read_text(encoding="utf-8"))
    return LINK.sub(rf"[\1]({REPOSITORY}/blob/HEAD/\2)" if REPOSITORY else r"\1 (\2)", text)


def links() -> dict[str, str]:
    """Return where documentation, source and issues are, as far as it is known."""
    found = {"Paper": "https://arxiv.org/abs/2306.04719"}
    if REPOSITORY:
        found |= {
            "Documentation": f"{REPOSITORY}/tree/HEAD/docs",
            "Source": REPOSITORY,
            "Issues": f"{REPOSITORY}/issues",
            "Changelog": f"{REPOSITORY}/blob/HEAD/CHANGELOG.md",
        }
    return found


setup(
    packages=[*find_packages(include=["fvproof", "fvproof.*"]), *(f"fvproof.{name}" for name in INSIDE)],
    package_dir={f"fvproof.{room}": room for room in ROOMS},
    long_description=readme(),
    long_description_content_type="text/markdown",
    project_urls=links(),
)
