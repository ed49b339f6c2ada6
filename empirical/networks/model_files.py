"""Networks from a user's own file of Python, run as Python would run it: its folder can be imported from."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from torch import nn

from fvproof.empirical.networks.devices import same_settings
from fvproof.theory.errors import DomainError, UnknownName

Found = TypeVar("Found")

OURS = ("fvproof",)
"""Names that this package has at the top level; a file of that name beside the user's own is the one that it means."""


def module_from_file(path: Path, function: str) -> nn.Module:
    """Return the module that a function in a user's file builds.

    Raises
    ------
    DomainError
        If there is no such file, it cannot be run, or the function returns no module.
    UnknownName
        If it has no such function; its own are listed.
    """
    if not path.is_file():
        raise DomainError(f"there is no model file {path}")
    with _importing_from(path.resolve().parent), same_settings():
        module = _run(lambda: _imported(path), f"the model file {path}")
        build = getattr(module, function, None)
        if not callable(build):
            raise UnknownName(f"function in {path}", function, _functions(module))
        network = _run(build, f"{path}:{function}")
    if not isinstance(network, nn.Module):
        raise DomainError(f"{path}:{function} must return a torch.nn.Module, not {type(network).__name__}")
    return network


def _run(code: Callable[[], Found], name: str) -> Found:
    """Return what a user's code returns; what it raises, in one sentence."""
    try:
        return code()
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        raise DomainError(f"{name} raised {type(error).__name__}: {error}") from error


def _imported(path: Path) -> ModuleType:
    """Return the user's file as a module."""
    name = f"fvproof_model_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _functions(module: ModuleType) -> list[str]:
    """Return the names of what can be called and is the module's own."""
    own = (name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__)
    return [name for name in own if callable(getattr(module, name)) and not name.startswith("_")]


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Let code import from a folder first, as when Python runs a file there; a `fvproof` of the user's own wins too.

    Afterwards this package's names are its own again, for itself and for the processes that it starts; the folder stays
    among those that can be imported from, at the end.
    """
    shadowed = [name for name in OURS if _has(folder, name)]
    ours = {key: module for key, module in sys.modules.items() if key.partition(".")[0] in shadowed}
    before = list(sys.path)
    for key in ours:
        del sys.modules[key]
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        for key in [key for key in sys.modules if key.partition(".")[0] in shadowed]:
            del sys.modules[key]
        sys.modules.update(ours)
        added = dict.fromkeys(entry for entry in (*sys.path, str(folder)) if entry not in before)
        sys.path[:] = [*before, *added]


def _has(folder: Path, name: str) -> bool:
    """Return whether a folder holds a module or package of this name other than this package's."""
    found = [path for path in (folder / f"{name}.py", folder / name / "__init__.py") if path.is_file()]
    own = importlib.util.find_spec(name)
    return any(own is None or own.origin is None or path.resolve() != Path(own.origin).resolve() for path in found)
