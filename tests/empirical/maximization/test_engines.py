import pytest

from fvproof.empirical.maximization.engines import DEFAULT_ENGINES, ENGINES, OURS, engines
from fvproof.empirical.maximization.maximize import maximize
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, UnknownName

SETTINGS = Settings(steps=24)


def test_only_the_packages_own_engine_opens_relus():
    found = engines(list(ENGINES), SETTINGS)
    assert [name for name, settings in found.items() if settings.opened] == [OURS]
    assert found[OURS] == SETTINGS
    assert set(DEFAULT_ENGINES) <= set(ENGINES)


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_climbs(name):
    (run,) = maximize(load_model("digits"), [Unit("logits", 3)], engines([name], SETTINGS)[name])
    assert run.trace[-4:].mean() > run.trace[0]


def test_no_two_engines_are_the_same():
    assert len(set(engines(list(ENGINES), SETTINGS).values())) == len(ENGINES)


def test_an_unknown_engine_and_none_at_all_are_refused():
    with pytest.raises(UnknownName, match="lucent"):
        engines(["lucid"], SETTINGS)
    with pytest.raises(DomainError, match="at least one engine"):
        engines([], SETTINGS)
