"""Plans of further sampling: where they spend, when they stop, and that they end at one place."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.toy import SIDE, ToyNetwork
from explainers.bank_remark import BANK
from explainers.consult import Event, Progress, consult
from explainers.deciding import LIMIT, Plan, forecast, level_of, plan, plan_line
from explainers.report import ConsultRequest, EvidenceReport
from explainers.sampling_on import sample_on
from explainers.verdicts import ALPHA, LEVELS, Verdict, judge
from models.case import FloatArray, image_case
from models.errors import CancelledError

FILM = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
CASE, MODEL = image_case(FILM, name="toy"), ToyNetwork(3)
REQUEST = ConsultRequest(
    methods=("gradient_x_input", "kernel_shap", "lime"),
    budget=100,
    seed=1,
    players="grid",
    n_players=16,
    baseline="black",
)


@pytest.fixture(scope="module")
def report() -> EvidenceReport:
    return consult(CASE, MODEL, REQUEST)


def spend(
    shares: list[list[float]],
    errors: list[float],
    *,
    limits: tuple[float, ...] = (16.0, 16.0),
    part: float = 1.0,
) -> tuple[FloatArray, list[bool]]:
    """Forecast over ten players, of which the first are given in equal shares."""
    found = np.zeros((2, 10))
    found[:, : len(shares[0])] = np.array(shares) / 10
    bars = np.array(errors)[:, None] / 10 * np.ones((2, 10))
    signed = np.array([True, True])
    undecided = np.array(judge(found, bars, signed).verdicts) == "undecided"
    factors, decided = forecast(
        found,
        bars,
        signed,
        level=LEVELS[1],
        rows=np.array([100.0, 100.0]),
        limits=np.array(limits),
        undecided=undecided,
        part=part,
    )
    return factors, decided.tolist()


@pytest.mark.parametrize("estimator", [BANK, "regression"])
def test_time_is_that_of_who_asked_where_a_bank_is_shared(
    report: EvidenceReport, estimator: str
) -> None:
    took = {"gradient_x_input": 0.1, "kernel_shap": 10.0, "lime": 0.01}  # LIME read the other's
    timed = tuple(
        replace(e, seconds=took[e.method], settings={**e.settings, "estimator": estimator})
        for e in report.explanations
    )
    step = plan(replace(report, explanations=timed))
    assert step is not None
    assert step.request is not None
    budgets, rows = dict(step.request.budgets), {e.method: e.rows for e in timed}
    alone = sum(budgets[m] * took[m] / rows[m] for m in budgets)
    together = max(budgets.values()) * took["kernel_shap"] / rows["kernel_shap"]
    assert step.seconds == pytest.approx(together if estimator == BANK else alone)


def test_the_levels_of_all_looks_stay_below_five_percent() -> None:
    assert sum(LEVELS) < ALPHA  # the rest is for early ends (test_turns.py)
    assert [level_of(look) for look in range(4)] == list(LEVELS)
    with pytest.raises(ValueError, match="between 0 and 3"):
        level_of(4)


def test_only_the_method_whose_error_bars_leave_verdicts_open_spends() -> None:
    factors, decided = spend([[3.0], [3.0]], [0.05, 1.0])
    assert factors[0] == 1
    assert 1 < factors[1] <= 16
    assert all(decided)


def test_a_method_without_error_bars_never_spends() -> None:
    factors, _ = spend([[3.0], [3.0]], [0.0, 1.0], limits=(1.0, 16.0))
    assert factors[0] == 1


def test_what_is_far_from_every_border_needs_less() -> None:
    near, _ = spend([[2.2], [2.2]], [0.05, 0.9])
    far, _ = spend([[6.0], [6.0]], [0.05, 0.9])
    assert far[1] <= near[1]


def test_a_player_on_the_border_is_not_expected_to_be_decided() -> None:
    _, decided = spend([[1.02, 4.0], [1.02, 4.0]], [0.6, 0.6])
    assert decided[:2] == [False, True]


def test_a_first_round_that_aims_at_a_part_spends_less() -> None:
    shares = [[1.5, 1.8, 1.8, 1.8]] * 2
    whole, _ = spend(shares, [0.4, 0.4])
    part, _ = spend(shares, [0.4, 0.4], part=0.5)
    assert part.sum() < whole.sum()


def test_the_plan_spends_on_sampling_methods_within_the_limit(report: EvidenceReport) -> None:
    step = plan(report)
    assert isinstance(step, Plan)
    assert step.request is not None
    assert report.agreement is not None
    assert step.request == replace(REQUEST, budgets=step.request.budgets, look=1)
    assert {m for m, _ in step.request.budgets} <= {"kernel_shap", "lime"}
    assert all(100 < rows <= LIMIT * 100 for _, rows in step.request.budgets)
    # Both rest on one bank: each is given what the other asks, and it is asked once.
    assert len({rows for _, rows in step.request.budgets}) == 1
    assert step.rows == max(rows for _, rows in step.request.budgets) <= step.most
    assert set(step.decidable) <= set(step.undecided)
    assert set(step.decidable) | set(step.too_close) == set(step.undecided)
    assert step.decidable


def test_nothing_is_planned_where_everything_is_decided(report: EvidenceReport) -> None:
    assert report.agreement is not None
    quiet_word: Verdict = "quiet"
    words = (quiet_word,) * report.players.count
    quiet = replace(report.agreement, verdicts=words)
    assert plan(replace(report, agreement=quiet)) is None
    assert plan(replace(report, agreement=None)) is None


def test_after_the_last_look_nothing_more_is_asked(report: EvidenceReport) -> None:
    step = plan(replace(report, request=replace(REQUEST, look=len(LEVELS) - 1)))
    assert step is not None
    assert step.request is None
    assert step.decidable == ()
    assert step.most == 0


def test_one_line_says_what_more_runs_would_decide(report: EvidenceReport) -> None:
    step = plan(report)
    assert step is not None
    said = plan_line(step, "regions")
    assert said.startswith(f"{len(step.undecided)} regions undecided: about {step.rows:,} more")
    over = plan(replace(report, request=replace(REQUEST, look=3)))
    assert over is not None
    assert "too close to call" in plan_line(over, "regions")


def test_sampling_decides_more_and_ends_where_its_own_request_does(
    report: EvidenceReport,
) -> None:
    events: list[Event] = []
    found = sample_on(CASE, MODEL, report, on_event=events.append)
    assert found.agreement is not None
    assert report.agreement is not None
    before = report.agreement.verdicts.count("undecided")
    assert found.agreement.verdicts.count("undecided") < before
    assert found.agreement.level == LEVELS[found.request.look]
    again = consult(CASE, MODEL, found.request)
    for one, other in zip(found.explanations, again.explanations, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(one.share_errors, other.share_errors)
    assert again.agreement is not None
    assert again.agreement.verdicts == found.agreement.verdicts
    # The methods that are not asked again cost nothing.
    asked = {e.method for e in events if isinstance(e, Progress) and e.method is not None}
    assert asked <= {"kernel_shap", "lime"}


def test_an_interrupted_sampling_ends_at_the_same_report(report: EvidenceReport) -> None:
    whole = sample_on(CASE, MODEL, report)
    passes = iter(range(10**6))
    with pytest.raises(CancelledError):
        sample_on(CASE, MODEL, report, cancelled=lambda: next(passes) > 1, max_rows=16)
    step = plan(report)
    assert step is not None
    assert step.request is not None
    first_round = consult(CASE, MODEL, step.request, max_rows=7)
    resumed = sample_on(CASE, MODEL, first_round, max_rows=16)
    assert resumed.request == whole.request
    assert resumed.agreement is not None
    assert whole.agreement is not None
    assert resumed.agreement.verdicts == whole.agreement.verdicts
