"""Asking pairs of coalitions round by round: a bank that grows."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import torch
from torch import Tensor

from explainers.bank import Bank
from explainers.coalitions import PairSample
from explainers.engine import MaskedPredictor
from explainers.neighbours import neighbours


def banks(
    game: MaskedPredictor,
    sample: PairSample,
    stops: Iterable[int],
    ask: Callable[[Tensor], Tensor],
) -> Iterator[Bank]:
    """The first pairs of a sample with their answers, more of them each time.

    Args:
        game: Knows the case and its absence.
        sample: All pairs.
        stops: How many are asked by the end of each round.
        ask: The game itself, or its shared way of asking.
    """
    pairs = torch.stack([sample.masks, 1 - sample.masks], dim=1)
    beside = neighbours(game.question.players)
    for values in answers(pairs, stops, ask):
        yield Bank(
            sample=sample.first(len(values)),
            values=values,
            full=game.value_full,
            empty=game.value_empty,
            beside=beside,
            pause=partial(game.runtime.spend, 0),
        )


def answers(
    pairs: Tensor, stops: Iterable[int], ask: Callable[[Tensor], Tensor]
) -> Iterator[Tensor]:
    """Values (n, 2, T) of the first n of pairs (N, 2, P), n as in `stops`."""
    found, start = list[Tensor](), 0
    for stop in stops:
        found.append(ask(pairs[start:stop].flatten(0, 1)).view(stop - start, 2, -1))
        start = stop
        yield torch.cat(found)
