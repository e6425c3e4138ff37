"""Ask every method again, under another seed and about noisy copies of the case."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

import numpy as np
import torch

from explainers.asking import ask
from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Explanation, MethodId
from explainers.maskers.baselines import image_baseline
from explainers.maskers.names import ImageBaseline
from explainers.maskers.region import RegionMasker
from explainers.methods import methods_named
from explainers.metrics import default_k
from explainers.question import Question
from explainers.report import ConsultRequest
from explainers.spending import allowed
from explainers.stability_report import Likeness, MethodStability, StabilityReport, likeness
from models.case import Case, FloatArray, Modality
from models.errors import ExplainError
from models.inputs.tabular import record_case
from models.schema import Column

N_NOISY: Final = 3
RELATIVE_NOISE: Final = 0.01  # of the grey range of a film, of the spread of a number
# Half the distance of the 2.5th and 97.5th percentile is two standard deviations of a normal.
SPREAD: Final = ((2.5, 97.5), 4.0)
WORDS: Final[Mapping[Modality, str]] = {
    "image": f"Noise: {N_NOISY} copies of the film with Gaussian noise of {RELATIVE_NOISE:.0%} of "
    "the grey range added to what the model reads.",
    "tabular": f"Noise: {N_NOISY} copies of the record with Gaussian noise of {RELATIVE_NOISE:.0%} "
    "of each number's spread; whole numbers, categories and missing values are kept.",
    "text": "No noisy copies: a text has no change of wording that is sure to mean nothing.",
}


def stability(
    question: Question,
    explanations: Sequence[Explanation],
    request: ConsultRequest,
    *,
    runtime: Runtime | None = None,
) -> StabilityReport:
    """Compare each explanation with those under another seed and under small input noise.

    Args:
        question: What was explained.
        explanations: The answers, one a method.
        request: What was asked for: budget, seed and baseline are used again.
        runtime: How to compute; None takes the device's default.

    Raises:
        ExplainError: there are no explanations.
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
    """
    if not explanations:
        raise ExplainError("There is no explanation whose stability could be measured.")
    started, game = time.perf_counter(), MaskedPredictor(question, runtime)
    before = game.rows
    k = default_k(np.stack([e.values for e in explanations]))
    noisy = [
        MaskedPredictor(copy, game.runtime)
        for copy in _NOISY[question.case.modality](question, request)
    ]
    found = [_method(explanation, game, noisy, request, k) for explanation in explanations]
    return StabilityReport(
        k=k,
        noise=WORDS[question.case.modality],
        value=float(game.value_full[0]),
        noisy_values=tuple(float(copy.value_full[0]) for copy in noisy),
        methods=tuple(found),
        rows=game.rows - before,
        seconds=time.perf_counter() - started,
    )


def rows_of_stability(
    question: Question, methods: Sequence[MethodId], request: ConsultRequest
) -> int:
    """Model rows that `stability` will spend on these methods, at most."""
    n_noisy = 0 if question.case.modality == "text" else N_NOISY
    total = (1 + n_noisy) * (1 + question.masker.n_draws)
    for named in methods_named(methods):
        method = allowed(named, question, request)
        rows = method.rows_needed(question, request.budget_of(method.card.id))
        total += (n_noisy + method.card.stochastic) * rows
    return total


def _method(
    explanation: Explanation,
    game: MaskedPredictor,
    noisy: Sequence[MaskedPredictor],
    request: ConsultRequest,
    k: int,
) -> MethodStability:
    """One method against itself."""
    (named,) = methods_named([explanation.method])
    method = allowed(named, game.question, request)  # as it was asked the first time
    budget = request.budget_of(method.card.id)

    def again(asked: MaskedPredictor, seed: int) -> Likeness:
        draw = generator_for(seed, method.draws_as, game.question.case)
        answer = method.explain(asked, budget=budget, generator=draw, seed=seed)[0]
        return likeness(explanation.values, answer.values, k)

    return MethodStability(
        method=method.card.id,
        reseeded=again(game, request.seed + 1) if method.card.stochastic else None,
        noisy=tuple(again(copy, request.seed) for copy in noisy),
    )


def _noisy_films(question: Question, request: ConsultRequest) -> Iterator[Question]:
    """The same regions over noisy inputs; the baseline is made from each, as for the film."""
    for draw in _draws(question.case):
        inputs = question.inputs
        spread = RELATIVE_NOISE * float(inputs.max() - inputs.min())
        noise = torch.randn(inputs.shape, generator=draw).to(inputs)
        moved = (inputs + spread * noise).clamp(inputs.min(), inputs.max())
        baseline, contents = image_baseline(cast("ImageBaseline", request.baseline), moved)
        masker = RegionMasker(moved, contents, baseline=baseline, players=question.players)
        yield replace(question, inputs=moved, masker=masker)


def _noisy_records(question: Question, request: ConsultRequest) -> Iterator[Question]:
    """The same features of records that differ a little."""
    record = question.case.record
    for draw in _draws(question.case):
        cells = zip(record.schema.columns, record.values, strict=True)
        values = [_moved(column, value, draw) for column, value in cells]
        case = record_case(values, record.schema, name=question.case.name)
        yield replace(ask(case, question.model, request), targets=question.targets)


def _no_copies(_: Question, __: ConsultRequest) -> Iterator[Question]:
    """None: see WORDS."""
    return iter(())


_NOISY: Final[Mapping[Modality, Callable[[Question, ConsultRequest], Iterator[Question]]]] = {
    "image": _noisy_films,
    "tabular": _noisy_records,
    "text": _no_copies,
}


def _moved(column: Column, value: float, draw: torch.Generator) -> float | None:
    """A number with noise, within what the training data hold; anything else as it is."""
    step = float(torch.randn((), generator=draw))
    if np.isnan(value):
        return None
    if column.kind == "category" or column.whole:
        return float(value)
    (low, high), deviations = SPREAD
    ranks: FloatArray = np.asarray(column.percentiles)
    between = np.interp([low, high], np.arange(len(ranks)), ranks)
    spread = float(between[1] - between[0]) / deviations
    moved = float(value) + RELATIVE_NOISE * spread * step
    outside = not column.low <= value <= column.high
    return moved if outside else float(np.clip(moved, column.low, column.high))


def _draws(case: Case) -> Iterator[torch.Generator]:
    """A generator for each noisy copy; fixed by the case."""
    for index in range(N_NOISY):
        yield generator_for(index, "noise", case)
