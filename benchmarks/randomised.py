"""How often the guard takes a trained network for random, or a random one for trained.

`python -m benchmarks randomised`: the built-in networks as they are, then copies of each with
random weights, drawn in five ways; and twins that are random in their upper layers only. No model
is run; half a minute on one core.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import torch
from torch import Tensor, nn

from explainers.guard import WeightStructure
from explainers.twin_bench import depths_of
from explainers.weight_structure import structure_of
from models.adapter import HasTwin, ModelAdapter
from models.catalog import catalog
from models.twins import shuffled

Filler = Callable[[Tensor, torch.Generator], Tensor]


def _drawn(fill: Callable[..., Tensor], *, rows: bool = False) -> Filler:
    """Draws weights of the same shape.

    Args:
        fill: One of torch's initialisers.
        rows: Whether each output gets a size of its own, as a folded normalisation leaves it.
    """

    def draw(weights: Tensor, generator: torch.Generator) -> Tensor:
        made = torch.empty_like(weights)
        if made.ndim < 2:
            return made.normal_(generator=generator)
        fill(made, generator=generator)
        if rows:
            sizes = torch.empty(len(made)).uniform_(0.2, 3.0, generator=generator)
            made *= sizes.view(-1, *([1] * (made.ndim - 1)))
        return made

    return draw


WAYS: Final[Mapping[str, Filler]] = {
    "shuffled, random signs": shuffled,
    "normal (He)": _drawn(nn.init.kaiming_normal_),
    "uniform (Glorot)": _drawn(nn.init.xavier_uniform_),
    "normal, rows of sizes": _drawn(nn.init.kaiming_normal_, rows=True),
    "orthogonal": _drawn(nn.init.orthogonal_),
}


def main(arguments: Sequence[str]) -> int:
    """Print one table a question."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks randomised", description=__doc__)
    parser.add_argument("--copies", type=int, default=20, help="random copies of each in each way")
    copies = parser.parse_args(arguments).copies
    models = [catalog().load(name, torch.device("cpu")) for name in catalog()]
    _trained(models)
    networks = [m for m in models if isinstance(m, HasTwin) and structure_of(m.layers)]
    print(f"\n| network | weights | flagged of {copies} | largest score |\n|---|---|---|---|")
    for model in networks:
        for way, fill in WAYS.items():
            scores = [_copy(model, fill, seed).score for seed in range(copies)]
            flagged = sum(_found(score).is_random for score in scores)
            print(f"| {_name(model)} | {way} | {flagged} | {max(scores):.1f} |")
    print("\n| network | random | score | flagged |\n|---|---|---|---|")
    for model in networks:
        _partly(model)
    return 0


def _trained(models: Sequence[ModelAdapter]) -> None:
    """The built-in models as they are."""
    print("| model | layers compared | score | flagged | milliseconds |\n|---|---|---|---|---|")
    for model in models:
        started = time.perf_counter()
        found = structure_of(model.layers) if isinstance(model, HasTwin) else None
        spent = 1000 * (time.perf_counter() - started)
        if found is None:
            print(f"| {model.card.id} | 0 | - | cannot be | {spent:.0f} |")
        else:
            flagged = "yes" if found.is_random else "no"
            told = f"{found.n_layers} | {found.score:.1f} | {flagged} | {spent:.0f}"
            print(f"| {model.card.id} | {told} |")


def _copy(model: HasTwin, fill: Filler, seed: int) -> WeightStructure:
    """The layers of a model with all weights drawn anew."""
    generator = torch.Generator().manual_seed(seed)
    found = structure_of({name: fill(w, generator) for name, w in model.layers.items()})
    if found is None:
        raise TypeError("a network with layers to compare has some")
    return found


def _partly(model: HasTwin) -> None:
    """Cascading twins: how much order is left."""
    for depth in depths_of(model):
        generator = torch.Generator().manual_seed(0)
        names = list(model.layers)[: depth.layers]
        layers = {n: shuffled(w, generator) if n in names else w for n, w in model.layers.items()}
        found = structure_of(layers)
        if found is not None:
            flagged = "yes" if found.is_random else "no"
            print(f"| {_name(model)} | {depth.name} | {found.score:.1f} | {flagged} |")


def _found(score: float) -> WeightStructure:
    return WeightStructure(score=score, n_layers=1)


def _name(model: object) -> str:
    """Id of a model."""
    card = getattr(model, "card", None)
    return str(getattr(card, "id", "?"))
