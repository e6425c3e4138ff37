"""Shapley values of records from coalitions and background records drawn together.

Elsewhere every coalition is asked with all R records of the background. Here a pair of
complementary coalitions is asked with one of them, so that as many rows hold R times as many pairs.
What records differ by is then chance, too; Integrated Gradients from each record to the case
foretell most of it where the model is differentiable, and are subtracted: a control variate, whose
own Shapley values are known. Right however badly it foretells; exact where all was asked.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from explainers.coalitions import (
    PairSample,
    coalitions_of_size,
    count_pairs,
    labelled_pairs,
    pair_classes,
    take_turns,
)
from explainers.engine import MaskedPredictor
from explainers.maskers.background import BackgroundMasker
from explainers.maskers.base import PlayerMasks
from explainers.pair_regression import regress
from explainers.question import Question
from models.errors import UnsupportedMethodError

STEPS: Final = 8  # points on each record's path, as Integrated Gradients takes for records
MOST: Final = 7_500_000  # pairs times players: 60 MB each of the few matrices of the regression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """What the model answered to pairs of coalitions, each before one record.

    Attributes:
        sample: n pairs; of each as many exist as there are records.
        records: (n,) int64, the record of each.
        halves: (n, T) half of what a coalition's answer exceeds its complement's by.
        effects: (T, R, P) what the path from each record foretells that a player adds.
        effect: (T,) v(full) - v(empty).
    """

    sample: PairSample
    records: Tensor
    halves: Tensor
    effects: Tensor
    effect: Tensor


def count_paths(question: Question) -> int:
    """R, records of the background from which gradients lead to the case; 0 where none do."""
    differentiable = "gradient" in question.model.card.capabilities
    masker = question.masker
    return masker.n_draws if differentiable and isinstance(masker, BackgroundMasker) else 0


def pairs_paid(n_players: int, n_records: int, rows: int) -> int:
    """Pairs that so many rows pay beside the points on the paths; no more than there are."""
    return min(
        (rows - STEPS * n_records) // 2, count_pairs(n_players) * n_records, MOST // n_players
    )


def rows_of(n_pairs: int, n_records: int) -> int:
    """Forward rows of so many pairs and of the points on the paths."""
    return STEPS * n_records + 2 * n_pairs


def ask(game: MaskedPredictor, n_pairs: int, generator: torch.Generator) -> Asked:
    """Spend the rows: gradients on the paths, then so many pairs before a record each.

    Args:
        game: On a record, against others.
        n_pairs: At least two a size of coalitions.
        generator: CPU generator.

    Raises:
        UnsupportedMethodError: absent players do not show other records.
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
    """
    effects = path_effects(game)
    sample, records = draw(game.n_players, game.row_cost, n_pairs, generator)
    return Asked(
        sample=sample,
        records=records,
        halves=_half_differences(game, sample.masks, records),
        effects=effects,
        effect=game.value_full - game.value_empty,
    )


def shapley_values(asked: Asked) -> tuple[Tensor, Tensor]:
    """Shapley values (T, P), which sum to v(full) - v(empty), and their standard errors (T, P).

    Regressed is what the control variate h(S, b) = f(b) + sum_{j in S} IG_j(b) leaves of the
    answers; its own Shapley values, IG averaged over records, are added. Standard errors are the
    regression's (HC3 by pairs, stratified by size, without replacement among pairs x records): 0
    where every pair was asked before every record.

    Reference:
        Covert & Lee 2021, arXiv:2012.01536: pairs, and one draw of the background an answer;
        Sundararajan, Taly & Yan 2017, arXiv:1703.01365. Differs: the control variate; coalitions
        and records are not drawn independently of each other, but by turns.

    Raises:
        BudgetError: the pairs do not determine the values.
    """
    signs, found, errors = asked.sample.masks - 0.5, list[Tensor](), list[Tensor]()
    for target, effects in enumerate(asked.effects):  # one by one: to the last digit its own
        foretold = (signs * effects[asked.records]).sum(dim=1)
        left = (asked.halves[:, target] - foretold)[:, None]
        known = effects.mean(dim=0)
        values, error = regress(asked.sample, left, asked.effect[target, None] - known.sum())
        found.append(known + values[0])
        errors.append(error[0])
    return torch.stack(found), torch.stack(errors)


def draw(
    n_players: int, n_records: int, n_pairs: int, generator: torch.Generator
) -> tuple[PairSample, Tensor]:
    """Pairs of coalitions, each with a record, as even over both as can be.

    Sizes are allocated as for KernelSHAP's regression, but every coalition exists once for every
    record. Along the diagonals of the table of coalitions by records, both in random order, each
    of either has its turn before one has another: no pair is asked twice before one record.

    Returns:
        Pairs (n, P), and of each its record (n,) int64; all there are where `n_pairs` suffices.
    """
    existing, mass = pair_classes(n_players)
    stratum = take_turns(n_pairs, [each * n_records for each in existing], mass)
    masks = torch.zeros(len(stratum), n_players, dtype=torch.float64)
    records = torch.zeros(len(stratum), dtype=torch.int64)
    for s, there_are in enumerate(existing):
        here = stratum == s
        place = torch.arange(int(here.sum()))
        own = coalitions_of_size(n_players, s + 1, min(len(place), there_are), generator)
        masks[here] = own[place % len(own)]
        # A diagonal ends where it began; the next one lies beside it.
        turn = place + place // math.lcm(len(own), n_records)
        records[here] = torch.randperm(n_records, generator=generator)[turn % n_records]
    sample = labelled_pairs(n_players, masks, stratum)
    return replace(sample, existing=sample.existing * n_records), records


def path_effects(game: MaskedPredictor) -> Tensor:
    """(T, R, P) Integrated Gradients from each record to the case, by midpoints."""
    question = game.question
    point, origins = question.point, question.origins
    index = torch.arange(STEPS * len(origins), device=origins.device)
    record, alpha = index // STEPS, ((index % STEPS) + 0.5) / STEPS

    def points(part: slice) -> Tensor:
        return torch.lerp(origins[record[part]], point, alpha[part][:, None].to(origins))

    n_targets = len(question.targets)
    mean = torch.zeros(len(origins), n_targets, *origins.shape[1:], dtype=torch.float64)
    for part, gradient in game.gradients(len(index), points):
        mean.index_add_(0, record[part].cpu(), gradient / STEPS)
    products = question.on_elements(mean * (point - origins).cpu().double()[:, None])
    pooled = question.players.pool(products.numpy(), how="sum")
    return torch.from_numpy(pooled).transpose(0, 1).contiguous()


def _half_differences(game: MaskedPredictor, masks: PlayerMasks, records: Tensor) -> Tensor:
    """(n, T) of pairs (n, P), each before its record; no more composites at once than a pass."""
    masker = game.question.masker
    if not isinstance(masker, BackgroundMasker):
        raise UnsupportedMethodError("Absent parts of this case do not show other records.")
    found, start = list[Tensor](), 0
    while start < len(masks):
        part = slice(start, start + max(1, game.runtime.max_rows // 2))  # it may have shrunk
        shown = masker.pairs_before(masks[part], records[part])
        present, absent = game.evaluate(shown.flatten(0, 1)).chunk(2)
        found.append((present - absent) / 2)
        start = part.stop
    return torch.cat(found)
