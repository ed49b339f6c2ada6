"""Random changes of shape, followed; the oracle is a tensor in which each image, or channel, has its number."""

from math import prod

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fvproof.empirical.networks.axes import images_axes, regrouped, unknown
from fvproof.empirical.networks.following import Follower
from fvproof.empirical.networks.layouts import layout_of

SHAPE = (2, 6, 4, 2)


@st.composite
def changes(draw):
    """Draw changes of shape, as functions of a tensor, and their text."""
    made, shape = [], list(SHAPE)
    for _ in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(["permute", "merge", "split", "insert", "drop", "roll", "repeat", "relu"]))
        if kind == "permute":
            order = draw(st.permutations(range(len(shape))))
            made.append(lambda x, order=tuple(order): x.permute(order))
            shape = [shape[i] for i in order]
        elif kind == "merge" and len(shape) > 2:
            i = draw(st.integers(0, len(shape) - 2))
            made.append(lambda x, i=i: x.flatten(i, i + 1))
            shape[i : i + 2] = [shape[i] * shape[i + 1]]
        elif kind == "split":
            i = draw(st.integers(0, len(shape) - 1))
            part = draw(st.sampled_from([d for d in range(1, shape[i] + 1) if shape[i] % d == 0]))
            made.append(lambda x, i=i, part=part: x.unflatten(i, (part, -1)))
            shape[i : i + 1] = [part, shape[i] // part]
        elif kind == "insert":
            i = draw(st.integers(0, len(shape)))
            made.append(lambda x, i=i: x.unsqueeze(i))
            shape.insert(i, 1)
        elif kind == "drop" and 1 in shape:
            i = shape.index(1)
            made.append(lambda x, i=i: x.squeeze(i))
            del shape[i]
        elif kind == "roll":
            made.append(lambda x: x.reshape(x.shape).contiguous().clone())
        elif kind == "repeat":
            made.append(lambda x: torch.cat([x.unsqueeze(-1), x.unsqueeze(-1)], -1))
            shape.append(2)
        else:
            made.append(lambda x: x.relu())
    return made


def numbered(dim):
    """Return a tensor in which each entry is its index along one dimension."""
    sizes = [size if i == dim else 1 for i, size in enumerate(SHAPE)]
    return torch.arange(SHAPE[dim], dtype=torch.float32).reshape(sizes).expand(SHAPE).clone()


def changed(tensor, steps):
    """Return the tensor after the steps, and what is known of its axes."""
    follower = Follower()
    follower.tell(tensor, images_axes(SHAPE))
    with torch.no_grad(), follower:
        for step in steps:
            tensor = step(tensor)
    return tensor, follower.ask(tensor)


@given(changes())
@settings(max_examples=100)
def test_images_and_channels_are_where_they_are_said_to_be(steps):
    by_image, axes = changed(numbered(0), steps)
    by_channel, same = changed(numbered(1), steps)
    assert axes == same
    layout = layout_of(axes, tuple(by_image.shape), SHAPE[0])
    if layout is None or layout.source != "known":
        return
    read = layout.read(by_image, SHAPE[0])
    assert torch.equal(read, torch.arange(SHAPE[0]).float().view(-1, *[1] * (read.dim() - 1)).expand_as(read))
    read = layout.read(by_channel, SHAPE[0])
    assert prod(layout.positions) * layout.units == read[0].numel()
    if layout.units == SHAPE[1]:
        assert torch.equal(read, torch.arange(SHAPE[1]).float().view(-1, *[1] * (read.dim() - 2)).expand_as(read))


def test_what_cannot_be_told_apart_is_not_known():
    assert regrouped(images_axes((2, 3, 4, 4)), (32, 3)).axes == unknown((32, 3)).axes


def test_the_one_channel_of_grey_images_is_not_what_their_rows_count():
    assert regrouped(images_axes((2, 1, 4, 4)), (2, 4, 4)).with_kind("channel") == []
