"""An aggregate of the methods, weighted by faithfulness and held to the same test as they are.

Weights come from the curves under the question's own baseline. Judged on those same curves alone
the aggregate would look better than it is, so it must also be ahead under other baselines, whose
curves the weights have never seen.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from explainers.asking import ask
from explainers.coalition_values import CoalitionValues, curves_of
from explainers.consensus_report import (
    Consensus,
    Outcome,
    Trial,
    aggregate,
    minority_report,
    weights_of,
)
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Explanation
from explainers.faithfulness import faithfulness
from explainers.faithfulness_report import DIRECTIONS, NEGLIGIBLE, Faithfulness
from explainers.maskers.names import BASELINES_OF
from explainers.orders import IntArray, area, every_other, order_of
from explainers.question import Question
from explainers.report import EvidenceReport
from explainers.shares import gather
from models.adapter import ModelAdapter
from models.case import Case, FloatArray
from models.errors import IncomparableError

N_OTHERS: Final = 2  # baselines beside the question's own
FEWEST: Final = 2  # methods that make an aggregate


def examine(
    case: Case,
    model: ModelAdapter,
    report: EvidenceReport,
    *,
    runtime: Runtime | None = None,
    values: CoalitionValues | None = None,
) -> tuple[Faithfulness, Consensus]:
    """Curves of a report's methods, and their aggregate.

    Args:
        case: What the report is about.
        model: The adapter asked.
        report: Its request is asked again.
        runtime: How to compute; None takes the device's default.
        values: What is known of the report's question, with its engine; None knows nothing.

    Raises:
        IncomparableError: the report is about another case or model.
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
    """
    if values is None:
        values = CoalitionValues(MaskedPredictor(ask(case, model, report.request), runtime))
    question, seed = values.game.question, report.request.seed
    found = faithfulness(question, report.explanations, seed=seed, values=values)
    others = asked_otherwise(case, model, report)
    return found, consensus(question, report.explanations, found, others, values=values)


def asked_otherwise(case: Case, model: ModelAdapter, report: EvidenceReport) -> Iterator[Question]:
    """The report's question under two other baselines, built when wanted."""
    own = report.request.baseline
    names = [name for name in BASELINES_OF[case.modality] if name != own]
    for name in names[:N_OTHERS]:
        yield ask(case, model, replace(report.request, baseline=name))


def consensus(
    question: Question,
    explanations: Sequence[Explanation],
    found: Faithfulness,
    others: Iterable[Question],
    *,
    runtime: Runtime | None = None,
    values: CoalitionValues | None = None,
) -> Consensus:
    """Weigh the methods, put the aggregate through the curves, and say whether it is better.

    Args:
        question: What was explained.
        explanations: Answers to it.
        found: Their curves.
        others: The same question under other baselines; asked only when the aggregate is ahead.
        runtime: How to compute; None takes the device's default.
        values: What is known of the question already; None knows nothing.

    Raises:
        IncomparableError: the curves are of other methods, or another question has other players.
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
    """
    if [e.method for e in explanations] != [m.method for m in found.methods]:
        raise IncomparableError("The curves are those of other methods.")
    started = time.perf_counter()
    if values is None:
        values = CoalitionValues(MaskedPredictor(question, runtime))
    spent = values.game.rows
    evidence = gather(explanations, question.players)
    weights = weights_of(found)
    shares = aggregate(evidence.shares, weights)
    order = _order(found, shares)
    outcome, curves, trials = _judged(values, found, weights, order, others)
    areas = area(curves, found.sizes)
    shown = outcome == "shown"
    methods = tuple(method.method for method in found.methods)
    return Consensus(
        case_digest=found.case_digest,
        players_digest=found.players_digest,
        methods=methods,
        weights=weights,
        scores=np.array([found.mean_score(method) for method in found.methods]),
        shares=shares,
        order=order,
        deletion=curves[0],
        insertion=curves[1],
        deletion_auc=float(areas[0]),
        insertion_auc=float(areas[1]),
        score=_score(found, areas),
        trials=trials,
        outcome=outcome,
        minority=minority_report(methods, evidence.shares, evidence.signed, shares)
        if shown
        else (),
        rows=values.game.rows - spent,
        seconds=time.perf_counter() - started,
    )


def _order(found: Faithfulness, shares: FloatArray) -> IntArray:
    """(P,) players by share; equal ones in the order of the best method. Empty without shares."""
    if np.isnan(shares).any():
        return np.arange(0)
    best = max((m for m in found.methods if len(m.order)), key=found.mean_score)
    return order_of(shares, best.order)[0]


def _judged(
    values: CoalitionValues,
    found: Faithfulness,
    weights: FloatArray,
    order: IntArray,
    others: Iterable[Question],
) -> tuple[Outcome, FloatArray, tuple[Trial, ...]]:
    """Whether the aggregate is ahead of every method: here, and then elsewhere."""
    undefined = np.full((len(DIRECTIONS), len(found.sizes)), np.nan)
    counting = int((weights > 0).sum())
    if counting == 0 or not len(order):
        return "no method counts", undefined, ()
    if counting < FEWEST:
        return "one method counts", undefined, ()
    curves = _curves(values, order[None], found.sizes)[:, 0]
    best = max(found.mean_score(m) for m in found.methods if len(m.order))
    if not _score(found, area(curves, found.sizes)) > best + NEGLIGIBLE:
        return "not ahead here", curves, ()
    trials = []
    for other in others:
        trials.append(_trial(MaskedPredictor(other, values.game.runtime), found, order))
        if not trials[-1].is_ahead:
            return "not ahead elsewhere", curves, tuple(trials)
    return "shown", curves, tuple(trials)


def _trial(game: MaskedPredictor, found: Faithfulness, order: IntArray) -> Trial:
    """The aggregate's order and those of the methods under another baseline."""
    if game.question.players.digest() != found.players_digest:
        raise IncomparableError("The same question must have the same players.")
    told = np.array([len(method.order) > 0 for method in found.methods])
    orders = [method.order for method in found.methods if len(method.order)]
    sizes = every_other(found.sizes)
    curves = _curves(CoalitionValues(game), np.stack([order, *orders]), sizes)
    deletion, insertion = area(curves, sizes)
    gains = np.full(len(told), np.nan)
    gains[told] = (insertion - deletion)[1:]
    baseline = game.question.masker.baseline.name
    return Trial(baseline=baseline, gain=float(insertion[0] - deletion[0]), gains=gains)


def _curves(values: CoalitionValues, orders: IntArray, sizes: IntArray) -> FloatArray:
    """(2, n, G) deletion and insertion curves of orders (n, P)."""
    return np.stack([curves_of(values, orders, sizes, way) for way in DIRECTIONS])


def _score(found: Faithfulness, areas: FloatArray) -> float:
    """Mean score of two areas."""
    pairs = zip(DIRECTIONS, areas, strict=True)
    return float(np.mean([found.reference(direction).score(float(a)) for direction, a in pairs]))
