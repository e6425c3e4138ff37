"""How far a running consultation is, how long it may still take, and a button to stop it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from components.findings import RowCount
from explainers.explanation import MethodId

POLL_SECONDS: Final = 0.5
# A method is timed for so long, and over so much of the work, before its speed is believed.
STEADY_SECONDS: Final = 2.0
STEADY_FRACTION: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a job stands.

    Attributes:
        n_ahead: Jobs that come first; 0 once it runs.
        is_running: Whether the worker has begun.
        progress: The latest count, None before the first.
        method: Display name of the method now running, "" for none.
        seconds_left: How long the rest may take, None while that cannot be told.
    """

    n_ahead: int
    is_running: bool
    progress: RowCount | None
    method: str
    seconds_left: float | None


class Pace:
    """How fast the method now running goes, of counts taken while somebody looks.

    The speed so far says little about the rest: the first runs of a model are slow, and so are
    methods that need gradients. So each method is timed by itself, from its first count on, and
    nothing is said before it has been watched for a while.
    """

    def __init__(self) -> None:
        self._method: MethodId | None = None
        self._start = (0.0, 0)

    def seconds_left(self, progress: RowCount, now: float) -> float | None:
        """Take a count at `now` seconds; the rest at this method's speed, None if unknown."""
        if progress.method != self._method:
            self._method, self._start = progress.method, (now, progress.rows)
        since, rows = now - self._start[0], progress.rows - self._start[1]
        if since < STEADY_SECONDS or rows < STEADY_FRACTION * progress.planned:
            return None
        return since * max(0, progress.planned - progress.rows) / rows


def watch(look: Callable[[], Standing | None], *, on_cancel: Callable[[], None], key: str) -> None:
    """Draw bar and button; the bar alone is drawn again every half second.

    Args:
        look: Where the job stands now; None when something has arrived and the page must be drawn
            anew.
        on_cancel: Called at once when the button is pressed.
        key: Prefix of the widget keys.
    """
    bar, button = st.columns([7, 1], vertical_alignment="center")
    # Outside the fragment: a click must not meet a fragment that was replaced meanwhile.
    button.button("Cancel", key=f"{key}.cancel", on_click=on_cancel, width="stretch")

    @st.fragment(run_every=POLL_SECONDS)
    def poll() -> None:
        standing = look()
        if standing is None:
            st.rerun()
        st.progress(fraction(standing), text=sentence(standing))

    with bar:
        poll()


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
    doing = f"{standing.method}: " if standing.method else ""
    left = _time_left(standing.seconds_left)
    return f"{doing}{progress.rows:,} of {progress.planned:,} model runs{left}"


def _time_left(seconds: float | None) -> str:
    """The rest in words; nothing while it cannot be told."""
    if seconds is None:
        return ""
    return (
        f", about {math.ceil(seconds)} s left"
        if seconds < 90
        else f", about {math.ceil(seconds / 60)} min left"
    )
