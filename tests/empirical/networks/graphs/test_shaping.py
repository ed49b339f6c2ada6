"""Files for one image at a time take several, or say that they cannot."""

import numpy as np
import pytest
import torch

from fvproof.empirical.networks.graphs.files import load_onnx
from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model
from fvproof.theory.errors import DomainError
from tests.empirical.networks.graphs.onnx_examples import array, computed, model, node, saved

ONE = (1, 4, 6, 8)


def reshaped(name, after, to):
    return node("Reshape", name, f"{to}_shape", outputs=[to]), {f"{to}_shape": np.array(after)}


def transposed(name, to, *order):
    return node("Transpose", name, outputs=[to], perm=order)


def attention():
    """Self-attention of 48 tokens and two heads of two numbers, as torch writes it: images and heads on one axis."""
    (tokens, a), (heads, b), (rows, c), (back, d) = (
        reshaped("x", [1, 4, 48], "maps"),
        reshaped("first", [48, 2, 2], "heads"),
        reshaped("seen", [48, 4], "rows"),
        reshaped("mixed", [48, 1, 4], "back"),
    )
    nodes = [
        tokens,
        transposed("maps", "first", 2, 0, 1),
        heads,
        transposed("heads", "q", 1, 0, 2),
        transposed("heads", "k", 1, 2, 0),
        node("MatMul", "q", "k", outputs=["scores"]),
        node("Softmax", "scores", outputs=["weights"], axis=-1),
        node("MatMul", "weights", "q", outputs=["values"]),
        transposed("values", "seen", 1, 0, 2),
        rows,
        node("MatMul", "rows", "w", outputs=["mixed"]),
        back,
        transposed("back", "y", 1, 0, 2),
    ]
    return nodes, {**a, **b, **c, **d, "w": array(4, 4)}


def class_token():
    """A token that is the same for all images, before those of the image."""
    tokens, weights = reshaped("x", [1, 4, 48], "maps")
    nodes = [tokens, transposed("maps", "t", 0, 2, 1), node("Concat", "token", "t", axis=1)]
    return nodes, {**weights, "token": array(1, 1, 4)}


def flattened(shape):
    return [(flat := reshaped("x", shape, "flat"))[0], node("MatMul", "flat", "w")], {**flat[1], "w": array(192, 3)}


@pytest.mark.parametrize(
    ("nodes", "weights"),
    [flattened([1, -1]), flattened([-1, 192]), flattened([1, 192]), attention(), class_token()],
    ids=["rest", "all", "stated", "attention", "class token"],
)
def test_a_file_for_one_image_gives_several_what_it_gives_each(nodes, weights, tmp_path):
    path = saved(model(*nodes, weights=weights, images=ONE), tmp_path)
    network, shape = load_onnx(path)
    images = array(3, *shape)
    assert network(torch.from_numpy(images)).detach().numpy() == pytest.approx(computed(path, images), abs=1e-4)


def test_units_of_attention_in_a_file_for_one_image_lie_where_its_weights_put_them(tmp_path):
    nodes, weights = attention()
    network, shape = load_onnx(saved(model(*nodes, weights=weights, images=ONE), tmp_path))
    found = layouts(Model("attention", network, shape))["y"]
    assert (found.axis, found.units, found.source) == (2, 4, "known")


def test_a_file_for_one_image_that_mixes_several_is_refused(tmp_path):
    nodes = [
        node("ReduceMean", "x", outputs=["m"], axes=[0], keepdims=1),
        node("Add", "x", "m", outputs=["z"]),
        node("Mul", "z", "w"),
    ]
    with pytest.raises(DomainError, match="the file is for one image at a time, and mixes several"):
        load_onnx(saved(model(*nodes, weights={"w": array(1)}, images=ONE), tmp_path))


def test_a_file_for_one_image_in_which_others_have_no_place_is_refused(tmp_path):
    turned, (cut, weights) = transposed("x", "t", 3, 2, 1, 0), reshaped("t", [64, 3], "cut")
    nodes = [turned, cut, node("MatMul", "cut", "w")]
    with pytest.raises(DomainError, match=r"one image at a time, several do not go through \(it cannot be told where"):
        load_onnx(saved(model(*nodes, weights={**weights, "w": array(3, 2)}, images=ONE), tmp_path))
