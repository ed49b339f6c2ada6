"""A top-k sparse autoencoder of one layer, trained in minutes and written for `fvproof --units`.

    python train_sae.py efficientnet_lite0.py:efficientnet_lite0 --weights lite0.pt --images imagenet \
        --layer _blocks.10 --out sae.safetensors
    fvproof audit efficientnet_lite0.py:efficientnet_lite0 --weights lite0.pt --images imagenet \
        --units sae.safetensors:0-15@_blocks.10 --out audit

As Gao et al., "Scaling and evaluating sparse autoencoders", 2024: at each place x of the layer the k largest of
W (x − c) + b are kept, of which D makes x − c again, as well as it can in the mean square; each column of D has length
1. The last fifth of the images is held out, to say how well. The seed settles the result on one machine.
"""

import argparse
from collections.abc import Iterator

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import normalize

import fvproof as fv
from fvproof.empirical.networks.capturing import capturing
from fvproof.verbs.subject import Subject

BATCH, RATE = 2048, 2e-3


def activations(subject: Subject, layer: str) -> Tensor:
    """Return the layer's channels at every place of every image, (images, places, channels)."""
    with torch.no_grad(), capturing(subject.model, [layer]) as run:
        return torch.cat([run(images)[layer].flatten(2).mT.clone() for images in subject.natural.batches(25)])


def encoded(x: Tensor, sae: dict[str, Tensor], k: int) -> Tensor:
    """Return the features of activations: the k largest, if they are positive, and 0."""
    every = (x - sae["b_dec"]) @ sae["W_enc"] + sae["b_enc"]
    largest = every.topk(k, dim=-1)
    return torch.zeros_like(every).scatter(-1, largest.indices, largest.values.relu())


def unexplained(x: Tensor, sae: dict[str, Tensor], k: int) -> Tensor:
    """Return which share of the activations' variance is lost."""
    error = encoded(x, sae, k) @ sae["W_dec"] + sae["b_dec"] - x
    return error.square().sum() / (x - x.mean(0)).square().sum()


def batches(x: Tensor, epochs: int) -> Iterator[Tensor]:
    """Yield the rows in random order, again and again."""
    for _ in range(epochs):
        yield from x[torch.randperm(len(x))].split(BATCH)


def train(x: Tensor, features: int, k: int, epochs: int) -> dict[str, Tensor]:
    """Return the weights, in the layout of SAELens."""
    directions = normalize(torch.randn(features, x.shape[1]), dim=1)
    sae = {"W_enc": directions.T.clone(), "b_enc": torch.zeros(features), "W_dec": directions, "b_dec": x.mean(0)}
    for weight in sae.values():
        weight.requires_grad_()
    optimizer = torch.optim.Adam(sae.values(), lr=RATE)
    for batch in batches(x, epochs):
        optimizer.zero_grad()
        unexplained(batch, sae, k).backward()
        optimizer.step()
        with torch.no_grad():
            sae["W_dec"].copy_(normalize(sae["W_dec"], dim=1))
    return {name: weight.detach() for name, weight in sae.items()}


def main() -> None:
    """Train, say how well, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    for name in ("weights", "images", "layer", "out"):
        parser.add_argument(f"--{name}", required=True)
    for name, default in (("features", 448), ("k", 8), ("epochs", 6), ("places", 64), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"[{default}]")
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    seen = activations(fv.model(given.model, weights=given.weights, images=given.images), given.layer)
    some = seen[:, torch.randperm(seen.shape[1])[: given.places]]  # places side by side tell much the same
    scale = some.square().mean().sqrt()  # so that one learning rate serves every layer
    known, held = (part.flatten(0, 1) / scale for part in some.split([len(some) * 4 // 5, -(-len(some) // 5)]))
    sae = train(known, given.features, given.k, given.epochs)
    open_ = encoded(held, sae, given.k) > 0
    print(f"{1 - float(unexplained(held, sae, given.k)):.1%} of the variance on held-out images is explained")
    print(f"{int((~open_.any(0)).sum())} of {given.features} features never open there")
    sae |= {"b_enc": sae["b_enc"] * scale, "b_dec": sae["b_dec"] * scale}  # so that f(x) is in the layer's own units
    save_file({name: weight.contiguous() for name, weight in sae.items()}, given.out, {"k": str(given.k)})


if __name__ == "__main__":
    main()
