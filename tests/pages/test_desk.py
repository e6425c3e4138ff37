"""A report is the same whoever else is there, and however far it had come before."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from components.controls import Choice
from components.jobs import Job
from components.progress import Took
from explainers.consult import consult
from explainers.methods import METHODS
from explainers.outlook import Stop
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_json import to_json
from models.errors import CancelledError
from models.throughput import Pass, Throughput
from pages import _desk, _wiring
from tests.components.waits import PATIENCE
from tests.explainers.test_deciding import CASE, MODEL, REQUEST
from tests.whole import timeless, whole

FINE = replace(REQUEST, n_players=36, budget=300)


class Catalog(dict[str, object]):
    """One toy."""

    def load(self, _: str) -> object:
        return MODEL


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[_desk.Desk]:
    monkeypatch.setattr(_desk, "catalog", lambda: Catalog(toy=MODEL.card))
    made = _desk.Desk("toy")
    yield made
    made.queue.close()


@pytest.fixture
def _no_speeds() -> Iterator[None]:
    known = dict(_desk.LAST)
    _desk.LAST.clear()
    yield
    _desk.LAST.clear()
    _desk.LAST.update(known)


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
def test_settings_say_how_long_they_take_once_something_was_explained(
    desk: _desk.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Methods take as much longer as they ask more; those that share coalitions count once."""
    cards = tuple(method.card for method in METHODS)
    monkeypatch.setattr(_wiring, "methods", lambda: cards)

    def cost(request: ConsultRequest, stop: Stop = "spent") -> str:
        return _wiring.cost_of(Choice(model_id="toy", request=request, stop=stop))

    assert cost(FINE) == ""
    report_of(desk.start(CASE, FINE))
    assert _desk.LAST["toy"].request == FINE
    assert min(_desk.LAST["toy"].asking, _desk.LAST["toy"].after) > 0
    both = replace(FINE, methods=("kernel_shap", "lime"))
    _desk.LAST["toy"] = Took(both, 50.0, 4.0)
    assert "these settings take about 54 s, less" in cost(both)
    assert "about 54 s, less" in cost(replace(both, methods=("kernel_shap",)))
    assert "about 2 min, less" in cost(replace(both, methods=("kernel_shap", "lime", "rise")))
    assert "about 4 min, less" in cost(replace(both, budget=4 * both.budget))
    assert "about 19 s, less" in cost(replace(both, budget=4 * both.budget), "15 s")
    assert cost(replace(both, methods=("gradient",))) == ""


def test_other_work_asks_in_passes_as_measured(
    desk: _desk.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONSILIUM_ROWS", raising=False)
    usual = desk.runtime(Job(lambda _: None)).max_rows
    desk.throughput = Throughput(
        device="cpu",
        passes=(Pass(rows=3 * usual, milliseconds=1.0),),
        bytes_per_row=0,
        free_bytes=0,
        rows_per_pass=3 * usual,
        half_error=0.0,
        half_speed=1.0,
    )
    job = Job(lambda _: None)
    runtime = desk.runtime(job)
    assert runtime.max_rows == desk.max_rows == 3 * usual
    runtime.spend(5)
    assert job.events[-1] == 5
    job.cancel()
    with pytest.raises(CancelledError):
        runtime.spend(1)
