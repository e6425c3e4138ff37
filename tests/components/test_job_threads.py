"""What a page may do with a job's thread: wait for it a moment, and come before it."""

import os
import sys
import threading
from collections.abc import Iterator

import pytest

from components.jobs import NICE, Job, JobQueue
from components.shared_jobs import SharedJobs
from models.errors import CancelledError
from tests.components.waits import PATIENCE


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    made = JobQueue()
    yield made
    made.close()


def test_waiting_ends_with_the_job_or_with_patience(queue: JobQueue) -> None:
    gate = threading.Event()
    job = queue.submit(lambda _: gate.wait(PATIENCE) and None)
    assert not job.wait(0.01)
    gate.set()
    assert job.wait(PATIENCE)
    assert job.state == "done", "the state is there when the wait is over"


@pytest.mark.parametrize("error", [ValueError("no"), CancelledError("no")])
def test_waiting_ends_with_a_failure_too(queue: JobQueue, error: Exception) -> None:
    def fail(_: Job) -> None:
        raise error

    assert queue.submit(fail).wait(PATIENCE)


def test_nobody_waits_for_what_is_there_or_never_comes(queue: JobQueue) -> None:
    assert Job.finished("report").wait(0)
    queue.close()
    assert queue.submit(lambda _: None).wait(PATIENCE), "a job that was never let in"


def test_who_joined_waits_for_the_same(queue: JobQueue) -> None:
    gate, shared = threading.Event(), SharedJobs()
    jobs = [shared.start("same", lambda: queue.submit(lambda _: gate.wait(PATIENCE) and None))]
    jobs.append(shared.start("same", lambda: pytest.fail("asked twice")))
    assert not any(job.wait(0.01) for job in jobs)
    gate.set()
    assert all(job.wait(PATIENCE) for job in jobs)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority a thread")
def test_work_comes_after_pages(queue: JobQueue) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = niceness()
    job = queue.submit(lambda job: job.emit(niceness()))
    assert job.wait(PATIENCE)
    assert job.events == [max(before, NICE)]
    assert niceness() == before
