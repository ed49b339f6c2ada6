"""What all tests share: hypothesis profiles and the folder of real networks and images."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.processes import ENVIRONMENT, until

os.environ.setdefault("OMP_NUM_THREADS", "1")  # several workers with several threads each wait for one another

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
def cluster(tmp_path):
    """Start a scheduler and two workers; return its address and the workers' processes."""
    pytest.importorskip("distributed", reason="needs Dask: pip install 'fvproof[dask]'")
    where, running = tmp_path / "scheduler.json", []

    def start(*arguments):
        command = [sys.executable, "-m", *arguments, "--scheduler-file", str(where), "--no-dashboard"]
        with (tmp_path / f"{len(running)}.txt").open("wb") as log:
            running.append(subprocess.Popen(command, env=ENVIRONMENT, cwd=tmp_path, stdout=log, stderr=log))

    start("distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1")
    workers = ("distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
    start(*workers)
    start(*workers)
    until(lambda: where.exists() or running[0].poll() is not None)
    yield json.loads(where.read_text())["address"], running[1:]
    for process in running:
        process.kill()
        process.wait()
