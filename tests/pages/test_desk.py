"""A report is the same whoever else is there, and however far it had come before."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from components.jobs import Job
from explainers.consult import consult
from explainers.report import EvidenceReport
from explainers.report_json import to_json
from pages import _desk
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
