"""What is published: a source distribution, and from it a wheel of one name with everything that it needs."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.test_house import MODULES, ROOT, dotted

LISTING = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
TEMPLATES = sorted(path for path in (ROOT / "empirical").rglob("templates/*"))
THEOREMS = sorted((ROOT / "verify" / "proofs" / "coq").glob("*.v"))


def build(kind, source, folder):
    """Build a distribution of this kind from its sources, and return its file."""
    code = f"from setuptools import build_meta; print(build_meta.build_{kind}({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True, text=True)
    return folder / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Return a copy of what git knows."""
    source = tmp_path_factory.mktemp("sources")
    names = subprocess.run(LISTING, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    return source


@pytest.fixture(scope="module")
def unpacked(sources, tmp_path_factory):
    """Return the folder in a source distribution."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build("sdist", sources, folder)) as archive:
        archive.extractall(folder, filter="data")
    (found,) = (path for path in folder.iterdir() if path.is_dir())
    return found


@pytest.fixture(scope="module")
def wheel(unpacked, tmp_path_factory):
    """Return a wheel that is built from the source distribution."""
    with zipfile.ZipFile(build("wheel", unpacked, tmp_path_factory.mktemp("wheel"))) as archive:
        yield archive


def metadata(wheel):
    """Return the text that an index reads of a wheel."""
    (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    return wheel.read(name).decode()


def test_the_wheel_has_one_name(wheel):
    assert {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" not in name} == {"fvproof"}


def test_the_wheel_has_every_module_every_template_and_every_theorem_of_coq(wheel):
    files = {dotted(path).replace(".", "/") + ".py" for path in MODULES}
    assert files <= set(wheel.namelist())
    assert TEMPLATES
    assert THEOREMS
    shipped = {f"fvproof/{path.relative_to(ROOT).as_posix()}" for path in (*TEMPLATES, *THEOREMS)}
    assert shipped <= set(wheel.namelist())


def test_the_source_distribution_has_documentation_changelog_and_tests(unpacked):
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts}
    assert {name for name in pages if not name.startswith("docs/api/generated")} <= names
    assert {"CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "tests/test_wheel.py"} <= names


def test_an_index_shows_a_readme_whose_links_it_can_follow(wheel):
    links = re.findall(r"\]\(([^)]+)\)", metadata(wheel))
    assert links
    assert [link for link in links if not link.startswith(("https://", "#"))] == []


def test_a_publisher_who_says_where_the_repository_is_gets_links_to_it(unpacked, tmp_path):
    code = "from setuptools import build_meta; print(build_meta.prepare_metadata_for_build_wheel('.'))"
    where = os.environ | {"FVPROOF_REPOSITORY": "https://example.org/fvproof/"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=unpacked, env=where, check=True, capture_output=True, text=True
    )
    text = (unpacked / done.stdout.split()[-1] / "METADATA").read_text(encoding="utf-8")
    assert "Project-URL: Issues, https://example.org/fvproof/issues" in text
    assert "(https://example.org/fvproof/blob/HEAD/docs/guides/own-method.md)" in text


def test_the_citation_is_of_this_version(wheel):
    (version,) = re.findall(r"^Version: (.*)$", metadata(wheel), re.MULTILINE)
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_python_is_named_up_to_the_newest_that_has_wheels(wheel):
    named = re.findall(r"^Classifier: Programming Language :: Python :: 3\.(\d+)$", metadata(wheel), re.MULTILINE)
    assert named == ["11", "12", "13", "14"]
    assert "Requires-Python: >=3.11" in metadata(wheel)
