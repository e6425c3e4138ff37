"""Jobs of several people take turns between passes, fairly, bounded, and never harm one another."""

import threading

import pytest

from components import jobs
from components.jobs import BusyError, Job, JobQueue
from tests.components.hall import Clock, Hall
from tests.components.waits import PATIENCE, Blocker, wait_for, wait_until_over

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
