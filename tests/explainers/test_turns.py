"""Methods in turns: early words, stopping, going on; what was stopped is what was asked for."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from explainers.consult import Event, Progress, consult
from explainers.deciding import EARLY, level_of, plan
from explainers.explanation import Explanation
from explainers.memory import Memory
from explainers.outlook import AfterSeconds, Interim, Outlook, UntilDecided, outlook
from explainers.report import ConsultRequest, EvidenceReport, MethodFailure
from explainers.verdicts import ALPHA, EARLY_LEVEL, EARLY_LOOKS, LEVELS
from models.errors import CancelledError
from tests.toys import SIDE, ToyImageModel, linear_model, toy_case

CASE = toy_case(2)
METHODS = ("grad_cam", "rise", "kernel_shap", "lime")
REQUEST = ConsultRequest(
    methods=METHODS, budget=600, players="grid", n_players=36, baseline="black"
)


def curved() -> ToyImageModel:
    weights = torch.linspace(-1, 1, SIDE * SIDE).reshape(SIDE, SIDE)
    return ToyImageModel(
        lambda x: 3 * torch.tanh((x.double() * weights).sum(dim=(1, 2, 3)) / 20),
        map_score=lambda m: m.double().mean(dim=(1, 2, 3)),
    )


def run(
    request: ConsultRequest = REQUEST,
    *,
    enough: object = lambda _: False,
    memory: Memory | None = None,
) -> tuple[EvidenceReport, list[Event]]:
    events: list[Event] = []
    report = consult(
        CASE,
        curved(),
        request,
        on_event=events.append,
        enough=enough,  # type: ignore[arg-type]
        memory=memory,
    )
    return report, events


def rows_of(events: Sequence[Event]) -> int:
    """Forward rows that a run has spent."""
    return max(e.rows for e in events if isinstance(e, Progress))


def equal(one: EvidenceReport, other: EvidenceReport) -> None:
    for left, right in zip(one.explanations, other.explanations, strict=True):
        assert left.method == right.method
        assert left.rows == right.rows
        np.testing.assert_array_equal(left.values, right.values)
        if left.std_error is not None and right.std_error is not None:
            np.testing.assert_array_equal(left.std_error, right.std_error)
    assert one.agreement is not None
    assert other.agreement is not None
    assert one.agreement.verdicts == other.agreement.verdicts
    assert one.agreement.level == other.agreement.level
    assert one.request == other.request


def test_every_method_has_said_something_before_any_is_refined_twice() -> None:
    _, events = run()
    words = [
        e.explanation if isinstance(e, Interim) else e
        for e in events
        if isinstance(e, Interim | Explanation)
    ]
    assert words[0].method == "grad_cam"
    for method in ("rise", "kernel_shap", "lime"):
        rows = [e.rows for e in words if e.method == method]
        assert len(rows) > 1
        assert all(b <= 3 * a for a, b in itertools.pairwise(rows))
    kernel, lime = ([e.rows for e in words if e.method == m] for m in ("kernel_shap", "lime"))
    assert kernel == lime


def test_error_bars_shrink_from_round_to_round() -> None:
    _, events = run()
    widths = [
        float(e.explanation.std_error.mean())
        for e in events
        if isinstance(e, Interim) and e.explanation.method == "lime"
        if e.explanation.std_error is not None
    ]
    assert len(widths) > 1
    assert widths == sorted(widths, reverse=True)


def test_a_report_stopped_early_is_that_of_a_request_for_so_many_rows() -> None:
    asked: list[int] = []

    def at_the_third(found: Sequence[Explanation]) -> bool:
        asked.append(len(found))
        return len(asked) == 3

    stopped, events = run(enough=at_the_third)
    assert stopped.request.look == EARLY
    assert set(dict(stopped.request.budgets)) <= {"rise", "kernel_shap", "lime"}
    assert stopped.agreement is not None
    assert stopped.agreement.level == EARLY_LEVEL
    spent = rows_of(events)
    whole, _ = run()
    assert sum(e.rows for e in stopped.explanations) < sum(e.rows for e in whole.explanations)
    again, events = run(stopped.request)
    equal(again, stopped)
    assert rows_of(events) == spent


def test_a_round_under_way_is_left_at_once() -> None:
    """The report is then what was said before it, and can be had again."""
    seen: list[Event] = []

    def hurry() -> bool:
        words = [e for e in seen if isinstance(e, Interim)]
        return len(words) > 3 and isinstance(seen[-1], Progress)

    stopped = consult(CASE, curved(), REQUEST, on_event=seen.append, hurry=hurry, max_rows=8)
    last = max(i for i, e in enumerate(seen) if isinstance(e, Interim))
    assert sum(isinstance(e, Progress) for e in seen[last:]) == 1
    assert stopped.request.look == EARLY
    again = consult(CASE, curved(), stopped.request, max_rows=8)
    equal(again, stopped)


def test_nobody_hurries_a_method_that_has_said_nothing() -> None:
    seen: list[Event] = []
    stopped = consult(CASE, curved(), REQUEST, on_event=seen.append, hurry=lambda: True)
    assert len(stopped.explanations) == len(METHODS)
    assert not stopped.failures


def test_who_goes_on_after_a_stop_ends_where_he_would_have() -> None:
    memory = Memory()
    stopped, _ = run(enough=lambda _: True, memory=memory)
    assert stopped.request != REQUEST
    went_on, events = run(memory=memory)
    whole, others = run()
    equal(went_on, whole)
    assert rows_of(events) < rows_of(others)


def test_a_cancelled_run_leaves_what_it_has_asked() -> None:
    memory, seen = Memory(), list[Event]()

    def cancelled() -> bool:
        return sum(isinstance(e, Interim) for e in seen) > 3

    with pytest.raises(CancelledError):
        consult(CASE, curved(), REQUEST, on_event=seen.append, cancelled=cancelled, memory=memory)
    went_on, events = run(memory=memory)
    whole, others = run()
    equal(went_on, whole)
    assert rows_of(events) < rows_of(others)


def test_nobody_is_stopped_before_everybody_has_said_something() -> None:
    seen: list[Sequence[Explanation]] = []

    def enough(found: Sequence[Explanation]) -> bool:
        seen.append(found)
        return True

    stopped, _ = run(enough=enough)
    assert len(seen) == 1
    assert {e.method for e in seen[0]} == set(METHODS)
    for explanation in stopped.explanations:
        if explanation.method in ("kernel_shap", "lime"):
            assert explanation.rows >= 4 * (stopped.players.count + 1)


def test_a_method_that_cannot_answer_does_not_keep_others_from_stopping() -> None:
    model = linear_model(torch.ones(1, SIDE, SIDE) / SIDE)
    object.__setattr__(model.card, "capabilities", frozenset({"gradient"}))
    report = consult(CASE, model, REQUEST, enough=lambda _: True)
    assert [f.method for f in report.failures] == ["grad_cam"]
    assert isinstance(report.failures[0], MethodFailure)
    assert report.request.look == EARLY


def test_the_outlook_says_what_stopping_costs() -> None:
    _, events = run()
    looks = [e for e in events if isinstance(e, Outlook)]
    assert looks
    report, _ = run()
    assert report.agreement is not None
    assert all(0 <= each.open_then <= each.open_now <= each.n_players for each in looks)
    assert looks[0].n_players == report.players.count


def test_there_is_no_outlook_for_one_voice() -> None:
    report, _ = run()
    assert outlook(report.explanations[:1], {}) is None


def test_levels_of_looks_and_early_ends_make_five_percent() -> None:
    assert sum(LEVELS) + EARLY_LOOKS * EARLY_LEVEL == pytest.approx(ALPHA)
    assert level_of(EARLY) == EARLY_LEVEL


def test_sampling_goes_on_from_an_early_end_at_the_next_look() -> None:
    stopped, _ = run(replace(REQUEST, methods=("kernel_shap", "lime")), enough=lambda _: True)
    step = plan(stopped)
    assert step is not None
    assert step.request is not None
    assert step.request.look == 0


def said(share: float, error: float, *, rows: int) -> list[Explanation]:
    """Two methods that name the same player of four, with error bars."""
    report, _ = run()
    four = replace(report.explanations[2])
    values = np.full(report.players.count, 1e-6)
    values[0] = share
    return [
        replace(
            four, method=method, values=values, std_error=np.full_like(values, error), rows=rows
        )
        for method in ("kernel_shap", "lime")
    ]


def test_until_decided_stops_when_all_is_clear_and_looks_a_few_times_only() -> None:
    clear, open_ = said(1.0, 1e-5, rows=100), said(1.0, 0.2, rows=100)
    assert UntilDecided()(clear)
    rule = UntilDecided()
    assert not rule(open_)
    assert not rule(clear)  # not before twice the rows: looking often finds anything
    for _ in range(EARLY_LOOKS):
        open_ = [replace(e, rows=2 * e.rows) for e in open_]
        rule(open_)
    assert rule.looks == EARLY_LOOKS
    assert not rule([replace(e, rows=10**6) for e in clear])


def test_after_seconds_waits_for_its_time() -> None:
    now = [0.0]
    rule = AfterSeconds(seconds=5.0, clock=lambda: now[0])
    assert not rule([])
    now[0] = 5.0
    assert rule([])
