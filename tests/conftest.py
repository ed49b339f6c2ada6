"""What all tests share: hypothesis profiles and the folder of real networks and images."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.processes import adopt_orphans, ended, processes, until

adopt_orphans()
os.environ["SOURCE_DATE_EPOCH"] = "1764288000"  # reports of one night are compared with one another
os.environ["OMP_NUM_THREADS"] = "1"  # several workers with several threads each wait for one another

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True)
settings.register_profile(
    "nightly",
    max_examples=8500,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

DATA = Path(os.environ.get("FVPROOF_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data():
    """Return the folder with real networks and images, or skip the test where it is absent."""
    if not DATA.is_dir():
        pytest.skip(f"needs the folder of real networks and images; set FVPROOF_DATA (looked in {DATA})")
    return DATA


@pytest.fixture(autouse=True)
def same_random_weights():
    """Seed torch before every test that has it loaded: networks made in a test are the same in every run."""
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)


@pytest.fixture
def start():
    """Start processes, each in a group of its own, as `subprocess.Popen` does; whatever happens, none is left."""
    with processes() as start:
        yield start


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item):
    """Fail a test that leaves a process behind, which would slow down, or break, the tests after it."""
    torn_down = yield
    if left := ended():
        pytest.fail(f"left running, and killed now: {'; '.join(left)}", pytrace=False)
    return torn_down


@pytest.fixture
def cluster(start, tmp_path):
    """Start a scheduler and two workers; return its address and the workers' processes."""
    pytest.importorskip("distributed", reason="needs Dask: pip install 'fvproof[dask]'")
    where, quiet = tmp_path / "scheduler.json", {"cwd": tmp_path, "stdout": subprocess.DEVNULL}
    common = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", where)

    def run(module, log, *options):
        with log.open("wb") as file:
            return start([sys.executable, "-m", f"distributed.cli.{module}", *options, *common], stderr=file, **quiet)

    scheduler = run("dask_scheduler", tmp_path / "scheduler.txt", "--port", "0")
    until(lambda: address_in(where) or scheduler.poll() is not None)
    logs = [tmp_path / f"worker{i}.txt" for i in range(2)]
    workers = [run("dask_worker", log, "--nthreads", "1", "--no-nanny") for log in logs]
    running = [scheduler, *workers]
    until(lambda: all("Registered to" in log.read_text() for log in logs) or any(p.poll() is not None for p in running))
    return address_in(where), workers


def address_in(file):
    """Return the address in a scheduler's file; None until it is written whole."""
    try:
        return json.loads(file.read_text())["address"]
    except (FileNotFoundError, json.JSONDecodeError):
        return None
