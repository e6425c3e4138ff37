"""How often verdicts are wrong: `python -m benchmarks.verdicts [--pairs N]`.

1. One method entered twice with two seeds: how many pairs show any flag (should be none).
2. Planted conflicts and contests of a stated size: how many are found.
3. False discovery rate among flags, truths set to the worst place, errors dependent.
4. Consensus and quiet: how often they are said of a player of which they are not true.
5. Noise ceiling: predicted from one run against what pairs of runs really reach.
6. Time of `compare`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.toy import toy_question
from explainers.agreement import compare
from explainers.engine import MaskedPredictor
from explainers.explanation import Explanation, Target
from explainers.methods import methods_named
from explainers.metrics import METRICS, agree, rank
from explainers.noise import ceilings
from explainers.players import Players
from explainers.shares import share_errors
from explainers.verdicts import Judgement, judge
from models.case import FloatArray

N_PLAYERS = 50
TAU = 1 / N_PLAYERS
FLAGS = ("contested", "conflict")
Errors = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]


def main(arguments: Sequence[str] = ()) -> int:
    """Print every table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--pairs", type=int, default=200, help="pairs of runs for each line")
    pairs: int = parser.parse_args(list(arguments)).pairs
    for table in (same_twice_simulated, same_twice_sampled, power, discovery, pointwise, ceiling):
        write(*table(pairs))
    write(*speed())
    return 0


def write(title: str, header: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    """One Markdown table; rows appear as they are computed."""
    sys.stdout.write(f"\n{title}\n\n| {' | '.join(header)} |\n|{' --- |' * len(header)}\n")
    for row in rows:
        sys.stdout.write(f"| {' | '.join(str(cell) for cell in row)} |\n")
        sys.stdout.flush()


Table = tuple[str, Sequence[str], Iterator[Sequence[object]]]


def percent(fraction: float) -> str:
    """One decimal."""
    return f"{100 * fraction:.1f} %"


# --- truths and errors --------------------------------------------------------------------------


def truth(kind: str, rng: np.random.Generator) -> FloatArray:
    """(P,) true shares: "dense" normal, "heavy" Student t2, "sparse" six players carry all."""
    if kind == "dense":
        values = rng.normal(size=N_PLAYERS)
    elif kind == "heavy":
        values = rng.standard_t(2, size=N_PLAYERS)
    else:
        values = np.zeros(N_PLAYERS)
        values[:6] = rng.uniform(1, 6, 6) * rng.choice([-1, 1], 6)
    return np.asarray(values / np.abs(values).sum())


def independent(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Standard normal errors."""
    return rng.standard_normal(shape)


def summing_to_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Errors of complete methods: they cancel over players."""
    drawn = rng.standard_normal(shape)
    return np.asarray((drawn - drawn.mean(axis=-1, keepdims=True)) / np.sqrt(1 - 1 / shape[-1]))


def moving_together(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Correlation 0.5 between all players of a method."""
    common = rng.standard_normal((*shape[:-1], 1))
    return np.asarray(np.sqrt(0.5) * (common + rng.standard_normal(shape)))


def student(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Errors over a standard error estimated from 16 batches: Student t15."""
    return rng.standard_t(15, size=shape)


def judged(shares: FloatArray, errors: FloatArray) -> Judgement:
    """Judge signed methods."""
    return judge(shares, errors, np.ones(len(shares), dtype=bool))


def observed(values: FloatArray, error: float) -> tuple[FloatArray, FloatArray]:
    """Shares of noisy values, with their errors as `compare` computes them."""
    total = np.abs(values).sum(axis=-1, keepdims=True)
    shares = values / total
    return shares, share_errors(shares, np.full_like(values, error) / total)


# --- 1. one method twice ------------------------------------------------------------------------


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


# --- 2. power -----------------------------------------------------------------------------------


def power(pairs: int) -> Table:
    """Three planted players among 50, in two methods that otherwise mean the same."""

    def rows() -> Iterator[Sequence[object]]:
        rng = np.random.default_rng(2)
        for kind in FLAGS:
            for size in (2.0, 3.0, 5.0, 8.0):
                yield (kind, f"{size} tau", *(found(rng, kind, size, e, pairs) for e in ERRORS))

    title = f"Planted disagreements found ({pairs} pairs of runs, 3 of {N_PLAYERS} players each)"
    header = ("planted", "size", *(f"standard error {e} tau" for e in ERRORS))
    return title, header, rows()


ERRORS = (0.1, 0.2, 0.3, 0.5, 1.0)


def found(rng: np.random.Generator, kind: str, size: float, error: float, pairs: int) -> str:
    """Share of planted players that get the planted verdict."""
    hits = []
    for _ in range(pairs):
        means = np.tile(truth("dense", rng), (2, 1))
        means[0, :3] = size * TAU
        means[1, :3] = -size * TAU if kind == "conflict" else 0.0
        shares = means + error * TAU * independent(rng, means.shape)
        verdicts = judged(shares, np.full_like(shares, error * TAU)).verdicts
        hits += [verdict == kind for verdict in verdicts[:3]]
    return percent(float(np.mean(hits)))


# --- 3. false discoveries -----------------------------------------------------------------------


def discovery(pairs: int) -> Table:
    """Most players sit exactly where a flag is almost true; some truly part."""

    def rows() -> Iterator[Sequence[object]]:
        rng = np.random.default_rng(3)
        for n_methods in (2, 3, 6):
            for draw in (independent, summing_to_zero, moving_together, student):
                for error in (0.1, 0.3):
                    rates, hits = false_rates(rng, n_methods, draw, error, 5 * pairs)
                    yield (n_methods, draw.__name__, f"{error} tau", percent(rates), percent(hits))

    title = (
        f"False discovery rate: {5 * pairs} runs; 5 true conflicts, 5 true contests, "
        "20 players on the border of either"
    )
    return title, ("methods", "errors", "standard error", "false among flags", "true found"), rows()


def border(n_methods: int) -> tuple[FloatArray, FloatArray]:
    """True shares (M, P) and which flags (2, P) are true: conflict, contested."""
    means = np.full((n_methods, N_PLAYERS), 0.2)
    means[0, :5], means[1:, :5] = 4.0, -4.0
    means[0, 5:10], means[1:, 5:10] = 4.0, 0.0
    means[0, 10:20], means[1:, 10:20] = 1.0, 0.0  # does not quite matter
    means[0, 20:25], means[1:, 20:25] = 6.0, 1.0 + 1e-9  # does not quite not matter
    means[0, 25:30], means[1:, 25:30] = 6.0, -0.5  # opposite, but not quite half a share
    true = np.zeros((2, N_PLAYERS), dtype=bool)
    true[0, :5] = true[1, 5:10] = true[1, 25:30] = True
    return means * TAU, true


def false_rates(
    rng: np.random.Generator, n_methods: int, draw: Errors, error: float, runs: int
) -> tuple[float, float]:
    """Mean share of false flags among flags (0 without flags), and of true ones found."""
    means, true = border(n_methods)
    false, hits = [], []
    for _ in range(runs):
        shares = means + error * TAU * draw(rng, means.shape)
        words = np.array(judged(shares, np.full_like(shares, error * TAU)).verdicts)
        flags = np.stack([words == "conflict", words == "contested"])
        false.append((flags > true).sum() / max(flags.sum(), 1))
        hits.append((flags & true).sum() / true.sum())
    return float(np.mean(false)), float(np.mean(hits))


# --- 4. consensus and quiet ---------------------------------------------------------------------


def pointwise(pairs: int) -> Table:
    """Players on the border: said to agree although they do not quite."""
    cases = {
        "consensus: all exactly at tau": ("consensus", (1.0, 1.0)),
        "consensus: 1.9 tau against 0.95 tau": ("consensus", (1.9, 0.95)),
        "consensus: 6 tau against tau": ("consensus", (6.0, 1.0)),
        "quiet: one exactly at tau": ("quiet", (1.0, 0.0)),
    }

    def rows() -> Iterator[Sequence[object]]:
        rng = np.random.default_rng(4)
        for name, (word, sizes) in cases.items():
            means = np.tile(np.array(sizes)[:, None] * TAU, (1, N_PLAYERS))
            rates = []
            for error in ERRORS:
                words: list[str] = []
                for _ in range(pairs):
                    shares = means + error * TAU * independent(rng, means.shape)
                    words += judged(shares, np.full_like(shares, error * TAU)).verdicts
                rates.append(percent(float(np.mean([w == word for w in words]))))
            yield (name, *rates)

    header = ("border case", *(f"standard error {e} tau" for e in ERRORS))
    return f"Agreement said too early ({pairs} runs of {N_PLAYERS} players)", header, rows()


# --- 5. ceilings --------------------------------------------------------------------------------


def ceiling(pairs: int) -> Table:
    """Ceilings predicted from one run of each method, against the metric between the runs."""
    shown = [name for name in METRICS if name != "sign_agreement"]

    def rows() -> Iterator[Sequence[object]]:
        rng = np.random.default_rng(5)
        signed = np.array([True, True])
        for kind in ("dense", "heavy", "sparse"):
            for one, two in ((0.1, 0.1), (0.3, 0.3), (0.0, 0.3), (0.0, 1.0)):
                reached, predicted = [], []
                for _ in range(pairs):
                    errors = np.array([[one], [two]]) * TAU * np.ones((2, N_PLAYERS))
                    values = truth(kind, rng) + errors * independent(rng, errors.shape)
                    pair = [rank(values[[m]], signed[:1], 8) for m in (0, 1)]
                    real = agree(*pair)
                    limit = ceilings(values, errors, signed, 8)
                    reached.append([real[name][0] for name in shown])
                    predicted.append([limit[name][0, 1] for name in shown])
                means = zip(np.mean(predicted, axis=0), np.mean(reached, axis=0), strict=True)
                yield (kind, f"{one} / {two} tau", *(f"{p:.2f} / {r:.2f}" for p, r in means))

    header = ("true shares", "standard errors", *(name.replace("_", " ") for name in shown))
    return f"Noise ceiling, predicted / reached (means of {pairs} pairs, k = 8)", header, rows()


# --- 6. speed -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    """How much is compared."""

    methods: int
    players: int


def speed() -> Table:
    """Wall time of `compare`, all methods with error bars."""

    def rows() -> Iterator[Sequence[object]]:
        for size in (Size(3, 50), Size(6, 60), Size(8, 100), Size(13, 400)):
            explanations = synthetic(size)
            seconds = []
            for _ in range(7):
                started = time.perf_counter()
                compare(explanations)
                seconds.append(time.perf_counter() - started)
            yield (size.methods, size.players, f"{1000 * min(seconds):.0f} ms")

    return "Time of compare()", ("methods", "players", "fastest of 7"), rows()


def synthetic(size: Size) -> list[Explanation]:
    """Random explanations with error bars."""
    rng = np.random.default_rng(6)
    players = Players(
        membership=np.arange(size.players, dtype=np.int32),
        element_shape=(size.players,),
        kind="pixel",
    )
    return [
        Explanation(
            method="lime",
            case_digest="synthetic",
            model_id="synthetic",
            weights_sha256="0" * 64,
            players=players,
            values=rng.standard_t(3, size=size.players),
            std_error=np.full(size.players, 0.2),
            element_map=None,
            signed=True,
            kind="additive",
            target=Target(index=0, name="present"),
            scale="logit",
            baseline=None,
            value_full=1.0,
            value_empty=0.0,
            settings={},
            diagnostics={},
            seed=seed,
            rows=0,
            seconds=0.0,
            device="cpu",
        )
        for seed in range(size.methods)
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
