"""Every example in a docstring runs, and gives what it says."""

import doctest
from importlib import import_module

import pytest

from tests.test_house import MODULES, dotted


@pytest.mark.parametrize("name", [dotted(path) for path in MODULES])
def test_the_examples_of_a_module_give_what_they_say(name):
    found = doctest.testmod(import_module(name))
    assert found.failed == 0
