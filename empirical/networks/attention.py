"""Attention as two products and a softmax: in bfloat16 on a CPU, over as few tokens as images have, quicker by far."""

from math import sqrt
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from fvproof.empirical.networks.substitution import substituted

MOST_TOKENS = 1024
"""Beyond, the weights of all pairs of tokens take too much memory."""


def attention(query: Tensor, key: Tensor, value: Tensor, *rest: Any, **options: Any) -> Tensor:  # noqa: ANN401 torch's
    """Return `softmax(query · keyᵀ · scale) · value`, as `torch.nn.functional.scaled_dot_product_attention` does.

    Torch's own is called where there is a mask or anything else, in other numbers, on other devices, and where there
    are many tokens: its kernel for CPUs saves memory, and in bfloat16 is slow on the way back.

    Examples
    --------
    >>> query, key, value = torch.rand(3, 2, 4, 9, 8).bfloat16().unbind()
    >>> torch.allclose(attention(query, key, value), F.scaled_dot_product_attention(query, key, value), atol=0.01)
    True
    """
    scale, asked = options.get("scale"), any(options[name] for name in options if name not in ("scale", "attn_mask"))
    plain = not rest and not asked and options.get("attn_mask") is None
    quick = query.device.type == "cpu" and query.dtype == torch.bfloat16
    if not plain or not quick or max(query.shape[-2], key.shape[-2]) > MOST_TOKENS:
        return F.scaled_dot_product_attention(query, key, value, *rest, **options)
    scale = 1 / sqrt(query.shape[-1]) if scale is None else scale
    return ((query * scale) @ key.transpose(-2, -1)).softmax(dim=-1) @ value


def quick_attention() -> substituted:
    """Return a context in which attention is computed by `attention`."""
    return substituted({F.scaled_dot_product_attention: attention})
