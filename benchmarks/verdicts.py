"""How often verdicts are wrong: `python -m benchmarks verdicts [--pairs N] [--only NAME]`.

1. One method entered twice with two seeds: how many pairs show any flag (should be none).
2. Planted conflicts and contests of a stated size: how many are found.
3. False discovery rate among flags, truths set to the worst place, errors dependent.
4. Consensus and quiet: how often they are said of a player of which they are not true.
5. Noise ceiling: predicted from one run against what pairs of runs really reach.
6. Sampling until decided: the first two again, and what looking again does on the border.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from benchmarks import until_decided
from benchmarks.noisy_shares import (
    FLAGS,
    N_PLAYERS,
    TAU,
    Table,
    independent,
    judged,
    observed,
    percent,
    truth,
)
from benchmarks.toy import toy_question
from benchmarks.verdict_rates import discovery, pointwise, power
from explainers.agreement import compare
from explainers.engine import MaskedPredictor
from explainers.methods import methods_named
from explainers.metrics import METRICS, agree, rank
from explainers.noise import ceilings


def main(arguments: Sequence[str] = ()) -> int:
    """Print every table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks verdicts", description=__doc__)
    parser.add_argument("--pairs", type=int, default=200, help="pairs of runs for each line")
    parser.add_argument("--only", default="", help="tables whose name contains this")
    options = parser.parse_args(list(arguments))
    for table in TABLES:
        if options.only in table.__name__:
            write(*table(options.pairs))
    return 0


def write(title: str, header: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    """One Markdown table; rows appear as they are computed."""
    sys.stdout.write(f"\n{title}\n\n| {' | '.join(header)} |\n|{' --- |' * len(header)}\n")
    for row in rows:
        sys.stdout.write(f"| {' | '.join(str(cell) for cell in row)} |\n")
        sys.stdout.flush()


def same_twice_simulated(pairs: int) -> Table:
    """Two runs that differ by their errors alone."""

    def rows() -> Iterator[Sequence[object]]:
        rng = np.random.default_rng(1)
        for kind in ("dense", "heavy", "sparse"):
            for error in (0.1, 0.3, 1.0):
                found = []
                for _ in range(pairs):
                    values = truth(kind, rng) + error * TAU * independent(rng, (2, N_PLAYERS))
                    found.append(judged(*observed(values, error * TAU)).verdicts)
                yield (kind, f"{error} tau", *tally(found))

    title = f"One method twice, simulated: {pairs} pairs of runs, P = {N_PLAYERS}"
    return title, ("true shares", "standard error", *TALLY), rows()


TALLY = ("pairs with a flag", "players flagged", "consensus", "quiet", "undecided")


def tally(found: Sequence[Sequence[str]]) -> list[str]:
    """Share of pairs with a flag, and of players by verdict."""
    words = np.array(found)
    flagged = np.isin(words, FLAGS)
    return [
        percent(flagged.any(axis=1).mean()),
        percent(flagged.mean()),
        *(percent((words == word).mean()) for word in ("consensus", "quiet", "undecided")),
    ]


def same_twice_sampled(pairs: int) -> Table:
    """Real methods on a small network, two seeds each."""

    def rows() -> Iterator[Sequence[object]]:
        names = ("kernel_shap", "lime", "rise", "gradient_shap", "smooth_grad")
        for method in methods_named(names):
            for budget in (300, 1000):
                found = []
                for pair in range(pairs):
                    game = MaskedPredictor(toy_question(pair % 20))
                    runs = [
                        method.explain(
                            game,
                            budget=budget,
                            generator=torch.Generator().manual_seed(2 * pair + seed),
                            seed=seed,
                        )[0]
                        for seed in (0, 1)
                    ]
                    found.append(compare(runs).verdicts)
                yield (method.card.title, budget, *tally(found))

    title = f"One method twice, two seeds: {pairs} pairs of runs on a small random network"
    return title, ("method", "budget", *TALLY), rows()


def ceiling(pairs: int) -> Table:
    """Ceilings predicted from one run of each method, against the metric between the runs."""
    shown = [name for name in METRICS if name != "sign_agreement"]

    def rows() -> Iterator[Sequence[object]]:
        rng = np.random.default_rng(5)
        signed = np.array([True, True])
        for kind in ("dense", "heavy", "sparse"):
            for one, two in ((0.1, 0.1), (0.3, 0.3), (0.0, 0.3), (0.0, 1.0)):
                reached, predicted, lows, highs = [], [], [], []
                for _ in range(pairs):
                    errors = np.array([[one], [two]]) * TAU * np.ones((2, N_PLAYERS))
                    values = truth(kind, rng) + errors * independent(rng, errors.shape)
                    pair = [rank(values[[m]], signed[:1], 8) for m in (0, 1)]
                    real = agree(*pair)
                    limit = ceilings(values, errors, signed, 8)
                    reached.append([real[name][0] for name in shown])
                    predicted.append([limit[name].mean[0, 1] for name in shown])
                    lows.append([limit[name].low[0, 1] for name in shown])
                    highs.append([limit[name].high[0, 1] for name in shown])
                below, above = np.array(reached) < lows, np.array(reached) > highs
                found = (np.mean(found, axis=0) for found in (predicted, reached, below, above))
                cells = zip(*found, strict=True)
                yield (
                    kind,
                    f"{one} / {two} tau",
                    *(f"{p:.2f} / {r:.2f} ({100 * b:.0f}, {100 * a:.0f})" for p, r, b, a in cells),
                )

    header = ("true shares", "standard errors", *(name.replace("_", " ") for name in shown))
    title = f"Noise ceiling, predicted / reached, means of {pairs} pairs (% below, above the band)"
    return f"{title}, k = 8", header, rows()


TABLES = (
    *(same_twice_simulated, same_twice_sampled, power, discovery, pointwise, ceiling),
    *(until_decided.same_twice, until_decided.planted),
    *(until_decided.real_twice, until_decided.stopping),
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
