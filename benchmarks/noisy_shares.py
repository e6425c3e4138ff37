"""True shares, errors of several kinds, and what a simulated run shows of them."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from explainers.explanation import share_errors
from explainers.verdicts import Judgement, judge
from models.case import FloatArray

N_PLAYERS = 50
TAU = 1 / N_PLAYERS
FLAGS = ("contested", "conflict")
Errors = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]
Table = tuple[str, Sequence[str], Iterator[Sequence[object]]]


def percent(fraction: float) -> str:
    """One decimal."""
    return f"{100 * fraction:.1f} %"


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
