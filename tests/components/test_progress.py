"""Progress in words: position in the queue, model runs, time left."""

from dataclasses import dataclass

import pytest

from components.progress import Pace, Standing, fraction, outlook_line, sentence
from explainers.explanation import MethodId
from explainers.outlook import Outlook


@dataclass(frozen=True)
class Count:
    rows: int
    planned: int
    method: MethodId | None = "lime"


def standing(**changes: object) -> Standing:
    start = {"n_ahead": 0, "is_running": True, "progress": None, "method": ""}
    start |= {"rows_per_second": None}
    return Standing(**(start | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (standing(is_running=False, n_ahead=1), "Waiting for one other consultation to finish"),
        (standing(is_running=False, n_ahead=3), "Waiting for 3 others to finish"),
        (standing(is_running=False), "Starting"),
        (standing(), "Loading the model and reading the case"),
        (standing(progress=Count(50, 200), method="LIME"), "LIME: 50 of 200 model runs"),
        (
            standing(progress=Count(50, 200), rows_per_second=5.1),
            "50 of 200 model runs, 5 a second, about 30 s left",
        ),
        (
            standing(progress=Count(10, 10_000), rows_per_second=50.0),
            "10 of 10,000 model runs, 50 a second, about 4 min left",
        ),
        (
            standing(progress=Count(0, 1250), rows_per_second=125.0),
            "About 1,250 model runs, about 10 s left",
        ),
        (
            standing(progress=Count(505, 505), rows_per_second=148.0),
            "505 of 505 model runs, 148 a second, nearly done",
        ),
    ],
)
def test_sentence_says_where_it_stands(given: Standing, words: str) -> None:
    assert sentence(given) == words


@pytest.mark.parametrize(("count", "share"), [(None, 0.0), (Count(1, 4), 0.25), (Count(9, 0), 1.0)])
def test_fraction_stays_between_none_and_all(count: Count | None, share: float) -> None:
    assert fraction(standing(progress=count)) == share


def test_speed_is_silent_until_a_job_was_watched_and_forgets_slow_first_runs() -> None:
    pace = Pace()
    assert pace.rows_per_second(Count(3, 1000), now=20.0) is None  # twenty seconds for three runs
    assert pace.rows_per_second(Count(203, 1000), now=21.0) is None  # too short a look
    assert pace.rows_per_second(Count(403, 1000), now=22.0) == pytest.approx(200)


def test_speed_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    for second in range(20):
        pace.rows_per_second(Count(10 * second, 10_000), now=float(second))
    for second in range(20, 40):
        found = pace.rows_per_second(Count(190 + 100 * (second - 19), 10_000), now=float(second))
    assert found == pytest.approx(100)


def test_what_was_measured_before_is_said_until_then() -> None:
    pace = Pace(expected=125.0)
    assert pace.rows_per_second(Count(0, 1000), now=0.0) == 125.0
    assert pace.rows_per_second(Count(100, 1000), now=1.0) == 125.0
    assert pace.rows_per_second(Count(200, 1000), now=4.0) == pytest.approx(50)


def test_another_piece_of_work_is_timed_anew() -> None:
    pace = Pace()
    pace.rows_per_second(Count(0, 1000), now=0.0)
    assert pace.rows_per_second(Count(500, 1000), now=50.0) == pytest.approx(10)
    assert pace.rows_per_second(Count(1, 1000), now=51.0) is None


def test_a_job_that_stands_still_is_not_given_a_speed() -> None:
    pace = Pace()
    pace.rows_per_second(Count(10, 1000), now=0.0)
    assert pace.rows_per_second(Count(10, 1000), now=90.0) is None


@pytest.mark.parametrize(
    ("outlook", "words"),
    [
        (None, ""),
        (Outlook(n_players=36, open_now=0, open_then=0), "none of 36 regions undecided"),
        (Outlook(n_players=36, open_now=14, open_then=6), "14 of 36 regions undecided, going on"),
    ],
)
def test_outlook_in_words(outlook: Outlook | None, words: str) -> None:
    assert words in outlook_line(outlook, "regions")
    assert bool(words) == bool(outlook_line(outlook, "regions"))
