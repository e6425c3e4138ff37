"""Jobs of several people take turns between passes, fairly, bounded, and never harm one another."""

import threading
from collections.abc import Callable, Iterator

import pytest

from components import jobs
from components.jobs import BusyError, Job, JobQueue
from models.errors import CancelledError
from tests.components.waits import PATIENCE, Blocker, wait_for, wait_until_over


class Clock:
    """Goes on only while somebody computes: one second a pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> Iterator[JobQueue]:
    made = JobQueue(capacity=20, slots=4, clock=clock)
    yield made
    made.close()


class Hall:
    """Passes of several jobs in the order in which they are computed; checks one at a time."""

    def __init__(self, queue: JobQueue, clock: Clock) -> None:
        self.passes: list[str] = []
        self.queue, self.clock, self._alone = queue, clock, threading.Lock()
        self.gate = threading.Event()
        begun = threading.Event()

        def keep_shut(_: Job) -> None:
            begun.set()
            assert self.gate.wait(PATIENCE)

        queue.submit(keep_shut)
        assert begun.wait(PATIENCE)

    def work(
        self, name: str, n_passes: int, then: Callable[[int], None] = lambda _: None
    ) -> Callable[[Job], None]:
        """So many passes, each recorded and followed by the question whether to go on."""

        def run(job: Job) -> None:
            for index in range(n_passes):
                assert self._alone.acquire(blocking=False), "two jobs compute at once"
                self.passes.append(name)
                self.clock.now += 1.0
                job.emit((name, index))
                then(index)
                self._alone.release()
                if job.is_cancelled():
                    raise CancelledError("stopped")

        return run

    def ask(self, name: str, n_passes: int, *, weight: float = 1.0) -> Job:
        return self.queue.submit(self.work(name, n_passes), person=name, weight=weight)


@pytest.fixture
def hall(queue: JobQueue, clock: Clock) -> Hall:
    return Hall(queue, clock)


# --- one job ---


def test_events_and_outcome_of_a_job_are_kept(queue: JobQueue) -> None:
    job = queue.submit(lambda job: job.emit("found"))
    wait_for(job)
    assert (job.state, job.events, job.error) == ("done", ["found"], None)


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
    assert (job.state, job.events) == ("stopped", [])


def test_error_after_the_cancel_is_nobodys(queue: JobQueue) -> None:
    begun, release = threading.Event(), threading.Event()

    def fail(_: Job) -> None:
        begun.set()
        release.wait(PATIENCE)
        raise ZeroDivisionError("boom")

    job = queue.submit(fail)
    assert begun.wait(PATIENCE)
    job.cancel()
    release.set()
    wait_until_over(queue, job)
    assert (job.state, job.error) == ("stopped", None)


def test_job_that_nobody_looks_at_stops_and_its_place_is_free(queue: JobQueue) -> None:
    job = queue.submit(Blocker(), lease_seconds=0.05)
    wait_until_over(queue, job)
    assert job.state == "stopped"
    assert queue._turn is None


def test_looking_keeps_a_job_alive_unless_it_comes_too_late() -> None:
    job = Job(lambda _: None, 30.0)
    job._looked_at -= 29.0
    assert job.look()
    assert not job.is_unwanted
    job._looked_at -= 31.0
    assert job.is_cancelled()
    assert not job.look()
    assert job.is_unwanted


def test_error_of_one_job_is_its_own(queue: JobQueue, hall: Hall) -> None:
    def fail(job: Job) -> None:
        job.is_cancelled()
        raise ZeroDivisionError("boom")

    before, failing, after = hall.ask("a", 3), queue.submit(fail, person="b"), hall.ask("c", 3)
    hall.gate.set()
    wait_for(before, failing, after)
    assert (failing.state, type(failing.error)) == ("failed", ZeroDivisionError)
    assert (before.state, before.error, after.state, after.error) == ("done", None, "done", None)


def test_work_is_let_go_of_when_it_ends(queue: JobQueue) -> None:
    job = queue.submit(lambda _: None)
    wait_for(job)
    assert job._work is None


def test_closing_stops_what_computes_what_pauses_and_what_waits() -> None:
    queue, blockers = JobQueue(slots=2), [Blocker(), Blocker()]
    running = [queue.submit(blocker) for blocker in blockers]
    assert all(blocker.begun.wait(PATIENCE) for blocker in blockers)
    waiting = queue.submit(lambda _: None)
    threads = list(queue._let_in.values())
    queue.close()
    assert [job.state for job in (*running, waiting)] == ["stopped"] * 3
    assert not any(thread.is_alive() for thread in threads)
    assert queue.submit(lambda _: None).state == "stopped"


def test_time_counts_from_the_first_event() -> None:
    job = Job(lambda _: None, 30.0)
    assert job.seconds == 0.0
    job.emit("first")
    job._first_event_at = job._first_event_at - 5.0 if job._first_event_at else None
    assert job.seconds >= 5.0


# --- turns ---


def test_equal_work_of_several_people_takes_turns(hall: Hall) -> None:
    asked = [hall.ask(name, 4) for name in "abc"]
    hall.gate.set()
    wait_for(*asked)
    assert "".join(hall.passes) == "abc" * 4


def test_two_jobs_of_one_person_get_one_share(hall: Hall) -> None:
    asked = [hall.ask("a", 4), hall.ask("a", 4), hall.ask("b", 4)]
    hall.gate.set()
    wait_for(*asked)
    assert hall.passes[:8].count("a") == hall.passes[:8].count("b") == 4


def test_large_job_delays_an_ordinary_one_by_at_most_one_pass(hall: Hall) -> None:
    arrived: list[Job] = []

    def ask_during(index: int) -> None:
        if index == 999:
            arrived.append(hall.ask("b", 40))

    large = hall.queue.submit(hall.work("a", 1250, ask_during), person="a", weight=10.0)
    hall.gate.set()
    wait_for(large)
    assert hall.passes.index("b") == 1000  # the pass in which it came, and no other
    assert hall.passes[1000:1040] == ["b"] * 40
    assert (large.state, arrived[0].state) == ("done", "done")


def test_a_stream_of_short_jobs_does_not_starve_a_large_one(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.fairness.LEAD_SECONDS", 5.0)
    large = hall.ask("a", 20, weight=10.0)
    short = [hall.ask("b", 10) for _ in range(4)]
    hall.gate.set()
    wait_for(large, *short)
    assert 15 <= hall.passes[:36].count("a") <= 16


def test_large_jobs_leave_room_for_ordinary_ones(hall: Hall) -> None:
    large = [hall.ask(name, 50, weight=10.0) for name in "abcdef"]
    ordinary = hall.ask("z", 5)
    assert hall.queue.ahead_of(ordinary) == 0
    hall.gate.set()
    wait_for(*large, ordinary)
    assert hall.passes[:5] == ["z"] * 5


def test_results_do_not_depend_on_the_turns(hall: Hall) -> None:
    asked = {name: hall.ask(name, 5 + i) for i, name in enumerate("abcdefgh")}
    hall.gate.set()
    wait_for(*asked.values())
    for i, (name, job) in enumerate(asked.items()):
        assert job.events == [(name, index) for index in range(5 + i)]


def test_asking_from_another_thread_waits_for_nothing(hall: Hall) -> None:
    job = hall.ask("a", 1)
    assert not job.is_cancelled()
    hall.gate.set()
    wait_for(job)
    assert not job.is_cancelled()


def test_cancelled_paused_job_computes_no_pass_more(hall: Hall) -> None:
    asked: dict[str, Job] = {}

    def cancel(index: int) -> None:
        if index == 2:
            asked["a"].cancel()

    asked["a"] = hall.ask("a", 100)
    asked["b"] = hall.queue.submit(hall.work("b", 10, cancel), person="b")
    hall.gate.set()
    wait_for(*asked.values())
    wait_until_over(hall.queue, asked["a"])
    assert hall.passes.count("a") == 3
    assert (asked["a"].state, asked["b"].state) == ("stopped", "done")


def test_cancelled_computing_job_ends_with_its_pass(hall: Hall) -> None:
    asked: list[Job] = []

    def cancel(index: int) -> None:
        if index == 1:
            asked[0].cancel()

    asked.append(hall.queue.submit(hall.work("a", 100, cancel), person="a"))
    hall.gate.set()
    wait_until_over(hall.queue, asked[0])
    assert hall.passes == ["a", "a"]


# --- bounds ---


def test_jobs_beyond_the_slots_wait_and_know_their_place(hall: Hall) -> None:
    asked = [hall.ask(name, 1) for name in "abcdef"]
    assert [hall.queue.ahead_of(job) for job in asked] == [0, 0, 0, 1, 2, 3]
    assert hall.queue.n_people == 4
    assert len(hall.queue._let_in) == 4
    hall.gate.set()
    wait_for(*asked)


def test_one_person_runs_two_jobs_and_the_rest_waits(hall: Hall) -> None:
    asked = [hall.ask("a", 1) for _ in range(3)]
    assert [hall.queue.ahead_of(job) for job in asked] == [0, 0, 1]
    hall.gate.set()
    wait_for(*asked)


def test_one_person_may_have_ten_waiting_and_others_are_not_refused(hall: Hall) -> None:
    asked = [hall.ask("a", 1) for _ in range(jobs.RUNNING_EACH + jobs.WAITING_EACH)]
    with pytest.raises(BusyError, match="You have 10 questions to this model waiting already"):
        hall.ask("a", 1)
    asked[5].cancel()
    asked += [hall.ask("a", 1), hall.ask("b", 1)]
    hall.gate.set()
    wait_for(*asked)
    assert [job.state for job in asked].count("done") == len(asked) - 1


def test_queue_asks_whose_a_job_is_where_nobody_says(clock: Clock) -> None:
    queue = JobQueue(who=lambda: "session", clock=clock)
    hall = Hall(queue, clock)
    asked = [queue.submit(hall.work("s", 1)) for _ in range(2)]
    other = queue.submit(hall.work("o", 1), person="other")
    assert [job.person for job in (*asked, other)] == ["session", "session", "other"]
    assert queue.ahead_of(asked[1]) == 1  # the gate is the session's, too
    hall.gate.set()
    wait_for(*asked, other)
    queue.close()


def test_full_queue_refuses_in_one_sentence(clock: Clock) -> None:
    queue = JobQueue(capacity=2, slots=1, clock=clock)
    hall = Hall(queue, clock)
    asked = [hall.ask("a", 1), hall.ask("b", 1)]
    with pytest.raises(BusyError, match="2 other consultations are waiting already"):
        hall.ask("c", 1)
    hall.gate.set()
    wait_for(*asked)
    queue.close()


def test_cancelled_waiting_job_gives_its_place_back_and_never_runs(clock: Clock) -> None:
    queue = JobQueue(capacity=2, slots=1, clock=clock)
    hall = Hall(queue, clock)
    cancelled, other = hall.ask("a", 1), hall.ask("b", 1)
    cancelled.cancel()
    replacement = hall.ask("c", 1)
    assert queue.ahead_of(replacement) == 2
    hall.gate.set()
    wait_for(other, replacement)
    assert hall.passes == ["b", "c"]
    assert cancelled.state == "stopped"
    queue.close()


def test_no_thread_left_fails_one_job_and_no_other(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        failed = queue.submit(lambda _: None)
    later = queue.submit(lambda _: None)
    wait_for(later)
    assert (failed.state, later.state) == ("failed", "done")
