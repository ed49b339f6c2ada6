"""Where the packages lie: the rooms are folders of the repository, and are imported from below `fvproof`."""

from setuptools import find_packages, setup

ROOMS = ("theory", "verify", "empirical")
INSIDE = find_packages(include=[pattern for room in ROOMS for pattern in (room, f"{room}.*")])

setup(
    packages=[*find_packages(include=["fvproof", "fvproof.*"]), *(f"fvproof.{name}" for name in INSIDE)],
    package_dir={f"fvproof.{room}": room for room in ROOMS},
)
