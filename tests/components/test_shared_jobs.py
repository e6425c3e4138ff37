"""Identical requests are computed once; each who asked sees all of it and lets go alone."""

import threading
from collections.abc import Callable, Iterator

import pytest

from components.jobs import BusyError, Job, JobQueue
from components.shared_jobs import SharedJobs
from models.errors import CancelledError
from tests.components.waits import PATIENCE, Blocker, wait_for, wait_until_over


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    made = JobQueue()
    yield made
    made.close()


class Desk:
    """Counts how often it is really asked; its work waits for the gate after its first event."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue, self.shared = queue, SharedJobs()
        self.begun, self.gate = threading.Event(), threading.Event()
        self.asked: list[Job] = []

    def start(self, key: str = "same", person: str = "a") -> Job:
        return self.shared.start(key, lambda: self._submit(person))

    def _submit(self, person: str) -> Job:
        self.asked.append(self.queue.submit(self._work, person=person))
        return self.asked[-1]

    def _work(self, job: Job) -> None:
        job.emit("prediction")
        self.begun.set()
        while not self.gate.wait(0.005):
            if job.is_cancelled():
                raise CancelledError("stopped")
        job.emit("report")


@pytest.fixture
def desk(queue: JobQueue) -> Desk:
    return Desk(queue)


def test_second_of_two_equal_requests_joins_the_first(desk: Desk) -> None:
    first = desk.start(person="a")
    assert desk.begun.wait(PATIENCE)
    second = desk.start(person="b")
    assert second.events == ["prediction"]
    desk.gate.set()
    wait_for(first, second)
    assert len(desk.asked) == 1
    assert first.events == second.events == ["prediction", "report"]
    assert (first.state, second.state) == ("done", "done")


def test_different_requests_do_not_meet(desk: Desk) -> None:
    one, other = desk.start("one"), desk.start("other", person="b")
    desk.gate.set()
    wait_for(one, other)
    assert len(desk.asked) == 2
    assert one.origin is not other.origin


def test_cancel_of_one_lets_go_of_that_one_alone(desk: Desk) -> None:
    first, second = desk.start(person="a"), desk.start(person="b")
    assert desk.begun.wait(PATIENCE)
    first.cancel()
    assert (first.state, second.is_finished) == ("stopped", False)
    desk.gate.set()
    wait_for(second)
    assert (second.state, second.events[-1]) == ("done", "report")
    assert (first.state, first.events) == ("stopped", ["prediction"])


def test_work_stops_when_the_last_one_lets_go(desk: Desk) -> None:
    first, second = desk.start(person="a"), desk.start(person="b")
    assert desk.begun.wait(PATIENCE)
    first.cancel()
    first.cancel()
    assert not desk.asked[0].is_unwanted
    second.cancel()
    wait_until_over(desk.queue, desk.asked[0])
    assert desk.asked[0].state == "stopped"


def test_who_comes_after_the_last_one_let_go_gets_work_of_their_own(desk: Desk) -> None:
    desk.start().cancel()
    later = desk.start(person="b")
    desk.gate.set()
    wait_for(later)
    assert len(desk.asked) == 2
    assert later.state == "done"


def test_finished_work_is_not_joined(desk: Desk) -> None:
    desk.gate.set()
    first = desk.start()
    wait_for(first)
    first.cancel()
    assert first.state == "done"
    wait_for(desk.start())
    assert len(desk.asked) == 2


def test_one_who_looks_keeps_the_work_for_all(desk: Desk) -> None:
    first, second = desk.start(person="a"), desk.start(person="b")
    desk.asked[0]._looked_at -= 119.0
    assert second.look()
    desk.asked[0]._looked_at -= 60.0
    assert not desk.asked[0].is_unwanted
    desk.asked[0]._looked_at -= 120.0
    assert desk.asked[0].is_unwanted
    assert (first.state, second.state) == ("stopped", "stopped")


def test_error_reaches_everybody(queue: JobQueue) -> None:
    blocker, shared = Blocker(), SharedJobs()

    def fail(_: Job) -> None:
        raise ZeroDivisionError("boom")

    queue.submit(blocker)
    assert blocker.begun.wait(PATIENCE)
    submit: Callable[[], Job] = lambda: queue.submit(fail)  # noqa: E731
    first, second = shared.start("k", submit), shared.start("k", submit)
    blocker.release.set()
    wait_for(first, second)
    assert first.error is second.error is not None


def test_refused_request_leaves_nothing_behind(desk: Desk) -> None:
    def refuse() -> Job:
        raise BusyError("Full.")

    with pytest.raises(BusyError):
        desk.shared.start("same", refuse)
    desk.gate.set()
    wait_for(desk.start())


def test_joined_job_knows_its_place(queue: JobQueue) -> None:
    blockers, shared = [Blocker(), Blocker()], SharedJobs()
    for blocker in blockers:
        queue.submit(blocker, person="a")
    assert blockers[0].begun.wait(PATIENCE)
    first = shared.start("k", lambda: queue.submit(lambda _: None, person="a"))
    second = shared.start("k", lambda: queue.submit(lambda _: None, person="b"))
    assert queue.ahead_of(first) == queue.ahead_of(second) == 1
    for blocker in blockers:
        blocker.release.set()
    wait_for(first, second)


def test_many_at_once_compute_each_question_once(desk: Desk) -> None:
    started: list[Job] = []
    threads = [
        threading.Thread(target=lambda i=i: started.append(desk.start(f"q{i % 3}", f"p{i}")))
        for i in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.gate.set()
    wait_for(*started)
    assert len(desk.asked) == 3
    assert {job.state for job in started} == {"done"}


def test_work_ends_early_when_all_who_wait_are_content(desk: Desk) -> None:
    first, second, third = (desk.start(person=person) for person in "abc")
    first.end_early()
    first.end_early()  # twice is once
    second.end_early()
    assert not first.origin.is_enough
    third.cancel()
    assert first.origin.is_enough


def test_who_was_content_and_left_counts_no_more(desk: Desk) -> None:
    first, second = desk.start(person="a"), desk.start(person="b")
    first.end_early()
    first.cancel()
    assert not second.origin.is_enough
    second.end_early()
    assert second.origin.is_enough
