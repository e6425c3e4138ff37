"""Real consultations of several people in turns on one model: each gets what it gets alone."""

import itertools
import json
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from components.jobs import Job, JobQueue
from explainers.consult import Progress, consult
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_json import to_json
from models.case import Case
from tests.components.waits import Blocker, wait_for
from tests.toys import SIDE, ToyImageModel, planted_model, toy_case

REQUESTS = [
    ConsultRequest(methods=methods, budget=256, seed=seed, n_players=9, players="grid")
    for seed, methods in enumerate(
        [
            ("grad_cam", "kernel_shap", "lime"),
            ("integrated_gradients", "permutation_shap", "rise"),
            ("smooth_grad", "reference_shap", "occlusion"),
            ("gradient_x_input", "partition_shap", "reference_lime"),
            ("grad_cam", "gradient_shap", "lime"),
        ]
    )
]


@pytest.fixture
def model() -> ToyImageModel:
    mask = np.zeros((SIDE, SIDE))
    mask[4:12, 4:12] = 1
    return planted_model(mask)


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    made = JobQueue(clock=itertools.count().__next__)  # every pass counts the same
    yield made
    made.close()


def numbers(report: EvidenceReport) -> str:
    """A report without the times it took."""
    document = json.loads(to_json(report, with_maps=True))
    for explanation in document["explanations"]:
        del explanation["seconds"]
    return json.dumps(document)


def test_reports_in_turns_are_those_alone(queue: JobQueue, model: ToyImageModel) -> None:
    cases, turns = [toy_case(seed) for seed in range(len(REQUESTS))], []
    asked: list[Job] = []
    gate = Blocker()
    queue.submit(gate)

    def ask(index: int, case: Case, request: ConsultRequest) -> Job:
        def work(job: Job) -> None:
            def note(event: object) -> None:
                if isinstance(event, Progress):
                    turns.append(index)

            job.emit(
                consult(case, model, request, on_event=note, cancelled=job.is_cancelled, max_rows=7)
            )

        return queue.submit(work, person=f"person {index}")

    asked = [
        ask(i, case, request) for i, (case, request) in enumerate(zip(cases, REQUESTS, strict=True))
    ]
    gate.release.set()
    wait_for(*asked)
    assert [job.error for job in asked] == [None] * len(asked)
    assert len(list(itertools.groupby(turns))) > 50, "they took turns"
    for job, case, request in zip(asked, cases, REQUESTS, strict=True):
        (report,) = job.events
        assert isinstance(report, EvidenceReport)
        assert report.failures == ()
        assert numbers(report) == numbers(consult(case, model, request, max_rows=7))


@pytest.fixture
def timed() -> Iterator[JobQueue]:
    made = JobQueue()
    yield made
    made.close()


def test_ten_thousand_masks_delay_another_persons_consultation_by_one_pass(
    timed: JobQueue, model: ToyImageModel
) -> None:
    many = ConsultRequest(methods=("rise",), budget=10_000, n_players=9, players="grid")
    steps: list[str] = []
    under_way, second_waits = threading.Event(), threading.Event()

    def ask(name: str, request: ConsultRequest, weight: float) -> Job:
        def work(job: Job) -> None:
            def note(event: object) -> None:
                if isinstance(event, Progress):
                    steps.append(name)
                    if len(steps) == 20:
                        under_way.set()
                        assert second_waits.wait(30)

            job.emit(
                consult(
                    toy_case(len(name)),
                    model,
                    request,
                    on_event=note,
                    cancelled=job.is_cancelled,
                    max_rows=16,
                )
            )

        return timed.submit(work, person=name, weight=weight)

    first = ask("many masks", many, 10_000 / 1_000)
    assert under_way.wait(30)
    second = ask("usual", REQUESTS[0], 1.0)
    second_waits.set()
    wait_for(second)
    (report,) = second.events
    assert isinstance(report, EvidenceReport)
    between = steps[20 : len(steps) - steps[::-1].index("usual")]
    assert between.count("usual") > 20
    assert between.count("many masks") <= 1
    assert first.state == "running"
    first.cancel()
    wait_for(first)
