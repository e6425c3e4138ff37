"""How often noise counts, and how often an aggregate is shown, on games whose answer is known.

`python -m benchmarks.consensus_rates [--games N]` prints rates that docs/faithfulness.md quotes: a
minute on one core for 150 games. Methods are the true effects of the parts with noise added;
another baseline is the same model with other effects.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator

import numpy as np

from benchmarks.games import additive, answer, game_question
from explainers.consensus import consensus
from explainers.consensus_report import Consensus
from explainers.explanation import MethodId
from explainers.faithfulness import faithfulness
from explainers.faithfulness_report import LEVEL, Faithfulness
from explainers.orders import IntArray, area, chains, curve_sizes
from models.case import FloatArray

N_PLAYERS = 36
METHODS = 3
NOISES = (0.3, 0.7, 1.5)  # of a method's values, in standard deviations of the true effects
ELSEWHERE = 0.5  # by how much effects under another baseline differ, in the same unit


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=200)
    games = parser.parse_args().games
    sys.stdout.write(f"{games} games of {N_PLAYERS} players\n")
    for line in (*chance(games), *aggregates(games), *thinning(games)):
        sys.stdout.write(f"{line}\n")


def chance(games: int) -> Iterator[str]:
    """What values drawn at random score, and what weight they get beside a good method."""
    scores, small, weights = [], 0, []
    for seed in range(games):
        draw = np.random.default_rng([0, seed])
        truth = draw.normal(size=N_PLAYERS)
        found, combined = judged(
            truth, [noisy(truth, 0.3, draw), draw.normal(size=N_PLAYERS)], seed
        )
        noise = found.methods[1]
        scores.append(found.score(noise, "deletion"))
        small += found.p_value(noise, "deletion") <= LEVEL
        weights.append(combined.weights[1])
    error = np.std(scores, ddof=1) / np.sqrt(games)
    yield f"noise: deletion score {np.mean(scores):+.3f} ± {error:.3f}"
    yield f"noise: p <= 0.05 in {100 * small / games:.1f} %"
    above = 100 * np.mean(np.array(weights) > 0)
    yield f"noise: mean weight {np.mean(weights):.4f}, above 0 in {above:.1f} %"


def aggregates(games: int) -> Iterator[str]:
    """Outcomes by how noisy the methods are, and by how like effects are under other baselines."""
    for noise in (None, *NOISES):
        for elsewhere in (0.0, ELSEWHERE):
            told = Counter[str]()
            for seed in range(games):
                draw = np.random.default_rng([1, seed])
                truth = draw.normal(size=N_PLAYERS)
                values = [
                    draw.normal(size=N_PLAYERS) if noise is None else noisy(truth, noise, draw)
                    for _ in range(METHODS)
                ]
                told[judged(truth, values, seed, elsewhere=elsewhere)[1].outcome] += 1
            share = ", ".join(f"{name} {100 * n / games:.1f} %" for name, n in told.most_common())
            kind = "noise alone" if noise is None else f"noise {noise}"
            yield f"{METHODS} methods, {kind}, effects elsewhere differ by {elsewhere}: {share}"


def thinning(games: int) -> Iterator[str]:
    """How far scores read at few sizes are from those read at all."""
    few, every = curve_sizes(N_PLAYERS), np.arange(N_PLAYERS + 1)
    apart = []
    for seed in range(games):
        draw = np.random.default_rng([2, seed])
        pairs = draw.normal(size=(N_PLAYERS, N_PLAYERS)) / np.sqrt(N_PLAYERS)
        truth = 3 * draw.normal(size=N_PLAYERS)
        orders = np.argsort(-np.stack([truth, *draw.normal(size=(20, N_PLAYERS))]), axis=1)

        masks = chains(orders, every).astype(np.float64)
        values = masks @ truth + ((masks @ pairs) * masks).sum(axis=-1)  # (21, P + 1)
        apart.append(_score(values[:, few], few) - _score(values, every))
    yield (
        f"scores at {len(few)} sizes against all {len(every)}: "
        f"mean {np.mean(apart):+.3f}, standard deviation {np.std(apart):.3f}"
    )


def _score(values: FloatArray, sizes: IntArray) -> float:
    """Score of the second curve between the mean of those after it and the first."""
    areas = area(values, sizes)
    chance = areas[2:].mean()
    return float((areas[1] - chance) / (areas[0] - chance))


def noisy(truth: FloatArray, size: float, draw: np.random.Generator) -> FloatArray:
    """The truth with noise of so many of its standard deviations."""
    return np.asarray(truth + size * truth.std() * draw.normal(size=len(truth)))


def judged(
    truth: FloatArray, told: list[FloatArray], seed: int, *, elsewhere: float = 0.0
) -> tuple[Faithfulness, Consensus]:
    """Curves and aggregate of values told about an additive game."""
    draw = np.random.default_rng([3, seed])
    question = game_question(additive(truth), N_PLAYERS)
    names: tuple[MethodId, ...] = ("lime", "kernel_shap", "occlusion")
    explanations = [answer(question, v, n) for v, n in zip(told, names, strict=False)]
    found = faithfulness(question, explanations, seed=seed)
    others = (game_question(additive(noisy(truth, elsewhere, draw)), N_PLAYERS) for _ in range(2))
    return found, consensus(question, explanations, found, others)


if __name__ == "__main__":
    main()
