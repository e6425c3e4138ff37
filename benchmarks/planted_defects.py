"""Planted causes that lie in one answer: starved, not adding up, scaled by itself, stale."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np

from benchmarks.injected import Subject
from benchmarks.planting import N_RUNS, STARVED, WRONG, Planted, swapped, three_ways
from explainers.comparability import Standing
from explainers.explanation import MethodId
from explainers.report import ConsultRequest
from models.case import Case, FloatArray, Modality

# The fewest model runs that methods take, on a film of more regions and a text of sixty words.
STINGY: Final[Mapping[Modality, tuple[tuple[MethodId, int], ...]]] = {
    "image": (("rise", 260), ("kernel_shap", 260), ("lime", 260)),
    "tabular": (("lime_tabular", 36), ("gradient_shap", 8), ("lime", 3_600)),
    "text": (("lime", 244), ("gradient_shap", 8), ("kernel_shap", 244)),
}
MANY: Final = 64


def budget(subject: Subject) -> Iterator[Planted]:
    """The fewest model runs a method takes, where runs under other seeds really differ."""
    usual = replace(subject.request, n_players=MANY)
    before = subject.asked(usual, case=subject.hard_case)
    for method, rows in STINGY[subject.modality]:
        wanted = (*(m for m in usual.methods if m != method), method)
        starved = replace(usual, methods=wanted, budgets=((method, rows),))
        report = subject.asked(starved, case=subject.hard_case)
        if report.explanations[-1].method != method:
            continue  # it refuses so few
        alone = replace(usual, methods=(method,), budget=rows)
        if moved_on_rerun(subject, alone, subject.hard_case) >= STARVED:
            yield Planted(cause="budget", how=method, before=before, report=report)


def moved_on_rerun(subject: Subject, alone: ConsultRequest, case: Case) -> float:
    """Part of a method's evidence that lies elsewhere in runs under other seeds, their mean."""
    seeds = range(100, 100 + N_RUNS)
    runs = [subject.asked(replace(alone, seed=seed), case=case) for seed in seeds]
    shares = [run.explanations[0].shares for run in runs]
    return float(np.mean([np.abs(a - b).sum() / 2 for a, b in combinations(shares, 2)]))


def completeness(subject: Subject) -> Iterator[Planted]:
    """A complete method whose values lost or gained something."""
    mine, place = subject.report, 1
    whole = mine.explanations[place]
    largest = int(np.abs(whole.values).argmax())
    ways: dict[str, FloatArray] = {
        "a part lost": np.where(np.arange(whole.values.size) == largest, 0.0, whole.values),
        "all doubled": whole.values * 2,
        "a tenth more": whole.values * 1.1,
        "sign lost": np.abs(whole.values),
        "an offset": whole.values + 0.1 * np.abs(whole.values).max(),
    }
    for how, values in ways.items():
        if abs(values.sum() - whole.values.sum()) < 1e-12:
            continue  # nothing pointed the other way
        answer = replace(whole, values=values)
        yield Planted(
            cause="completeness", how=how, before=mine, report=swapped(mine, answer, place)
        )


def colours(subject: Subject) -> Iterator[Planted]:
    """Values, fine map or panel stretched to a maximum of their own."""
    mine = subject.report
    for place in (1, WRONG):
        e = mine.explanations[place]
        sizes = np.abs(e.values)
        spread = np.ptp(e.values)
        ways = {
            "over the maximum": e.values / sizes.max(),
            "min to max": (e.values - e.values.min()) / spread,
            "percent of the sum": 100 * e.values / sizes.sum(),
        }
        for how, values in ways.items():
            answer = replace(e, values=values)
            yield Planted(
                cause="colours", how=how, before=mine, report=swapped(mine, answer, place)
            )
    fine = mine.explanations[0]
    if fine.element_map is not None:
        stretched = replace(fine, element_map=fine.element_map / np.abs(fine.element_map).max())
        report = swapped(mine, stretched, 0)
        yield Planted(cause="colours", how="fine map", before=mine, report=report)
    ends = {e.method: float(np.abs(e.shares).max()) for e in mine.explanations}
    yield Planted(cause="colours", how="panels", before=mine, report=mine, colour_ends=ends)


def stale(subject: Subject) -> Iterator[Planted]:
    """Left over from another case, model, seed or request."""
    mine = subject.report
    yield from three_ways("stale", "other case", subject, subject.asked(case=subject.other_case))
    yield from three_ways("stale", "other model", subject, subject.asked(model=subject.other_model))
    reseeded = subject.asked(replace(subject.request, seed=subject.seed + 50))
    yield Planted(
        cause="stale",
        how="other seed",
        before=mine,
        report=swapped(mine, reseeded.explanations[WRONG]),
    )
    yield Planted(cause="stale", how="seed, two reports", before=mine, report=mine, there=reseeded)
    dearer = subject.asked(replace(subject.request, budget=2 * subject.request.budget))
    yield Planted(
        cause="stale",
        how="larger budget",
        before=mine,
        report=swapped(mine, dearer.explanations[1]),
    )
    now = Standing(
        case_digest=mine.case_digest,
        model_id=mine.model.id,
        weights_sha256=mine.model.weights_sha256,
        request=replace(mine.request, n_players=mine.request.n_players + 5),
    )
    yield Planted(cause="stale", how="pickers", before=mine, report=mine, standing=now)
    yield Planted(
        cause="stale", how="schema", before=mine, report=mine, there=mine, schema_version="1.0"
    )
