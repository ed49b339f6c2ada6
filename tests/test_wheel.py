"""What is installed: one name, with everything that it needs."""

import subprocess
import sys
import zipfile

import pytest

from tests.test_house import MODULES, ROOT, dotted

LISTING = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
TEMPLATES = sorted(path for path in (ROOT / "empirical").rglob("templates/*"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the names of the files in a wheel that is built from a copy of what git knows."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    names = subprocess.run(LISTING, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    build = "from setuptools import build_meta; build_meta.build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_has_one_name(wheel):
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == {"fvproof"}


def test_the_wheel_has_every_module_and_every_template(wheel):
    files = {dotted(path).replace(".", "/") + ".py" for path in MODULES}
    assert files <= wheel
    assert TEMPLATES
    assert {f"fvproof/{path.relative_to(ROOT).as_posix()}" for path in TEMPLATES} <= wheel
