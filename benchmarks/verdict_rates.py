"""How many planted disagreements are found, and how many verdicts are wrong."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.noisy_shares import (
    N_PLAYERS,
    TAU,
    Errors,
    Table,
    independent,
    judged,
    moving_together,
    percent,
    student,
    summing_to_zero,
    truth,
)
from models.case import FloatArray


def power(pairs: int) -> Table:
    """Three planted players among 50, in two methods that otherwise mean the same."""

    def rows() -> Iterator[Sequence[object]]:
        rng = np.random.default_rng(2)
        for kind, planted in PLANTED.items():
            for votes in planted:
                words = " against ".join(f"{vote} tau" for vote in votes)
                yield (kind, words, *(found(rng, kind, votes, e, pairs) for e in ERRORS))

    title = f"Planted disagreements found ({pairs} pairs of runs, 3 of {N_PLAYERS} players each)"
    header = ("planted", "size", *(f"standard error {e} tau" for e in ERRORS))
    return title, header, rows()


ERRORS = (0.1, 0.2, 0.3, 0.5, 1.0)
SIZES = (2.0, 3.0, 5.0, 8.0)
PLANTED = {
    "contested": (*((size, 0.0) for size in SIZES), (12.0, 0.9), (17.0, 0.9), (17.0, 1.2)),
    "conflict": tuple((size, -size) for size in SIZES),
}


def found(
    rng: np.random.Generator, kind: str, votes: tuple[float, float], error: float, pairs: int
) -> str:
    """Share of planted players that get the planted verdict."""
    hits = []
    for _ in range(pairs):
        means = np.tile(truth("dense", rng), (2, 1))
        means[:, :3] = np.array(votes)[:, None] * TAU
        shares = means + error * TAU * independent(rng, means.shape)
        verdicts = judged(shares, np.full_like(shares, error * TAU)).verdicts
        hits += [verdict == kind for verdict in verdicts[:3]]
    return percent(float(np.mean(hits)))


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
        "25 players on the border of either"
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
    means[0, 30:35], means[1:, 30:35] = 12.0, 1.5 + 1e-9  # not quite by far as much
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


def pointwise(pairs: int) -> Table:
    """Players on the border: said to agree although they do not quite."""
    cases = {
        "consensus: all exactly at tau": ("consensus", (1.0, 1.0)),
        "consensus: 1.9 tau against 0.95 tau": ("consensus", (1.9, 0.95)),
        "consensus: 6 tau against tau": ("consensus", (6.0, 1.0)),
        "consensus: 16 tau against 2 tau": ("consensus", (16.0, 2.0)),
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
