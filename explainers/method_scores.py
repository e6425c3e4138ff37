"""Score methods on one model over many cases; the ranking is made of what comes out."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from explainers.asking import ask
from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Explanation, MethodId
from explainers.faithfulness import COMPLETE_ROWS, N_ORDERS
from explainers.methods import METHODS, methods_named
from explainers.methods.base import Method
from explainers.orders import N_INTERVALS, curve_sizes
from explainers.question import Question
from explainers.ranking import BUDGET, MethodRanking
from explainers.report import ConsultRequest, default_request
from models.adapter import ModelAdapter
from models.case import Case
from models.devices import rows_per_pass
from models.errors import CancelledError, ConsiliumError

# Scores of one case by method; a method that is left out has none.
Score: TypeAlias = Callable[[Question, Sequence[Explanation], Runtime], Mapping[MethodId, float]]
RowsOfScore: TypeAlias = Callable[[Question, int], int]  # of the answers of so many methods

MEASURE: Final = (
    "faithfulness: mean of the deletion and insertion scores, 0 = a random order of the parts, "
    "1 = the best order known; higher is better"
)


def method_scores(
    model: ModelAdapter,
    cases: Sequence[Case],
    methods: Sequence[MethodId],
    score: Score,
    *,
    measure: str = MEASURE,
    runtime: Runtime | None = None,
) -> MethodRanking:
    """Explain every case by every method and score the answers.

    Args:
        model: The model.
        cases: Of its modality.
        methods: Which to ask; those that cannot answer are named with the reason.
        score: Scores the answers of one case; higher is better.
        measure: What the score is, in words.
        runtime: How to compute.

    Raises:
        CancelledError: the user cancelled.
        ConsiliumError: the cases do not fit the model.
    """
    runtime = runtime or Runtime(max_rows=rows_per_pass(model.device, model.card.modality))
    started, before = time.perf_counter(), runtime.rows
    request, refused = ranking_request(model), dict[str, str]()
    table = []
    for case in cases:
        question = ask(case, model, request)
        answers = _answers(question, methods, runtime, refused)
        found = score(question, answers, runtime) if answers else {}
        table.append([found.get(method, np.nan) for method in methods])
    scores = np.array(table, dtype=np.float64).reshape(len(cases), len(methods))
    kept = [m for m, method in enumerate(methods) if method not in refused]
    return MethodRanking(
        model_id=model.card.id,
        measure=measure,
        methods=tuple(methods[m] for m in kept),
        scores=scores[:, kept],
        refused=refused,
        rows=runtime.rows - before,
        seconds=time.perf_counter() - started,
    )


def ranking_request(model: ModelAdapter) -> ConsultRequest:
    """What is asked of every case: the model's default question, at a budget for many cases."""
    return replace(default_request(model.card), budget=BUDGET[model.card.modality])


def candidates(model: ModelAdapter, cases: Sequence[Case]) -> tuple[MethodId, ...]:
    """Methods that can answer at this budget, references to other packages left out."""
    question, found = ask(cases[0], model, ranking_request(model)), []
    for method in METHODS:
        if method.card.id.startswith("reference_"):
            continue
        if _can(method, question, BUDGET[model.card.modality]):
            found.append(method.card.id)
    return tuple(found)


def _can(method: Method, question: Question, budget: int) -> bool:
    """Whether a method answers such a question at all."""
    try:
        method.require(question, budget)
    except ConsiliumError:
        return False
    return True


def rows_of_scores(
    model: ModelAdapter,
    cases: Sequence[Case],
    methods: Sequence[MethodId],
    rows_of_score: RowsOfScore = lambda *_: 0,
) -> int:
    """Model rows that explaining and scoring will spend, about; methods that cannot answer none.

    Args:
        model: The model.
        cases: Of its modality.
        methods: Which will be asked.
        rows_of_score: Rows of scoring one case's answers.
    """
    budget, total = BUDGET[model.card.modality], 0
    for case in cases:
        question = ask(case, model, ranking_request(model))
        willing = [method for method in methods_named(methods) if _can(method, question, budget)]
        total += 1 + question.masker.n_draws + rows_of_score(question, len(willing))
        total += sum(method.rows_needed(question, budget) for method in willing)
    return total


def rows_of_curves(question: Question, n_methods: int) -> int:
    """Rows of the deletion and insertion curves of so many answers, at most.

    Every order, there and back, at every size between the ends: the random ones, which are their
    own reverses, each method's, and two that are tried beside them, of which one asks for every
    player alone.
    """
    n_players, draws = question.players.count, question.masker.n_draws
    shared = 1 + draws  # the whole case and its absence
    every = draws * (1 << n_players)
    if n_players <= N_INTERVALS and every <= COMPLETE_ROWS[question.case.modality]:
        return shared + every
    between = len(curve_sizes(n_players)) - 2
    return shared + draws * (between * (N_ORDERS + 2 * n_methods + 4) + 2 * n_players)


def _answers(
    question: Question,
    methods: Sequence[MethodId],
    runtime: Runtime,
    refused: dict[str, str],
) -> list[Explanation]:
    """One case by every method; who cannot answer is noted and left out."""
    game = MaskedPredictor(question, runtime)
    found: list[Explanation] = []
    for method in methods_named(methods):
        draw = generator_for(0, method.draws_as, question.case)
        try:
            answer = method.explain(
                game, budget=BUDGET[question.case.modality], generator=draw, seed=0
            )
        except CancelledError:
            raise
        except ConsiliumError as error:
            refused[method.card.id] = str(error)
        else:
            found += answer
    return found
