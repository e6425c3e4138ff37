"""Short work first, then who had least; nobody gets far ahead; newcomers start level."""

from dataclasses import dataclass

import pytest

from components.fairness import LEAD_SECONDS, Accounts, level_of


@dataclass
class Asked:
    person: str
    level: int = 0
    number: int = 0
    is_unwanted: bool = False


def entered(*people: str) -> Accounts:
    accounts = Accounts()
    present: set[str] = set()
    for person in people:
        accounts.enter(person, present)
        present.add(person)
    return accounts


@pytest.mark.parametrize(("weight", "level"), [(0.1, 0), (1, 0), (1.1, 1), (4, 1), (5, 2), (64, 3)])
def test_work_of_a_similar_length_counts_as_equally_long(weight: float, level: int) -> None:
    assert level_of(weight) == level


def test_short_work_comes_first() -> None:
    long, short = Asked("a", level=2), Asked("b", number=1)
    assert entered("a", "b").ordered([long, short]) == [short, long]


def test_among_equals_who_had_least_comes_first_then_who_came_first() -> None:
    accounts = entered("a", "b", "c")
    accounts.charge("a", 1.0)
    jobs = [Asked(person, number=i) for i, person in enumerate("abc")]
    assert [job.person for job in accounts.ordered(jobs)] == ["b", "c", "a"]


def test_short_work_does_not_come_first_for_ever() -> None:
    accounts = entered("a", "b")
    long, short = Asked("a", level=2), Asked("b", number=1)
    accounts.charge("b", LEAD_SECONDS)
    assert accounts.ordered([long, short])[0] is short
    accounts.charge("b", 1.0)
    assert accounts.ordered([long, short])[0] is long


def test_newcomer_starts_level_with_who_had_least() -> None:
    accounts = entered("a", "b")
    accounts.charge("a", 5000.0)
    accounts.charge("b", 4000.0)
    accounts.enter("c", {"a", "b"})
    accounts.charge("c", 1.0)
    jobs = [Asked(person, number=i) for i, person in enumerate("abc")]
    assert [job.person for job in accounts.ordered(jobs)] == ["b", "c", "a"]


def test_leaving_and_coming_back_gains_nothing_while_others_wait() -> None:
    accounts = entered("a", "b")
    accounts.charge("b", 50.0)
    accounts.enter("b", {"a"})
    assert [j.person for j in accounts.ordered([Asked("b"), Asked("a", number=1)])] == ["a", "b"]


def test_who_comes_to_an_idle_device_starts_from_nothing_and_others_are_forgotten() -> None:
    accounts = entered("a")
    accounts.charge("a", 50.0)
    accounts.enter("b", set())
    assert accounts._served == {"b": 0.0}


def test_what_only_has_to_stop_comes_before_all() -> None:
    accounts = entered("a", "b")
    gone = Asked("b", level=3, number=1, is_unwanted=True)
    assert accounts.ordered([Asked("a"), gone])[0] is gone
