"""The randomised-weights twin: does an explanation change when the model's learning is gone?

Cascading randomisation (Adebayo et al., NeurIPS 2018, arXiv:1810.03292, section 3.1): twins of the
model with random weights from the head down are explained as the model was, and the maps compared.
Differs: weights are shuffled within their layer (`models.twins`); similarity is measured between
two marks, the twin's maps of other cases below, the method's own re-run above; what decides is a
stated rule with an interval over cases and twins, not the eye.
"""

import time
from collections.abc import Sequence

import numpy as np

from explainers.asking import ask
from explainers.case_sanity import CaseSanity, case_sanity
from explainers.engine import Runtime
from explainers.explanation import MethodId
from explainers.methods import methods_named
from explainers.methods.base import Method
from explainers.sanity_report import (
    N_TWINS,
    MethodSanity,
    SanityReport,
)
from explainers.twin_bench import (
    TwinBench,
    budget_for,
    depths_of,
    on_pixels,
    ranks_of_maps,
    request_for,
    twin_bench,
)
from models.adapter import HasTwin, ModelAdapter
from models.case import Case, FloatArray
from models.devices import rows_per_pass
from models.errors import CancelledError, ConsiliumError


def sanity(
    model: ModelAdapter,
    cases: Sequence[Case],
    methods: Sequence[MethodId],
    *,
    runtime: Runtime | None = None,
    n_twins: int | None = None,
) -> SanityReport:
    """Compare methods' maps of a model with those of its randomised twins.

    Args:
        model: The model; of several kinds only networks have a twin.
        cases: Two or more, of its modality.
        methods: Which to ask; those that cannot answer are named with the reason.
        runtime: How to compute; None takes the device's default.
        n_twins: At each depth; None takes the modality's default.

    Raises:
        UnsupportedMethodError: the model has no weights to randomise.
        CancelledError: the user cancelled.
    """
    count = n_twins or N_TWINS[model.card.modality]
    bench = twin_bench(model, cases, runtime or _default_runtime(model), n_twins=count)
    started, before = time.perf_counter(), bench.runtime.rows
    found, refused = [], {}
    for method in methods_named(dict.fromkeys(methods)):
        try:
            found.append(_examined(bench, method, cases))
        except CancelledError:
            raise
        except ConsiliumError as error:
            refused[method.card.id] = str(error)
    return SanityReport(
        model_id=model.card.id,
        weights_sha256=model.card.weights_sha256,
        depths=bench.depths,
        n_cases=len(cases),
        n_twins=count,
        methods=tuple(found),
        refused={str(name): why for name, why in refused.items()},
        rows=bench.runtime.rows - before,
        seconds=time.perf_counter() - started,
    )


def sanity_of_case(
    model: ModelAdapter,
    case: Case,
    found: SanityReport,
    reference: Sequence[Case],
    *,
    target: str | None = None,
    runtime: Runtime | None = None,
) -> tuple[CaseSanity, ...]:
    """What survives of each method's map of one case.

    Args:
        model: The model that `found` is about.
        case: The case.
        found: Over the reference cases: gives floors and ceilings.
        reference: The cases that `found` was made from: they make the same twins.
        target: Class explained; None takes the most probable.
        runtime: How to compute.

    Raises:
        ConsiliumError: see `sanity`.
    """
    runtime = runtime or _default_runtime(model)
    bench = twin_bench(model, reference, runtime, n_twins=found.n_twins)
    answers = []
    for entry in found.methods:
        (method,) = methods_named([entry.method])
        (map_,) = bench.maps(method, model, [case], target=target)
        own = [
            [map_ @ bench.maps(method, twin, [case], target=target)[0] for twin in twins]
            for twins in bench.twins
        ]
        answers.append(case_sanity(entry, np.array(own)))
    return tuple(answers)


def rows_of_sanity(model: ModelAdapter, cases: Sequence[Case], methods: Sequence[MethodId]) -> int:
    """Model rows that `sanity` will spend, about."""
    if not isinstance(model, HasTwin):
        return 0
    total = 0
    question = ask(cases[0], model, request_for(model))
    for method in methods_named(dict.fromkeys(methods)):
        budget = budget_for(method, question)
        try:
            method.require(question, budget)
        except ConsiliumError:
            continue
        runs = 1 + len(depths_of(model)) * N_TWINS[model.card.modality] + method.card.stochastic
        total += runs * (1 + question.masker.n_draws + method.rows_needed(question, budget))
    return total * len(cases)


def _examined(bench: TwinBench, method: Method, cases: Sequence[Case]) -> MethodSanity:
    """One method over all cases and twins."""
    explained = bench.explained(method, bench.model, cases)
    ours = ranks_of_maps(explained)
    ceiling = np.ones(len(ours))
    if method.card.stochastic:
        again = ranks_of_maps(bench.explained(method, bench.model, cases, seed=1))
        ceiling = np.array([a @ b for a, b in zip(ours, again, strict=True)])
    matched = bench.model.card.modality != "text"  # no word of one text is a word of another
    own, other = [], []
    for twins in bench.twins:
        maps = [bench.maps(method, twin, cases) for twin in twins]
        pairs = [_alike(ours, found, matched=matched) for found in maps]
        own.append(np.stack([pair[0] for pair in pairs], axis=1))
        other.append(np.stack([pair[1] for pair in pairs], axis=1))
    return MethodSanity(
        method=method.card.id,
        level="pixels" if on_pixels(explained[0]) else "parts",
        own=np.array(own),
        other=np.array(other),
        ceiling=ceiling,
    )


def _alike(
    ours: Sequence[FloatArray], twins: Sequence[FloatArray], *, matched: bool
) -> tuple[FloatArray, ...]:
    """(C,) similarity with the twin's map of the same case, and mean with those of other cases.

    Where parts of different cases cannot be matched, the latter is 0.
    """
    if not matched:
        same = np.array([a @ b for a, b in zip(ours, twins, strict=True)])
        return same, np.zeros_like(same)
    table = np.stack(ours) @ np.stack(twins).T
    own = np.diag(table)
    defined = np.isfinite(table) & ~np.eye(len(table), dtype=np.bool_)
    count = defined.sum(axis=1)
    total = np.where(defined, table, 0.0).sum(axis=1)
    return own, np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _default_runtime(model: ModelAdapter) -> Runtime:
    """As much at once as the device likes."""
    return Runtime(max_rows=rows_per_pass(model.device, model.card.modality))
