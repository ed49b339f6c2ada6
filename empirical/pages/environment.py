"""Where pages get their templates, and what all of these may use."""

import os
from datetime import UTC, datetime
from importlib.metadata import version
from platform import python_version

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from fvproof.empirical.keeping.fingerprint import code_fingerprint
from fvproof.empirical.pages.wording import number
from fvproof.empirical.plots import picture, thumbnail

HERE = "fvproof.empirical.pages"


def pages_environment(package: str = HERE) -> Environment:
    """Return what renders the templates of a package, which may rest on those of this one."""
    loaders = [PackageLoader(name) for name in dict.fromkeys((package, HERE))]
    found = Environment(loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    found.filters |= {"number": number, "picture": picture, "thumbnail": thumbnail}
    return found


def source(environment: Environment, name: str) -> str:
    """Return a file of the templates as it is: styles, a script."""
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def today() -> str:
    """Return today's date, or that of `SOURCE_DATE_EPOCH`, by which builds are made the same again."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    when = datetime.fromtimestamp(int(seconds), UTC) if seconds and seconds.isdecimal() else datetime.now(UTC)
    return f"{when:%Y-%m-%d}"


def versions() -> dict[str, str]:
    """Return the versions of this package and of those that compute, and a digest of its code."""
    found = {name: version(name) for name in ("fvproof", "torch", "numpy")}
    return {**found, "python": python_version(), "code": code_fingerprint()[:16]}
