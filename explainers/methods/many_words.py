"""What KernelSHAP and LIME share over many words: a larger bank, more of it where LIME looks.

Sizes half where fair coins fall leave LIME half of a bank; the more words there are, the less of
the other half is of any use to it. Two thirds of 1,600 coalitions serve both methods about as well
or better than 1,000 of their own each, at fewer rows (docs/accuracy.md).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeVar

import torch

from explainers.bank import Bank
from explainers.coalitions import PairSample, count_pairs, draw_bank
from explainers.complete_bank import complete_bank
from explainers.engine import MaskedPredictor
from explainers.methods.budgets import Banked
from explainers.methods.pair_rounds import banks
from explainers.question import Question

MOST_WORDS: Final = 20  # up to which a text is asked about as a film is
MASKS: Final = 1600
COINS: Final = 2 / 3  # of the bank's sizes
_Method = TypeVar("_Method", bound=Banked)


def has_many(question: Question) -> bool:
    """Whether the question is about a text of many words."""
    return question.case.modality == "text" and question.players.count > MOST_WORDS


def as_asked(method: _Method, question: Question) -> _Method:
    """The method with the coalitions it wants of this question, unless others were asked for."""
    usual = method.masks == type(method).masks and method.estimator != "regression"
    if has_many(question) and usual:
        return replace(method, masks=MASKS)
    return method


def shared_banks(
    method: Banked, game: MaskedPredictor, budget: int, generator: torch.Generator
) -> Iterator[Bank]:
    """The bank as far as it was asked by the end of each of a method's rounds."""
    n_pairs, stops = method.n_pairs(game.question, budget), method.stops(game.question, budget)
    if stops == (count_pairs(game.n_players),):  # all at once: nothing to draw
        yield complete_bank(game)
    else:
        sample = _bank_for(game.question, n_pairs, generator)
        yield from banks(game, sample, stops, game.shared)


def _bank_for(question: Question, n_pairs: int, generator: torch.Generator) -> PairSample:
    """The pairs of this question's bank."""
    n_players = question.players.count
    if has_many(question):
        return draw_bank(n_players, n_pairs, generator, coins=COINS)
    return draw_bank(n_players, n_pairs, generator)
