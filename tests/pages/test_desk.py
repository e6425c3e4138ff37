"""A report is the same whoever else is there, and however far it had come before."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from components.controls import Choice
from components.jobs import Job
from components.progress import Took
from explainers.consult import Progress, consult
from explainers.explanation import MethodId
from explainers.outlook import Stop
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_json import to_json
from models.errors import CancelledError
from models.throughput import Pass
from pages import _desk, _wiring
from tests.components.waits import PATIENCE
from tests.explainers.test_deciding import CASE, MODEL, REQUEST
from tests.pages.conftest import measured
from tests.whole import timeless, whole

FINE = replace(REQUEST, n_players=36, budget=300)


class Catalog(dict[str, object]):
    """One toy."""

    def load(self, _: str) -> object:
        return MODEL


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[_desk.Desk]:
    for module in (_desk, _wiring):
        monkeypatch.setattr(module, "catalog", lambda: Catalog(toy=MODEL.card))
    made = _desk.Desk("toy")
    monkeypatch.setattr(_wiring, "desk", lambda _: made)
    yield made
    made.queue.close()


@pytest.fixture
def _no_speeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of no model is it known how fast it runs, nor how long it took."""
    for name in ("LAST", "MEASURED"):
        empty: dict[str, object] = {}
        for module in (_desk, _wiring):
            monkeypatch.setattr(module, name, empty)


def cost(request: ConsultRequest, stop: Stop = "spent") -> str:
    return _wiring.cost_of(Choice(model_id="toy", request=request, stop=stop))


def report_of(job: Job) -> EvidenceReport:
    assert job.wait(PATIENCE)
    assert job.error is None
    report = job.events[-1]
    assert isinstance(report, EvidenceReport)
    return report


def plain(report: EvidenceReport) -> object:
    return timeless(json.loads(to_json(report)))


def test_what_others_asked_of_the_same_film_changes_nothing(desk: _desk.Desk) -> None:
    for seed in (5, 6):
        report_of(desk.start(CASE, replace(FINE, seed=seed)))
    found = report_of(desk.start(CASE, FINE))
    assert found.faithfulness is not None
    assert plain(found) == plain(whole(CASE, MODEL, FINE))


def test_a_report_that_had_got_half_way_ends_the_same(desk: _desk.Desk) -> None:
    half = consult(CASE, MODEL, FINE)
    assert half.faithfulness is None
    desk.reports.put(FINE.key(CASE, MODEL.card), half)
    assert plain(report_of(desk.start(CASE, FINE))) == plain(whole(CASE, MODEL, FINE))


def test_nothing_is_kept_of_reports_that_are_whole(desk: _desk.Desk) -> None:
    report_of(desk.start(CASE, FINE))
    assert not desk._asked


@pytest.mark.usefixtures("_no_speeds")
def test_settings_say_how_long_they_take_once_something_was_explained(desk: _desk.Desk) -> None:
    """Methods take as much longer as they ask more; those that share coalitions count once."""
    assert cost(FINE) == ""
    report_of(desk.start(CASE, FINE))
    assert _desk.LAST["toy"].request == FINE
    assert min(_desk.LAST["toy"].asking, _desk.LAST["toy"].after) > 0
    both = replace(FINE, methods=("kernel_shap", "lime"))
    _desk.LAST["toy"] = Took(both, 50.0, 4.0)
    assert cost(both).startswith("At the speed of the last explanation")
    assert "these settings take about 54 s, less" in cost(both)
    assert "about 50 s, less" in cost(replace(both, methods=("kernel_shap",)))  # nothing to compare
    assert "about 2 min, less" in cost(replace(both, methods=("kernel_shap", "lime", "rise")))
    assert "about 4 min, less" in cost(replace(both, budget=4 * both.budget))
    assert "about 19 s, less" in cost(replace(both, budget=4 * both.budget), "15 s")
    assert "about 1 s, less" in cost(replace(both, methods=("gradient",)))
    assert cost(replace(both, methods=())) == ""


@pytest.mark.usefixtures("_no_speeds")
def test_before_the_first_explanation_the_measured_speed_tells_how_long(desk: _desk.Desk) -> None:
    """300 coalitions for both and 3 for the gradient, then about 200 of the model itself."""
    _desk.MEASURED["toy"] = measured(10.0)
    assert cost(FINE).startswith("Estimated from the speed measured when the model was loaded")
    assert "take about 51 s, less" in cost(FINE)
    assert "about 25 s, less" in cost(FINE, "5 s")
    assert "about 30 s, less" in cost(replace(FINE, methods=("lime",)))  # nothing to compare
    assert "about 4 s, less" in cost(replace(FINE, methods=("occlusion",)))
    assert "about 20 s, less" in cost(replace(FINE, methods=("smooth_grad",)))
    assert "about 39 s, less" in cost(replace(FINE, methods=("smooth_grad",), budget=2000))
    report_of(desk.start(CASE, FINE))
    assert cost(FINE).startswith("At the speed of the last explanation")


@pytest.mark.usefixtures("_no_speeds")
def test_who_shares_a_model_is_told_of_a_share_of_its_speed(desk: _desk.Desk) -> None:
    assert _wiring.speed_of("toy") is None
    _desk.MEASURED["toy"] = measured(10.0)
    assert _wiring.speed_of("toy") == pytest.approx(10)
    leave = threading.Event()

    def hold(_: Job) -> None:
        leave.wait(PATIENCE)

    others = [desk.queue.submit(hold) for _ in range(2)]
    assert _wiring.speed_of("toy") == pytest.approx(5)
    leave.set()
    assert all(job.wait(PATIENCE) for job in others)


@pytest.mark.parametrize(
    ("methods", "n_players"),
    [
        (("kernel_shap", "lime"), 36),
        (("kernel_shap", "lime"), 9),
        (("exact_shapley", "lime"), 9),
        (("integrated_gradients", "kernel_shap", "lime"), 36),
        (("smooth_grad", "rise"), 36),
        (("occlusion",), 36),
    ],
)
@pytest.mark.parametrize("budget", [1000, 4000])
def test_so_many_model_runs_are_foreseen_as_are_planned(
    methods: tuple[MethodId, ...], n_players: int, budget: int
) -> None:
    """Within a third; a gradient counts as several."""
    request = replace(REQUEST, methods=methods, budget=budget, n_players=n_players)
    planned: list[int] = []

    def on_event(event: object) -> None:
        if isinstance(event, Progress):
            planned.append(event.planned)
            raise CancelledError("That is all there is to know.")

    with pytest.raises(CancelledError):
        consult(CASE, MODEL, request, on_event=on_event)
    assert _wiring._asked_by(request, "image") == pytest.approx(planned[0], rel=1 / 3)


def test_other_work_asks_in_passes_as_measured(
    desk: _desk.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONSILIUM_ROWS", raising=False)
    usual = desk.runtime(Job(lambda _: None)).max_rows
    found = Pass(rows=3 * usual, milliseconds=1.0)
    desk.throughput = replace(measured(1000.0), passes=(found,), rows_per_pass=found.rows)
    job = Job(lambda _: None)
    runtime = desk.runtime(job)
    assert runtime.max_rows == desk.max_rows == 3 * usual
    runtime.spend(5)
    assert job.events[-1] == 5
    job.cancel()
    with pytest.raises(CancelledError):
        runtime.spend(1)
