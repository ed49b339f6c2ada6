import torch

from fvproof.empirical.networks import soundness
from tests.empirical.bystander import Case, state


def test_what_a_network_sets_in_its_forward_pass_ends_with_it(tmp_path):
    def setting(module, _inputs):
        torch.set_num_threads(3)
        torch.use_deterministic_algorithms(mode=True)
        module.weight.requires_grad = True

    case = Case(tmp_path)
    case.network.hidden.register_forward_pre_hook(setting)
    before = state(case.network)
    soundness.require_sound(case.model)
    assert state(case.network) == before
