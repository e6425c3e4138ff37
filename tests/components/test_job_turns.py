"""Jobs of several people take turns between passes, fairly."""

import pytest

from components.jobs import Job
from tests.components.hall import Hall
from tests.components.waits import wait_for, wait_until_over


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
