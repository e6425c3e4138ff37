"""How far a running consultation is, how long it may still take, and a button to stop it."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import streamlit as st

from components.findings import RowCount
from components.jobs import Job
from explainers.outlook import Outlook
from explainers.report import ConsultRequest

STOP_HELP: Final = (
    "Ends the methods with what there is; then the model itself is asked. Verdicts are judged more "
    "strictly than at the planned end. You can go on later, and nothing is asked twice."
)
POLL_SECONDS: Final = 0.5
POLLS_A_SECOND: Final = 8  # of all who wait together: looking must not take the time of clicking
# The speed is that of the last seconds, and believed once so much time and work were watched.
STEADY_SECONDS: Final = 2.0
STEADY_FRACTION: Final = 0.02
WINDOW_SECONDS: Final = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a job stands.

    Attributes:
        n_ahead: Jobs that come first; 0 once it runs.
        is_running: Whether the worker has begun.
        progress: The latest count, None before the first.
        method: Display name of the method now running, "" for none.
        rows_per_second: How fast it goes, None while that cannot be told.
    """

    n_ahead: int
    is_running: bool
    progress: RowCount | None
    method: str
    rows_per_second: float | None

    @property
    def seconds_left(self) -> float | None:
        """How long the rest may take, None while that cannot be told."""
        if self.progress is None or not self.rows_per_second:
            return None
        return max(0, self.progress.planned - self.progress.rows) / self.rows_per_second


class Pace:
    """How fast a job goes, of counts taken while somebody looks.

    The speed so far says little about the rest: the first runs of a model are slow, and methods
    that take turns go at different speeds. So it is that of the last few seconds.

    Args:
        expected: Model runs a second as measured before, said until the job itself was watched.
    """

    def __init__(self, expected: float | None = None) -> None:
        self._expected = expected
        self._seen: deque[tuple[float, int]] = deque()

    def expect(self, rows_per_second: float | None) -> None:
        """Model runs a second to be expected now, where that is known."""
        self._expected = rows_per_second or self._expected

    def rows_per_second(self, progress: RowCount, now: float) -> float | None:
        """Take a count at `now` seconds; the speed, None if unknown."""
        if self._seen and progress.rows < self._seen[-1][1]:
            self._seen.clear()  # another piece of work
        self._seen.append((now, progress.rows))
        while len(self._seen) > 2 and now - self._seen[1][0] > WINDOW_SECONDS:
            self._seen.popleft()
        since, rows = now - self._seen[0][0], progress.rows - self._seen[0][1]
        if since < STEADY_SECONDS or rows < STEADY_FRACTION * progress.planned:
            return self._expected
        return rows / since


# Kept with the job: a page that is drawn anew every second must not forget the speed it watched.
_PACES: Final[WeakKeyDictionary[Job, Pace]] = WeakKeyDictionary()


def pace_of(job: Job, expected: float | None = None) -> Pace:
    """The pace of a job, the same one for every page that is drawn while it runs."""
    pace = _PACES.setdefault(job, Pace())
    pace.expect(expected)
    return pace


def watch(
    look: Callable[[], Standing | None],
    *,
    on_cancel: Callable[[], None],
    key: str,
    on_end: Callable[[], None] | None = None,
    outlook: str = "",
    n_people: int = 1,
) -> None:
    """Draw bar and buttons; the bar alone is drawn again every half second, or less often.

    Args:
        look: Where the job stands now; None when something has arrived and the page must be drawn
            anew.
        on_cancel: Called at once when the button is pressed.
        key: Prefix of the widget keys.
        on_end: The same for "Stop here"; None where there is nothing to stop with yet.
        outlook: What stopping now would leave open, in a sentence.
        n_people: How many wait like this one, each for longer the more they are.
    """
    bar, end, cancel = st.columns([6, 1.2, 1], vertical_alignment="center")
    # Outside the fragment: a click must not meet a fragment that was replaced meanwhile.
    if on_end is not None:
        end.button("Stop here", key=f"{key}.end", on_click=on_end, width="stretch", help=STOP_HELP)
    cancel.button("Cancel", key=f"{key}.cancel", on_click=on_cancel, width="stretch")
    if outlook:
        st.caption(outlook)

    @st.fragment(run_every=max(POLL_SECONDS, n_people / POLLS_A_SECOND))
    def poll() -> None:
        standing = look()
        if standing is None:
            st.rerun()
        st.progress(fraction(standing), text=sentence(standing))

    with bar:
        poll()


def outlook_line(outlook: Outlook | None, parts: str) -> str:
    """What stopping now would leave open, in a sentence; "" where that is not known.

    Args:
        outlook: From the methods' present error bars.
        parts: What players are called: "regions".
    """
    if outlook is None:
        return ""
    now, then = outlook.open_now, outlook.open_then
    if now == 0:
        return f"Stopping now would leave none of {outlook.n_players} {parts} undecided."
    return (
        f"Stopping now would leave {now} of {outlook.n_players} {parts} undecided, "
        f"going on to the end about {then}."
    )


def fraction(standing: Standing) -> float:
    """Share of the planned model runs that is done, in [0, 1]."""
    progress = standing.progress
    return min(1.0, progress.rows / max(1, progress.planned)) if progress else 0.0


def sentence(standing: Standing) -> str:
    """What is going on, in words."""
    if not standing.is_running:
        others = "one other consultation" if standing.n_ahead == 1 else f"{standing.n_ahead} others"
        return f"Waiting for {others} to finish" if standing.n_ahead else "Starting"
    progress = standing.progress
    if progress is None:
        return "Loading the model and reading the case"
    left = time_left(standing.seconds_left)
    if progress.rows == 0:
        return f"About {progress.planned:,} model runs{left}"
    doing = f"{standing.method}: " if standing.method else ""
    pace = a_second(standing.rows_per_second)
    return f"{doing}{progress.rows:,} of {progress.planned:,} model runs{pace}{left}"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of a request's methods, and of what came after, which hardly depends on them."""

    request: ConsultRequest
    asking: float
    after: float


def cost_line(seconds: float, *, is_estimate: bool = False) -> str:
    """How long what is set would take, before it is asked for.

    Args:
        seconds: About.
        is_estimate: Told by the model's speed alone: nothing was explained with it yet.
    """
    told_by = "Estimated from" if is_estimate else "At"
    speed = "measured when the model was loaded" if is_estimate else "of the last explanation"
    return (
        f"{told_by} the speed {speed}, these settings take {_duration(seconds)}, less where some "
        "of it was asked before."
    )


def runs_line(rows: int, speed: float | None) -> str:
    """How much work would be, before it is asked for, and how long at a measured speed.

    Args:
        rows: Model runs.
        speed: Model runs a second; None where that is not known.
    """
    if not speed:
        return f"About {rows:,} model runs."
    return f"About {rows:,} model runs, {_duration(rows / speed)} at the speed measured here."


def a_second(speed: float | None) -> str:
    """Model runs a second in words; nothing while that cannot be told."""
    return f", {speed:,.0f} a second" if speed and speed >= 1 else ""


def time_left(seconds: float | None) -> str:
    """The rest in words; nothing while it cannot be told."""
    if seconds is None:
        return ""
    if seconds == 0:  # an estimate was too low; nobody should read "0 s" for seconds
        return ", nearly done"
    return f", {_duration(seconds)} left"


def _duration(seconds: float) -> str:
    """About so long, rounded up."""
    if seconds < 90:
        return f"about {math.ceil(seconds)} s"
    return f"about {math.ceil(seconds / 60)} min"
