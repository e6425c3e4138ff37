"""Toy models whose right explanations are known in closed form."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from benchmarks.binary import BinaryImageModel
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Baseline, Scale, Target
from explainers.maskers.region import RegionMasker
from explainers.players import Players
from explainers.question import Question
from explainers.superpixels import image_players
from models.card import Capability
from models.case import Case, ImageFrame, image_case

SIDE = 24


class ToyImageModel(BinaryImageModel):
    """An adapter around `score`: (n, 1, SIDE, SIDE) -> (n,) log-odds of "present".

    Logits are (-score / 2, score / 2), so softmax gives sigmoid(score). Feature maps are
    `detect(image)` averaged over 4 x 4 blocks; the head is `map_score`, when given.
    """

    def __init__(
        self,
        score: Callable[[Tensor], Tensor],
        *,
        map_score: Callable[[Tensor], Tensor] | None = None,
        detect: Callable[[Tensor], Tensor] = lambda x: x,
        weights_sha256: str = "0" * 64,
    ) -> None:
        capabilities: set[Capability] = {"gradient", "feature_maps"} if map_score else {"gradient"}
        super().__init__(
            title="Toy model",
            side=SIDE,
            capabilities=capabilities,
            weights_sha256=weights_sha256,
        )
        self.score = score
        self.map_score = map_score
        self.detect = detect
        self.passes: list[int] = []

    def logits(self, inputs: Tensor) -> Tensor:
        self.passes.append(len(inputs))
        return two_logits(self.score(inputs))

    def feature_maps(self, inputs: Tensor) -> Tensor:
        self.passes.append(len(inputs))
        return torch.nn.functional.avg_pool2d(self.detect(inputs), 4)

    def logits_from_maps(self, maps: Tensor) -> Tensor:
        if self.map_score is None:
            raise NotImplementedError
        return two_logits(self.map_score(maps))

    def frame(self, case: Case) -> ImageFrame:
        height, width = case.payload.pixels.shape
        return ImageFrame(top=0.0, left=0.0, height=float(height), width=float(width))


def two_logits(score: Tensor) -> Tensor:
    return torch.stack([-score / 2, score / 2], dim=1)


def toy_case(seed: int = 0, *, name: str = "toy case") -> Case:
    """A smooth random film in [0, 1]."""
    noise = torch.rand(1, 1, 6, 6, generator=torch.Generator().manual_seed(seed))
    film = torch.nn.functional.interpolate(noise, size=(SIDE, SIDE), mode="bilinear")
    return image_case(film[0, 0].numpy(), name=name)


def linear_model(weights: Tensor, *, bias: float = 0.0) -> ToyImageModel:
    """Score = bias + sum weights * pixels. Shapley value of a player = its term's change."""
    return ToyImageModel(
        lambda x: bias + (x.double() * weights).sum(dim=(1, 2, 3)),
        # Block means times block-summed weights: the same score when weights are block-constant.
        map_score=lambda m: (
            bias + 16 * (m * torch.nn.functional.avg_pool2d(weights[None], 4)).sum(dim=(1, 2, 3))
        ),
    )


def product_model(players: Players, *, strength: float = 3.0) -> ToyImageModel:
    """A game with interactions of every order: tanh of random sums and products of region means.

    In float64, so that values do not depend on the pass they were computed in.
    """
    generator = torch.Generator().manual_seed(7)
    owner = torch.from_numpy(players.membership.copy()).long()
    count = players.count
    first = torch.randn(count, generator=generator).double()
    second = torch.randn(count, count, generator=generator).double() / count**0.5

    def score(x: Tensor) -> Tensor:
        flat = x.flatten(1).double()
        sums = torch.zeros(len(x), count, dtype=torch.float64).index_add(1, owner, flat)
        means = sums / torch.bincount(owner)
        mixed = torch.einsum("ni,ij,nj->n", means, second, means)
        return strength * torch.tanh(means @ first + mixed)

    return ToyImageModel(score)


def planted_model(mask: np.ndarray) -> ToyImageModel:
    """Sees only the pixels of `mask`: score = 8 * their mean - 4."""
    where = torch.from_numpy(mask.astype(np.float32))[None, None]

    def score(x: Tensor) -> Tensor:
        return 8 * (x * where).sum(dim=(1, 2, 3)) / where.sum() - 4

    def map_score(maps: Tensor) -> Tensor:
        return 8 * 16 * maps.sum(dim=(1, 2, 3)) / where.sum() - 4

    return ToyImageModel(score, map_score=map_score, detect=lambda x: x * where)


def question_for(
    model: ToyImageModel,
    case: Case,
    *,
    n_players: int = 9,
    players: Players | None = None,
    scale: Scale = "logit",
    baseline: Tensor | None = None,
    targets: tuple[Target, ...] = (Target(index=1, name="present"),),
) -> Question:
    """A Question on grid cells against black, unless told otherwise."""
    inputs = model.encode(case)
    cells = players or image_players(inputs[0, 0].numpy(), kind="grid", count=n_players)
    contents = torch.zeros_like(inputs) if baseline is None else baseline
    masker = RegionMasker(
        inputs, contents, baseline=Baseline(name="black", description="black"), players=cells
    )
    return Question(
        model=model, case=case, inputs=inputs, targets=targets, scale=scale, masker=masker
    )


def game_for(question: Question, *, max_rows: int = 16) -> MaskedPredictor:
    return MaskedPredictor(question, Runtime(max_rows=max_rows))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def brute_force_shapley(game: MaskedPredictor) -> np.ndarray:
    """Shapley values (P,) from all 2^P coalitions, by definition."""
    from itertools import combinations
    from math import factorial

    count = game.n_players
    codes = np.arange(2**count)
    masks = torch.from_numpy(((codes[:, None] >> np.arange(count)) & 1).astype(np.float64))
    values = game(masks)[:, 0].numpy()
    result = np.zeros(count)
    for player in range(count):
        others = [j for j in range(count) if j != player]
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for members in combinations(others, size):
                code = sum(1 << j for j in members)
                result[player] += weight * (values[code | (1 << player)] - values[code])
    return result
