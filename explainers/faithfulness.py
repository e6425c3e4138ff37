"""Deletion and insertion curves of every method, between random orders and the best one known.

A method's values order the players; the model is asked along that order. All coalitions, of methods
and of the orders they are compared with, go through one engine, each once.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from explainers.bank_orders import draw_orders, with_reverses
from explainers.coalition_values import FIRST, CoalitionValues, curves_of
from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Explanation
from explainers.faithfulness_report import (
    DIRECTIONS,
    BestSource,
    Direction,
    Faithfulness,
    MethodCurves,
    Reference,
)
from explainers.orders import (
    N_INTERVALS,
    IntArray,
    additive_fit,
    area,
    best_order,
    chains,
    coalition_sizes,
    curve_sizes,
    order_of,
)
from explainers.question import Question
from explainers.shares import pool
from models.case import FloatArray, Modality, digest_of
from models.errors import IncomparableError

N_ORDERS: Final = 20  # random orders, half of them reverses; with 20 a p-value can be 0.045
N_FREE_ORDERS: Final = 400  # where every coalition is known and orders cost no rows
BANK: Final = "coalitions"  # the stream of random numbers that methods draw their bank from
# Rows up to which all 2^P coalitions are asked: half of what a method asks of a film or text, or
# what one method may spend on a record (report.BUDGET_OF).
COMPLETE_ROWS: Final[Mapping[Modality, int]] = {"image": 512, "tabular": 500_000, "text": 512}
BAND: Final = (0.05, 0.95)  # quantiles over random orders that are drawn
Tried: TypeAlias = tuple[BestSource, FloatArray]  # where an order comes from; its (G,) curve


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sweep:
    """What random and best orders are drawn from.

    Attributes:
        values: The game with a memory.
        sizes: (G,) at which curves are read.
        random: (M, G) values of their chains, by players present.
        every: (2^P,) values of all coalitions, player 0 the lowest bit; None where too many.
    """

    values: CoalitionValues
    sizes: IntArray
    random: FloatArray
    every: FloatArray | None


def faithfulness(
    question: Question,
    explanations: Sequence[Explanation],
    *,
    seed: int = 0,
    runtime: Runtime | None = None,
    values: CoalitionValues | None = None,
) -> Faithfulness:
    """Draw every method's curves on the question's players and baseline, for its first target.

    Args:
        question: What was explained.
        explanations: Answers to it; their values are pooled onto its players.
        seed: Of the random orders, and of the order of players with equal values.
        runtime: How to compute; None takes the device's default.
        values: What is known of the question already; None knows nothing. With a bank of
            coalitions of the same seed the random orders cost nothing more.

    Raises:
        IncomparableError: an explanation is about another case, model, class or scale.
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.

    Reference:
        Petsiuk, Das & Saenko, BMVC 2018, arXiv:1806.07421 (deletion, insertion); Samek et al., IEEE
        TNNLS 2017, arXiv:1509.06321 (against random orders). Differs: players instead of pixels,
        the explained scale instead of probability only, areas placed between random and best.
    """
    _require_same(question, explanations)
    started, game = time.perf_counter(), MaskedPredictor(question, runtime)
    if values is not None:
        game = values.game
    spent, draw = game.rows, np.random.default_rng(_stream(question, seed))
    tie_break = draw.permutation(question.players.count)
    sweep = _sweep(CoalitionValues(game) if values is None else values, seed, draw)
    methods = tuple(_method(sweep, e, question, tie_break) for e in explanations)
    return Faithfulness(
        case_digest=question.case.digest,
        players_digest=question.players.digest(),
        target=question.targets[0],
        scale=question.scale,
        baseline=question.masker.baseline.name,
        sizes=sweep.sizes,
        value_full=float(game.value_full[FIRST]),
        value_empty=float(game.value_empty[FIRST]),
        deletion=_reference(sweep, "deletion", methods),
        insertion=_reference(sweep, "insertion", methods),
        methods=methods,
        is_complete=sweep.every is not None,
        rows=game.rows - spent,
        seconds=time.perf_counter() - started,
        seed=seed,
    )


def _require_same(question: Question, explanations: Sequence[Explanation]) -> None:
    """Refuse answers to another question."""
    card = question.model.card
    asked = (question.case.digest, card.id, card.weights_sha256)
    asked_what = (question.targets[0], question.scale)
    for e in explanations:
        about = (e.case_digest, e.model_id, e.weights_sha256)
        if about != asked or (e.target, e.scale) != asked_what:
            raise IncomparableError(
                f"The values of {e.method} answer another question than the one asked here.",
                "Compute them again for this case, model, class and scale.",
            )


def _stream(question: Question, seed: int) -> int:
    """Seed of the random orders: of the request and the case alone."""
    parts = (str(seed), "faithfulness", question.case.digest)
    return int(digest_of(*(part.encode() for part in parts))[:16], 16)


def _sweep(values: CoalitionValues, seed: int, draw: np.random.Generator) -> _Sweep:
    """Ask about random orders; about every coalition where that costs no more."""
    game = values.game
    n_players, modality = game.n_players, game.question.case.modality
    sizes, every = curve_sizes(n_players), None
    if n_players <= N_INTERVALS and game.row_cost * 2**n_players <= COMPLETE_ROWS[modality]:
        codes = np.arange(2**n_players)[:, None]
        every = values((codes >> np.arange(n_players)) & 1 == 1)
        alike = np.tile(np.arange(n_players), (N_FREE_ORDERS // 2, 1))
        orders = draw.permuted(alike, axis=1)
    else:  # those whose coalitions methods asked, where they asked a bank
        stream = generator_for(seed, BANK, game.question.case)
        orders = draw_orders(n_players, stream)
    random = values(chains(with_reverses(orders), sizes))
    return _Sweep(values=values, sizes=sizes, random=random, every=every)


def _method(
    sweep: _Sweep, explanation: Explanation, question: Question, tie_break: IntArray
) -> MethodCurves:
    """The curves of one method; undefined where every value is 0."""
    values = pool(explanation, question.players)[0]
    order, n_tied = order_of(values, tie_break)
    if values.any():
        deletion, insertion = (
            curves_of(sweep.values, order[None], sweep.sizes, direction)[0]
            for direction in DIRECTIONS
        )
    else:
        order, deletion = order[:0], np.full(len(sweep.sizes), np.nan)
        insertion = deletion
    return MethodCurves(
        method=explanation.method,
        order=order,
        n_tied=n_tied,
        deletion=deletion,
        insertion=insertion,
        deletion_auc=float(area(deletion, sweep.sizes)),
        insertion_auc=float(area(insertion, sweep.sizes)),
        completeness_gap=explanation.completeness_gap,
    )


def _reference(sweep: _Sweep, direction: Direction, methods: Sequence[MethodCurves]) -> Reference:
    """Random orders and the best known order in one direction."""
    random = sweep.random if direction == "insertion" else sweep.random[:, ::-1]
    aucs, curve = area(random, sweep.sizes), random.mean(axis=0)
    pairs = random.reshape(len(random) // 2, 2, -1).mean(axis=1)  # an order and its reverse
    root = np.sqrt(len(pairs))
    curve_error = pairs.std(axis=0, ddof=1) / root
    auc_error = area(pairs, sweep.sizes).std(ddof=1) / root
    if sweep.every is not None:
        curve, curve_error, auc_error = _expected(sweep.every, direction), 0.0 * curve_error, 0.0
    best_source, best_curve = _best(sweep, direction, methods, random)
    low, high = np.quantile(random, BAND, axis=0)
    return Reference(
        direction=direction,
        curve=curve,
        curve_error=curve_error,
        low=low,
        high=high,
        auc=float(area(curve, sweep.sizes)),
        auc_error=float(auc_error),
        aucs=aucs,
        best_curve=best_curve,
        best_auc=float(area(best_curve, sweep.sizes)),
        best_source=best_source,
    )


def _expected(every: FloatArray, direction: Direction) -> FloatArray:
    """(P + 1,) mean over all coalitions of each size: the expectation over all orders."""
    sizes = coalition_sizes(len(every).bit_length() - 1)
    curve = np.bincount(sizes, every) / np.bincount(sizes)
    return np.asarray(curve if direction == "insertion" else curve[::-1])


def _best(
    sweep: _Sweep, direction: Direction, methods: Sequence[MethodCurves], random: FloatArray
) -> Tried:
    """The best order there is where every coalition is known; else the best of those tried."""
    tried: list[Tried] = [
        (source, curves_of(sweep.values, order[None], sweep.sizes, direction)[0])
        for source, order in _proposed(sweep, direction)
    ]
    if sweep.every is None:
        known: list[Tried] = [(m.method, m.curve(direction)) for m in methods if len(m.order)]
        tried = known + tried + [("random order", curve) for curve in random]
    areas = area(np.stack([curve for _, curve in tried]), sweep.sizes)
    return tried[int(areas.argmax() if direction == "insertion" else areas.argmin())]


def _proposed(sweep: _Sweep, direction: Direction) -> list[tuple[BestSource, IntArray]]:
    """Orders worth trying beside the methods': what single players and an additive fit say."""
    n_players = int(sweep.sizes[-1])
    if sweep.every is not None:
        if direction == "insertion":
            return [("every order", best_order(sweep.every, n_players))]
        return [("every order", best_order(-sweep.every, n_players)[::-1])]
    fit = additive_fit(*sweep.values.all_known())
    alone = np.eye(n_players, dtype=np.bool_)
    single: BestSource = "one shown" if direction == "insertion" else "one hidden"
    effects = sweep.values(alone) if direction == "insertion" else -sweep.values(~alone)
    return [("additive fit", np.argsort(-fit)), (single, np.argsort(-effects))]
