"""How far a running consultation is, how long it may still take, and a button to stop it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from components.findings import RowCount

POLL_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a job stands.

    Attributes:
        n_ahead: Jobs that come first; 0 once it runs.
        is_running: Whether the worker has begun.
        progress: The latest count, None before the first.
        method: Display name of the method now running, "" for none.
        seconds: Since the first model run.
    """

    n_ahead: int
    is_running: bool
    progress: RowCount | None
    method: str
    seconds: float


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
        return "Loading the model and reading the film"
    doing = f"{standing.method}: " if standing.method else ""
    return f"{doing}{progress.rows:,} of {progress.planned:,} model runs{_time_left(standing)}"


def _time_left(standing: Standing) -> str:
    """The rest at the speed so far; nothing until there is a speed to speak of."""
    done = fraction(standing)
    if standing.seconds < 1 or done <= 0:
        return ""
    left = standing.seconds * (1 - done) / done
    return (
        f", about {math.ceil(left)} s left"
        if left < 90
        else f", about {math.ceil(left / 60)} min left"
    )
