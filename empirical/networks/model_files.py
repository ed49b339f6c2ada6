"""Networks from a user's own file of Python, run as Python would run it: its folder can be imported from."""

import builtins
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any, TypeVar

from torch import nn
from typing_extensions import override

from fvproof.empirical.networks.devices import same_settings
from fvproof.theory.errors import DomainError, UnknownName

Found = TypeVar("Found")

SHARED = ("torch",)
"""A network of another torch than ours could not be run."""

_changing = RLock()
"""Held while the modules that Python knows are a user's."""


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
    beside = _beside(path.resolve().parent)
    with _first(beside), same_settings():
        module = _run(lambda: _imported(path, beside), f"the model file {path}")
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


def _imported(path: Path, beside: "Beside") -> ModuleType:
    """Return the user's file as a module."""
    name = f"fvproof_model_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_Loader(name, str(path), beside=beside))
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


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """The modules in the folder of a user's file.

    Attributes
    ----------
    folder
        Where they lie.
    hidden
        Those that were loaded and have the name of another one, which Python knows by it: of a package that is
        installed, or of a module beside another file.
    """

    folder: Path
    hidden: dict[str, ModuleType] = field(default_factory=dict)

    def holds(self, name: str) -> bool:
        """Return whether a module, or a package with all that is in it, lies in the folder."""
        top = name.partition(".")[0]
        places = (self.folder / f"{top}.py", self.folder / top / "__init__.py")
        return bool(top) and top not in SHARED and any(place.is_file() for place in places)

    def owns(self, module: ModuleType) -> bool:
        """Return whether a module was loaded from the folder."""
        return self.covers(module.__spec__)

    def covers(self, spec: ModuleSpec | None) -> bool:
        """Return whether a module is one of the folder."""
        origin = getattr(spec, "origin", None)
        return origin is not None and Path(origin).resolve().is_relative_to(self.folder)

    def importing(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        """Do what `import` does, for code in the folder: its own modules come first, whenever it is run."""
        full = (globals or {}).get("__package__") or "" if level else name
        if not self.holds(full):
            return builtins.__import__(name, globals, locals, fromlist, level)
        with _first(self):
            return builtins.__import__(name, globals, locals, fromlist, level)

    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """Return where a module lies in the folder, as Python asks of what stands in `sys.meta_path`."""
        if not self.holds(name):
            return None
        places = [str(self.folder)] if path is None else path
        loader: Any = partial(_Loader, beside=self)
        finders = (FileFinder(place, (loader, [".py"])) for place in places)
        return next((spec for finder in finders if (spec := finder.find_spec(name))), None)


@cache
def _beside(folder: Path) -> Beside:
    """Return the modules in a folder, of which each is loaded once."""
    return Beside(folder)


class _Loader(SourceFileLoader):
    """Loads a module whose import statements, those in its functions too, find what lies in a folder first."""

    def __init__(self, name: str, path: str, *, beside: Beside) -> None:
        super().__init__(name, path)
        self.beside = beside

    @override
    def exec_module(self, module: ModuleType) -> None:
        # An import in a function is run long after the file, when Python's own tables are ours again. What it calls is
        # the `__import__` that the module had when the function was made.
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self.beside.importing}
        super().exec_module(module)


@contextmanager
def _first(beside: Beside) -> Iterator[None]:
    """Let code import from a folder first, as when Python runs a file there, whatever was imported before.

    Afterwards each name means what it meant, for this package and for the processes that it starts; the folder stays
    among those that can be imported from, at the end.
    """
    with _changing:
        before, path = dict(sys.modules), list(sys.path)
        others = {name: module for name, module in before.items() if _gives_way(name, module, beside)}
        for name in others:
            del sys.modules[name]
        sys.modules.update(beside.hidden)
        sys.path.insert(0, str(beside.folder))
        sys.meta_path.insert(0, beside)  # type: ignore[arg-type]  nothing but `find_spec` is asked of it
        try:
            yield
        finally:
            sys.meta_path.remove(beside)  # type: ignore[arg-type]
            added = dict.fromkeys(entry for entry in (*sys.path, str(beside.folder)) if entry not in path)
            sys.path[:] = [*path, *added]
            _hide(beside, before, {name.partition(".")[0] for name in others})
            sys.modules.update(others)


def _gives_way(name: str, module: ModuleType, beside: Beside) -> bool:
    """Return whether a module has the name of one in a folder, and is another; Python's core is never replaced."""
    core = getattr(getattr(module, "__spec__", None), "origin", None) in ("built-in", "frozen")
    return isinstance(module, ModuleType) and not core and beside.holds(name) and not beside.owns(module)


def _hide(beside: Beside, before: Mapping[str, ModuleType], taken: Set[str]) -> None:
    """Take away new modules of a folder whose names mean others: some that were known, or that are installed."""
    new = {name: module for name, module in sys.modules.items() if before.get(name) is not module}
    for name in [name for name, module in new.items() if isinstance(module, ModuleType) and beside.owns(module)]:
        top = name.partition(".")[0]
        if top in taken or _is_installed(top, beside):
            beside.hidden[name] = sys.modules.pop(name)


def _is_installed(name: str, beside: Beside) -> bool:
    """Return whether a module of this name is found elsewhere than in the folder, which is looked at last."""
    found = next((spec for finder in sys.meta_path if (spec := finder.find_spec(name, None))), None)
    return found is not None and not beside.covers(found)
