"""A user's own files, with what lies beside them: they mean what they would mean to Python in their folder."""

import subprocess
import sys
from textwrap import dedent

import click
import pytest
import torch

from fvproof.empirical.networks.model_files import module_from_file

SHAPE = (1, 1, 8, 8)


@pytest.fixture(autouse=True)
def _as_before():
    path, modules = list(sys.path), dict(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - set(modules):
        if name.startswith(("fvproof_model_", "theory", "widths")):
            del sys.modules[name]


def written(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(dedent(text), encoding="utf-8")
    return folder / "net.py"


NET = """
    from torch import nn
    import click

    def build():
        return nn.Sequential(nn.Flatten(), nn.Linear(64, click.WIDTH))
"""

LAZY = """
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(64, 9)

        def forward(self, x):
            import click
            import theory
            from theory import WIDTH
            assert theory.WIDTH is WIDTH
            return self.layer(x.flatten(1))[:, :click.WIDTH + WIDTH]

    build = Net
"""


def test_a_module_beside_the_file_wins_over_one_that_is_loaded(tmp_path):
    network = module_from_file(written(tmp_path, net=NET, click="WIDTH = 5"), "build")
    assert network(torch.zeros(SHAPE)).shape == (1, 5)


def test_it_wins_when_it_is_imported_later_too(tmp_path):
    network = module_from_file(written(tmp_path, net=LAZY, click="WIDTH = 3", theory="WIDTH = 4"), "build")
    for _ in range(2):
        assert network(torch.zeros(SHAPE)).shape == (1, 7)
    assert sys.modules["click"] is click


def test_what_lies_beside_imports_what_lies_beside_later_too(tmp_path):
    theory = """
        def width():
            from click import WIDTH
            return WIDTH
    """
    net = """
        from torch import nn
        import theory

        class Net(nn.Flatten):
            def forward(self, x):
                return super().forward(x)[:, :theory.width()]

        build = Net
    """
    network = module_from_file(written(tmp_path, net=net, theory=theory, click="WIDTH = 6"), "build")
    assert network(torch.zeros(SHAPE)).shape == (1, 6)


def test_a_package_beside_the_file_is_whole(tmp_path):
    written(tmp_path / "click", __init__="from .parts import WIDTH\n", parts="from . import more\nWIDTH = more.WIDTH\n")
    written(tmp_path / "click", more="WIDTH = 2")
    (tmp_path / "click" / "later.py").write_text("HEIGHT = 8")
    net = """
        from torch import nn
        import click

        class Net(nn.Flatten):
            def forward(self, x):
                import click.later
                from click.later import HEIGHT
                return super().forward(x)[:, :click.WIDTH + HEIGHT + click.later.HEIGHT]

        build = Net
    """
    network = module_from_file(written(tmp_path, net=net), "build")
    assert network(torch.zeros(SHAPE)).shape == (1, 18)


def test_two_files_with_modules_of_one_name_beside_them_each_get_their_own(tmp_path):
    net = NET.replace("click", "widths")
    networks = [
        module_from_file(written(tmp_path / name, net=net, widths=f"WIDTH = {width}"), "build")
        for name, width in (("one", 2), ("other", 3))
    ]
    assert [network(torch.zeros(SHAPE)).shape[1] for network in networks] == [2, 3]


def test_others_get_what_they_mean_whether_it_was_loaded_before_or_not(tmp_path):
    file = written(tmp_path, net=LAZY.replace("click", "tabulate"), tabulate="WIDTH = 3", theory="WIDTH = 4")
    code = f"""
        import sys, torch
        from pathlib import Path
        from fvproof.empirical.networks.model_files import module_from_file
        assert "tabulate" not in sys.modules
        network = module_from_file(Path({str(file)!r}), "build")
        assert network(torch.zeros({SHAPE})).shape == (1, 7)
        from tabulate import tabulate
        import fvproof.theory.errors
        print(tabulate([[1]], tablefmt="plain"))
    """
    done = subprocess.run([sys.executable, "-P", "-c", dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_torch_is_everybodys(tmp_path):
    network = module_from_file(written(tmp_path, net=NET, click="WIDTH = 5", torch="raise OSError"), "build")
    assert isinstance(network, torch.nn.Module)
