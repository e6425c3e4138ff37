"""Progress in words: position in the queue, model runs, time left."""

from dataclasses import dataclass

import pytest

from components.progress import Pace, Standing, fraction, sentence
from explainers.explanation import MethodId


@dataclass(frozen=True)
class Count:
    rows: int
    planned: int
    method: MethodId | None = "lime"


def standing(**changes: object) -> Standing:
    start = {"n_ahead": 0, "is_running": True, "progress": None, "method": ""}
    start |= {"seconds_left": None}
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
            standing(progress=Count(50, 200), seconds_left=29.1),
            "50 of 200 model runs, about 30 s left",
        ),
        (
            standing(progress=Count(10, 200), seconds_left=190.0),
            "10 of 200 model runs, about 4 min left",
        ),
    ],
)
def test_sentence_says_where_it_stands(given: Standing, words: str) -> None:
    assert sentence(given) == words


@pytest.mark.parametrize(("count", "share"), [(None, 0.0), (Count(1, 4), 0.25), (Count(9, 0), 1.0)])
def test_fraction_stays_between_none_and_all(count: Count | None, share: float) -> None:
    assert fraction(standing(progress=count)) == share


def test_time_left_is_silent_until_a_method_has_been_watched_and_forgets_slow_first_runs() -> None:
    pace = Pace()
    assert pace.seconds_left(Count(3, 1000), now=20.0) is None  # twenty seconds for three runs
    assert pace.seconds_left(Count(203, 1000), now=21.0) is None  # too short a look
    assert pace.seconds_left(Count(403, 1000), now=22.0) == pytest.approx(2 * 597 / 400)


def test_each_method_is_timed_by_itself() -> None:
    pace = Pace()
    pace.seconds_left(Count(0, 1000, "rise"), now=0.0)
    assert pace.seconds_left(Count(500, 1000, "rise"), now=50.0) == pytest.approx(50)
    assert pace.seconds_left(Count(501, 1000, "lime"), now=51.0) is None
    assert pace.seconds_left(Count(701, 1000, "lime"), now=53.0) == pytest.approx(2 * 299 / 200)


def test_a_method_that_stands_still_is_not_given_a_time() -> None:
    pace = Pace()
    pace.seconds_left(Count(10, 1000), now=0.0)
    assert pace.seconds_left(Count(10, 1000), now=90.0) is None
