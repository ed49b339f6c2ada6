from math import cos, radians, sin

import pytest
import torch

from fvproof.empirical.maximization.streams import stream
from fvproof.empirical.maximization.transforms import GREY, TRANSFORMS, Motion, draw, motion, move
from fvproof.theory.errors import UnknownName


def affine(rows):
    return torch.tensor(rows, dtype=torch.float32)[None]


def generators(*labels):
    return [stream(0, label) for label in labels]


@pytest.fixture
def image():
    return torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def test_off_leaves_the_image_as_it_is(image):
    assert not motion("off").moves
    assert torch.allclose(move(image, draw(motion("off"), 1, generators("a"))[0]), image, atol=1e-6)


def test_a_shift_by_whole_pixels_moves_pixels_and_fills_with_grey(image):
    moved = move(image, affine([[1, 0, -2 * 3 / 8], [0, 1, 0]]))
    assert torch.allclose(moved[..., 3:], image[..., :-3], atol=1e-6)
    assert torch.allclose(moved[..., :3], torch.tensor(GREY))


def test_a_quarter_turn_is_a_quarter_turn(image):
    moved = move(image, affine([[0, -1, 0], [1, 0, 0]]))
    assert torch.allclose(moved, torch.rot90(image, 1, (2, 3)), atol=1e-5)


def test_a_turn_of_an_oblong_image_turns_its_pixels():
    height, width, turn = 6, 9, radians(10.0)
    drawn = draw(Motion(0.0, 0.0, 10.0, 0.0), 1, generators("a"), aspect=width / height)[0, 0]
    sine = drawn[1, 0].item() / (width / height)
    assert abs(sine) <= sin(turn)
    in_pixels = torch.diag(torch.tensor([width, height]).float()) @ drawn[:, :2]
    in_pixels = in_pixels @ torch.diag(torch.tensor([1 / width, 1 / height]))
    assert torch.allclose(in_pixels @ in_pixels.T, torch.eye(2), atol=1e-6)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_draws_stay_within_their_bounds_and_reach_far(name):
    moved = motion(name)
    drawn = draw(moved, 4000, generators("a"))[:, 0]
    scales = drawn[:, :, :2].det().rsqrt() * (1 + 2 * moved.frame)
    turns = torch.atan2(drawn[:, 1, 0], drawn[:, 0, 0])
    for values, bound in ((scales - 1, moved.zoom), (turns, radians(moved.turn_degrees))):
        assert values.abs().max() <= bound + 1e-6
        assert values.max() >= 0.98 * bound
        assert values.min() <= -0.98 * bound
    farthest = (
        2 * moved.shift + 2 * moved.last_shift * (1 + 2 * moved.frame) * (1 + sin(radians(10)) - 1 + cos(0)) / 0.9
    )
    assert drawn[:, :, 2].abs().max() <= farthest + 1e-6


def test_the_two_shifts_come_before_and_after_the_turn():
    (matrix,) = draw(Motion(0.0, 0.0, 10.0, 0.5), 1, generators("a"))[0]
    uniform = torch.rand(1, 6, generator=stream(0, "a"))[0] * 2 - 1
    point = torch.tensor([0.3, -0.2])
    turn = radians(10.0) * uniform[5]
    rotation = torch.tensor([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]])
    assert torch.allclose(matrix[:, :2] @ point + matrix[:, 2], rotation @ (point - uniform[2:4]), atol=1e-6)


def test_an_images_motions_do_not_depend_on_its_batch_mates():
    alone = draw(motion("standard"), 5, generators("b"))
    among = draw(motion("standard"), 5, generators("a", "b", "c"))
    assert torch.equal(alone[:, 0], among[:, 1])


def test_an_image_of_any_size_is_moved_by_the_same_share():
    maps = draw(motion("standard"), 1, generators("a"))[0]
    small, large = (torch.linspace(0, 1, side).expand(1, 1, side, side) for side in (64, 256))
    moved = [move(image, maps)[0, 0, image.shape[2] // 4, image.shape[3] // 4].item() for image in (small, large)]
    assert moved[0] == pytest.approx(moved[1], abs=0.02)
    assert moved[0] != pytest.approx(0.25, abs=0.02)


def seen(shape, name="standard"):
    """Return how much of an image of this shape is in view after the motions, on average."""
    maps = draw(motion(name), 100, generators("a"), aspect=shape[2] / shape[1])[:, 0]
    return ((move(torch.ones(100, *shape), maps) - GREY) / (1 - GREY)).mean().item()


@pytest.mark.parametrize("shape", [(1, 1, 400), (1, 400, 1), (4, 1, 16000), (1, 40, 1000), (3, 1000, 40), (1, 20, 41)])
def test_signals_stay_in_view(shape):
    assert seen(shape) > 0.97


def test_a_signal_is_shifted_along_itself_and_not_out_of_its_row():
    signal = torch.rand(1, 1, 1, 400, generator=torch.Generator().manual_seed(0))
    maps = draw(motion("standard"), 1, generators("a"), aspect=400.0)[0]
    shift = -200 * maps[0, 0, 2].item()
    moved, whole = move(signal, maps)[0, 0, 0], round(shift)
    near = torch.lerp(signal[0, 0, 0].roll(whole), signal[0, 0, 0].roll(whole + 1), shift - whole)
    assert abs(shift) > 0.1
    assert torch.allclose(moved[20:-20], near[20:-20], atol=1e-3)


@pytest.mark.parametrize(("aspect", "turns"), [(1.0, True), (2.0, True), (0.5, True), (2.1, False), (0.4, False)])
def test_images_are_turned_and_scaled_only_where_their_sides_are_comparable(aspect, turns):
    maps = draw(motion("standard"), 20, generators("a"), aspect=aspect)[..., :2]
    assert bool((maps - torch.eye(2)).abs().amax((0, 1)).gt(1e-3).all()) is turns
    assert torch.equal(maps, torch.eye(2).expand_as(maps)) is not turns


def test_a_single_pixel_is_never_moved():
    assert seen((3, 1, 1)) == 1


def test_a_frame_shrinks_the_image_and_leaves_grey_around_it():
    bright = torch.ones(1, 1, 16, 16)
    moved = move(bright, draw(Motion(0.0, 0.0, 0.0, 0.0, frame=0.5), 1, generators("a"))[0])[0, 0]
    assert torch.allclose(moved[4:12, 4:12], torch.ones(8, 8), atol=1e-5)
    outside = moved.clone()
    outside[4:12, 4:12] = GREY
    assert torch.allclose(outside, torch.full((16, 16), GREY), atol=1e-5)


def test_lucents_lengths_are_pixels_whatever_the_image():
    small, large = motion("padded", 32), motion("padded", 224)
    assert small.frame * 32 == pytest.approx(12)
    assert large.frame * 224 == pytest.approx(12)
    assert small.shift * 32 == pytest.approx(large.shift * 224) == pytest.approx(4)
    assert motion("standard", 32) == motion("standard")


def test_an_unknown_set_of_transforms_is_answered_with_the_known_ones():
    with pytest.raises(UnknownName, match="light, off, padded, standard"):
        motion("none")
