"""Sampling until decided: does looking again make wrong decisions more frequent?

Simulated shares: an estimate is the mean of all draws so far, as in the classical problem of
optional stopping. `explainers.deciding.forecast` says where to spend; the levels of the looks are
those of `explainers.verdicts.LEVELS`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from benchmarks.noisy_shares import FLAGS, N_PLAYERS, TAU, Table, percent, truth
from benchmarks.toy import toy_question
from explainers.agreement import compare
from explainers.coalitions import all_coalitions
from explainers.deciding import LIMIT, MARGIN, PART, forecast
from explainers.engine import MaskedPredictor
from explainers.explanation import Explanation
from explainers.maskers.base import PlayerMasks
from explainers.methods import methods_named
from explainers.methods.base import Method
from explainers.question import Question
from explainers.spending import enlarged
from explainers.verdicts import ALPHA, LEVELS, judge
from models.case import FloatArray

SAME = (ALPHA,) * len(LEVELS)  # what it would be without a correction
ROWS = 1000.0  # of a method at the first look of a simulation
SPENT = ("pairs with a flag", "still undecided", "times the rows", "looks")
FIRST = 264  # the same of a real one, of 4,096 coalitions


@dataclass(slots=True, kw_only=True, eq=False)
class Study:
    """Two or more signed methods whose estimates improve as they spend.

    Attributes:
        means: (M, P) true shares.
        error: Standard error of each at the first look.
        rng: Draws.
        levels: One a look.
        times: (M,) how many times the first rows each has spent.
        estimate: (M, P).
        looks: Looks taken.
    """

    means: FloatArray
    error: float
    rng: np.random.Generator
    levels: Sequence[float] = LEVELS
    times: FloatArray = field(init=False)
    estimate: FloatArray = field(init=False)
    looks: int = 0

    def __post_init__(self) -> None:
        """Take the first draws."""
        self.times = np.ones(len(self.means))
        self.estimate = self.means + self.error * self.rng.standard_normal(self.means.shape)

    @property
    def errors(self) -> FloatArray:
        """(M, P) standard errors now."""
        return np.asarray(self.error / np.sqrt(self.times)[:, None] * np.ones_like(self.means))

    def verdicts(self) -> list[str]:
        """Look and spend until decided, or until no look is left or helps."""
        signed = np.ones(len(self.means), dtype=bool)
        while True:
            level = self.levels[self.looks]
            words = judge(self.estimate, self.errors, signed, level=level).verdicts
            open_players = np.array(words) == "undecided"
            self.looks += 1
            if not open_players.any() or self.looks == len(self.levels):
                return list(words)
            limits = LIMIT / self.times
            factors, decided = forecast(
                self.estimate,
                self.errors,
                signed,
                level=self.levels[self.looks],
                rows=ROWS * self.times,
                limits=np.where(limits > MARGIN**2, limits, 1.0),
                undecided=open_players,
                part=PART if self.looks == 1 else 1.0,
            )
            if not (decided & open_players).any() or (factors == 1).all():
                return list(words)
            self.spend(factors)

    def spend(self, factors: FloatArray) -> None:
        """Average further draws into the estimates."""
        weight = (1 / factors)[:, None]
        fresh = self.rng.standard_normal(self.means.shape)
        spread = self.error / np.sqrt(np.maximum(self.times * (factors - 1), 1e-12))[:, None]
        mean = weight * self.estimate + (1 - weight) * (self.means + spread * fresh)
        self.estimate = np.where(factors[:, None] > 1, mean, self.estimate)
        self.times = self.times * factors


def same_twice(pairs: int) -> Table:
    """One method entered twice, sampled until decided."""

    def rows() -> Iterator[Sequence[object]]:
        rng = np.random.default_rng(7)
        for kind in ("dense", "heavy", "sparse"):
            for error in (0.3, 1.0):
                words, spent, looks = [], [], []
                for _ in range(pairs):
                    means = np.tile(truth(kind, rng), (2, 1))
                    study = Study(means=means, error=error * TAU, rng=rng)
                    words.append(study.verdicts())
                    spent.append(study.times.mean())
                    looks.append(study.looks)
                found = np.array(words)
                flagged = np.isin(found, FLAGS)
                yield (
                    kind,
                    f"{error} tau",
                    percent(flagged.any(axis=1).mean()),
                    percent((found == "undecided").mean()),
                    f"{np.mean(spent):.1f}",
                    f"{np.mean(looks):.1f}",
                )

    title = f"One method twice, sampled until decided: {pairs} pairs, P = {N_PLAYERS}"
    return title, ("true shares", "first error", *SPENT), rows()


def planted(pairs: int) -> Table:
    """Three planted players among 50 in two methods, sampled until decided."""

    def rows() -> Iterator[Sequence[object]]:
        rng = np.random.default_rng(8)
        cases = (("contested", 3.0, 0.0), ("conflict", 2.0, -2.0), ("conflict", 3.0, -3.0))
        for kind, one, two in cases:
            shares = []
            for error in (0.3, 0.5, 1.0):
                hits: list[bool] = []
                for _ in range(pairs):
                    means = np.tile(truth("dense", rng), (2, 1))
                    means[:, :3] = np.array([[one], [two]]) * TAU
                    study = Study(means=means, error=error * TAU, rng=rng)
                    hits += [word == kind for word in study.verdicts()[:3]]
                shares.append(percent(float(np.mean(hits))))
            yield (kind, f"{one} tau against {two} tau", *shares)

    header = ("planted", "size", *(f"first error {e} tau" for e in (0.3, 0.5, 1.0)))
    return f"Planted disagreements, sampled until decided ({pairs} pairs)", header, rows()


BORDERS = {
    "consensus: both exactly at tau": ("consensus", (1.0, 1.0)),
    "consensus: 6 tau against tau": ("consensus", (6.0, 1.0)),
    "quiet: one exactly at tau": ("quiet", (1.0, 0.0)),
    "contested: 6 tau against a hair above tau": ("contested", (6.0, 1.0 + 1e-9)),
    "conflict: 6 tau against half a tau": ("conflict", (6.0, -0.5)),
}


def stopping(pairs: int) -> Table:
    """One player on a border, nine clear: the end depends on that one alone."""

    def rows() -> Iterator[Sequence[object]]:
        for name, (word, votes) in BORDERS.items():
            rates = []
            for levels in (LEVELS[:1], SAME, LEVELS):
                rng = np.random.default_rng(9)
                means = np.zeros((2, 10))
                means[:, 0] = np.array(votes) / 10
                ends = [
                    Study(means=means, error=0.04, rng=rng, levels=levels).verdicts()[0]
                    for _ in range(5 * pairs)
                ]
                rates.append(percent(float(np.mean([end == word for end in ends]))))
            yield (name, *rates)

    header = ("border case", "one look", "four looks, 5 % each", "four looks as planned")
    return f"Said too early by looking again ({5 * pairs} runs)", header, rows()


def real_twice(pairs: int) -> Table:
    """Real methods on a small network, two seeds each, sampled until decided."""

    def rows() -> Iterator[Sequence[object]]:
        games = [Remembered(toy_question(seed, n_players=12)) for seed in range(20)]
        for method in methods_named(("kernel_shap", "permutation_shap", "lime")):
            ends = [_until_decided(method, games[pair % 20], pair) for pair in range(pairs)]
            words = np.array([word for word, _, _ in ends])
            yield (
                method.card.title,
                percent(np.isin(words, FLAGS).any(axis=1).mean()),
                percent((words == "undecided").mean()),
                f"{np.mean([times for _, times, _ in ends]):.1f}",
                f"{np.mean([looks for _, _, looks in ends]):.1f}",
            )

    title = f"One method twice, two seeds, sampled until decided: {pairs} pairs"
    return title, ("method", *SPENT), rows()


class Remembered(MaskedPredictor):
    """A game of twelve players whose every coalition was asked beforehand."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self._powers = 2 ** torch.arange(self.n_players, dtype=torch.float64)
        self._asked = super().__call__(all_coalitions(self.n_players))

    def __call__(self, masks: PlayerMasks) -> Tensor:
        """Values (n, T) of masks (n, 12) of 0 and 1."""
        return self._asked[(masks @ self._powers).long()]


Ended = tuple[tuple[str, ...], float, int]  # verdicts, times the first rows, looks


def _until_decided(method: Method, game: Remembered, pair: int) -> Ended:
    """Verdicts, times the rows and looks of one pair of runs."""

    def run(seed: int, rows: int) -> Explanation:
        generator = torch.Generator().manual_seed(2 * pair + seed)
        larger = enlarged(method, game.question, rows)
        return larger.explain(game, budget=rows, generator=generator, seed=seed)[0]

    runs, rows = [run(0, FIRST), run(1, FIRST)], np.array([FIRST, FIRST])
    for look, level in enumerate(LEVELS):
        found = compare(runs, level=level)
        undecided = np.array(found.verdicts) == "undecided"
        if not undecided.any() or look == len(LEVELS) - 1:
            break
        limits = LIMIT * FIRST / rows
        factors, decided = forecast(
            found.shares,
            found.share_errors,
            found.signed,
            level=LEVELS[look + 1],
            rows=rows,
            limits=np.where(limits > MARGIN**2, limits, 1.0),
            undecided=undecided,
            part=PART if look == 0 else 1.0,
        )
        if not (decided & undecided).any():
            break
        rows = np.ceil(factors * rows).astype(int)
        runs = [run(seed, int(rows[seed])) if factors[seed] > 1 else runs[seed] for seed in (0, 1)]
    return found.verdicts, float(rows.mean() / FIRST), look + 1
