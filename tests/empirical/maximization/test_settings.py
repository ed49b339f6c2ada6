import pytest

from fvproof.empirical.maximization.settings import Settings
from fvproof.theory.errors import DomainError, UnknownName


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"batch": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"diversity": 0},
        {"patience": -1},
        {"opened": -1},
        {"contrast": 0.0},
        {"at": (0, 8)},
        {"at": (8, 8)},
        {"at": (1, 513)},
    ],
)
def test_settings_out_of_range_are_refused_with_what_was_received(wrong):
    with pytest.raises(DomainError, match=str(next(iter(wrong.values()))).strip("()").replace(" ", "")):
        Settings(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"parametrization": "furier"}, {"transforms": "standart"}, {"position": "corner"}, {"precision": "half"}]
)
def test_settings_by_an_unknown_name_are_refused(wrong):
    with pytest.raises(UnknownName, match=next(iter(wrong.values()))):
        Settings(**wrong)
