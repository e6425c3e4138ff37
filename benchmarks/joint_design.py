"""Shapley values of records from coalitions and background records drawn together: a contender.

Our methods ask every coalition with every record of the background. Here a pair of complementary
coalitions is asked with one record, so that as many rows hold as many times more coalitions. What
records differ by is then chance, too; Integrated Gradients from each record to the case foretell
most of it where the model is differentiable, and are subtracted: a control variate. No product
feature; `accuracy` compares it with ours, `joint_prices` by what a gradient's row is counted as.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

import torch
from torch import Tensor

from explainers.coalitions import PairSample, labelled_pairs, pair_classes, take_turns
from explainers.engine import MaskedPredictor
from explainers.maskers.background import BackgroundMasker, columns_of, kept_elements
from explainers.maskers.base import PlayerMasks
from explainers.pair_regression import regress
from explainers.question import Question
from explainers.spread import LISTED, at_random, count_of_size, shuffled
from models.case import FloatArray

Estimator: TypeAlias = Callable[[MaskedPredictor, int, int], FloatArray]  # game, budget, seed
STEPS: Final = 8  # points on each record's path, as Integrated Gradients takes for records


def estimators(question: Question) -> dict[str, Estimator]:
    """The design with its control variate and without; none where there is no such path."""
    if not isinstance(question.masker, BackgroundMasker):
        return {}
    if "gradient" not in question.model.card.capabilities:
        return {}
    return {
        "joint design, IG control variate": partial(joint_design, variate=True),
        "joint design": partial(joint_design, variate=False),
    }


def joint_design(
    game: MaskedPredictor, budget: int, seed: int, *, variate: bool, price: int = 1
) -> FloatArray:
    """Shapley values (P,) of the first target.

    Regressed is what the control variate h(S, b) = f(b) + sum_{j in S} IG_j(b) leaves of the
    answers; its own Shapley values, IG averaged over records, are known and added.

    Args:
        game: On a record, against others.
        budget: Coalitions, each of as many rows as there are records; above STEPS * price.
        seed: Of what is drawn.
        variate: Whether Integrated Gradients are subtracted; their rows are part of the budget.
        price: Rows that a point with a gradient is counted as.

    Reference:
        Covert & Lee 2021, arXiv:2012.01536: pairs, and one draw of the background an answer.
    """
    n_records, rows = game.row_cost, budget * game.row_cost
    effects = torch.zeros(n_records, game.n_players, dtype=torch.float64)
    if variate:
        effects = path_effects(game)
        rows -= price * STEPS * n_records
    generator = torch.Generator().manual_seed(seed)
    sample, records = draw(game.n_players, n_records, rows // 2, generator)
    foretold = ((sample.masks - 0.5) * effects[records]).sum(dim=1, keepdim=True)
    left = half_differences(game, sample.masks, records)[:, :1] - foretold
    known = effects.mean(dim=0)
    total = (game.value_full - game.value_empty)[:1]
    values: FloatArray = (known + regress(sample, left, total - known.sum())[0][0]).numpy()
    return values


def draw(
    n_players: int, n_records: int, n_pairs: int, generator: torch.Generator
) -> tuple[PairSample, Tensor]:
    """Pairs of coalitions, each with a record, as even over both as can be.

    Sizes are allocated as for KernelSHAP's regression, but every coalition exists once for every
    record. Along the diagonals of the table of coalitions by records, both in random order, each
    of either has its turn before one has another: no pair is asked twice before one record, but by
    rare chance where coalitions are too many to be listed.

    Returns:
        Pairs (n, P), and of each its record (n,) int64; all there are where `n_pairs` suffices.
    """
    existing, mass = pair_classes(n_players)
    stratum = take_turns(n_pairs, [each * n_records for each in existing], mass)
    masks = torch.zeros(len(stratum), n_players, dtype=torch.float64)
    records = torch.zeros(len(stratum), dtype=torch.int64)
    for s in range(len(existing)):
        here = stratum == s
        place = torch.arange(int(here.sum()))
        own = _coalitions(n_players, s + 1, len(place), generator)
        masks[here] = own[place % len(own)]
        turn = place + place // math.lcm(len(own), n_records)
        records[here] = torch.randperm(n_records, generator=generator)[turn % n_records]
    return labelled_pairs(n_players, masks, stratum), records


def _coalitions(n_players: int, size: int, count: int, generator: torch.Generator) -> PlayerMasks:
    """All of one size, or where there are very many `count` random ones: (m, P) float64."""
    if count_of_size(n_players, size) <= LISTED:
        return torch.from_numpy(shuffled(n_players, size, generator)).double()
    return torch.from_numpy(at_random(n_players, size, count, generator)).double()


def path_effects(game: MaskedPredictor) -> Tensor:
    """(R, P) Integrated Gradients of the first target from each record to the case, midpoints."""
    question = game.question
    point, origins = question.point, question.origins
    index = torch.arange(STEPS * len(origins), device=origins.device)
    record, alpha = index // STEPS, ((index % STEPS) + 0.5) / STEPS

    def points(part: slice) -> Tensor:
        return torch.lerp(origins[record[part]], point, alpha[part][:, None].to(origins))

    mean = torch.zeros(origins.shape, dtype=torch.float64)
    for part, gradient in game.gradients(len(index), points):
        mean.index_add_(0, record[part].cpu(), gradient[:, 0] / STEPS)
    products = question.on_elements(mean * (point - origins).cpu().double())
    return torch.from_numpy(question.players.pool(products.numpy(), how="sum"))


def half_differences(game: MaskedPredictor, masks: PlayerMasks, records: Tensor) -> Tensor:
    """(n, T) half of what a coalition's answer exceeds its complement's by, before one record."""
    question = game.question
    kept = kept_elements(masks, columns_of(question.players, question.inputs.device))
    others = question.masker.empty()[records.to(question.inputs.device)]
    present = game.evaluate(torch.where(kept, question.inputs, others))
    return (present - game.evaluate(torch.where(kept, others, question.inputs))) / 2
