"""The queue: one job at a time, in order, bounded, cancelled at once, alive after any job."""

import threading
import time
from collections.abc import Iterator

import pytest

from components.jobs import BusyError, Job, JobQueue
from models.errors import CancelledError

PATIENCE = 20.0


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    made = JobQueue(capacity=2)
    yield made
    made.close()


class Blocker:
    """Work that waits to be released, and says when it has begun."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()

    def __call__(self, job: Job) -> None:
        self.begun.set()
        while not self.release.wait(0.01):
            if job.is_cancelled():
                raise CancelledError("stopped")


def wait_for(job: Job) -> None:
    deadline = time.monotonic() + PATIENCE
    while not job.is_finished:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def wait_until_over(queue: JobQueue, job: Job) -> None:
    """The worker has let go of the job once one that was queued behind it has run."""
    reached = threading.Event()
    queue.submit(lambda _: reached.set())
    assert reached.wait(PATIENCE)
    assert job.is_finished


def test_events_and_outcome_of_a_job_are_kept(queue: JobQueue) -> None:
    job = queue.submit(lambda job: job.emit("found"))
    wait_until_over(queue, job)
    assert (job.state, job.events, job.error) == ("done", ["found"], None)


def test_jobs_run_one_at_a_time_in_order(queue: JobQueue) -> None:
    first, order = Blocker(), []
    queue.submit(first)
    assert first.begun.wait(PATIENCE)
    second = queue.submit(lambda _: order.append("second"))
    third = queue.submit(lambda _: order.append("third"))
    assert (queue.ahead_of(second), queue.ahead_of(third)) == (1, 2)
    assert order == []
    first.release.set()
    wait_for(third)
    assert order == ["second", "third"]


def test_full_queue_refuses_in_one_sentence(queue: JobQueue) -> None:
    blocker = Blocker()
    queue.submit(blocker)
    assert blocker.begun.wait(PATIENCE)
    for _ in range(2):
        queue.submit(lambda _: None)
    with pytest.raises(BusyError, match="2 other consultations are waiting"):
        queue.submit(lambda _: None)


def test_cancelled_waiting_job_gives_its_place_back_and_never_runs(queue: JobQueue) -> None:
    blocker, ran = Blocker(), []
    queue.submit(blocker)
    assert blocker.begun.wait(PATIENCE)
    cancelled = queue.submit(lambda _: ran.append("cancelled"))
    queue.submit(lambda _: ran.append("other"))
    cancelled.cancel()
    replacement = queue.submit(lambda _: ran.append("replacement"))
    assert queue.ahead_of(replacement) == 2
    blocker.release.set()
    wait_for(replacement)
    assert ran == ["other", "replacement"]
    assert cancelled.state == "stopped"


def test_cancelled_running_job_is_stopped_for_the_reader_at_once(queue: JobQueue) -> None:
    begun, release = threading.Event(), threading.Event()

    def stubborn(job: Job) -> None:
        begun.set()
        release.wait(PATIENCE)
        job.emit("too late")

    job = queue.submit(stubborn)
    assert begun.wait(PATIENCE)
    job.cancel()
    assert job.state == "stopped"
    release.set()
    wait_until_over(queue, job)
    assert job.events == []


def test_job_that_nobody_looks_at_stops(queue: JobQueue) -> None:
    blocker = Blocker()
    job = queue.submit(blocker, lease_seconds=0.05)
    wait_until_over(queue, job)
    assert job.state == "stopped"


def test_looking_keeps_a_job_alive() -> None:
    job = Job(lambda _: None, 30.0)
    assert not job.is_cancelled()
    job._looked_at -= 31.0
    assert job.is_cancelled()
    job.look()
    assert not job.is_cancelled()


def test_worker_survives_a_job_that_raises(queue: JobQueue) -> None:
    def fail(_: Job) -> None:
        raise ZeroDivisionError("boom")

    job = queue.submit(fail)
    wait_until_over(queue, job)
    assert job.state == "failed"
    assert isinstance(job.error, ZeroDivisionError)


def test_closing_stops_the_running_job_and_its_thread() -> None:
    queue, blocker = JobQueue(), Blocker()
    job = queue.submit(blocker)
    assert blocker.begun.wait(PATIENCE)
    queue.close()
    assert job.state == "stopped"
    assert not queue._thread.is_alive()


def test_time_counts_from_the_first_event() -> None:
    job = Job(lambda _: None, 30.0)
    assert job.seconds == 0.0
    job.emit("first")
    assert job.seconds >= 0.0
    job._first_event_at = job._first_event_at - 5.0 if job._first_event_at else None
    assert job.seconds >= 5.0
