"""One piece of work: written by the thread that does it, read by the page that asked for it."""

import math
import threading
import time
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from models.errors import CancelledError

JobState: TypeAlias = Literal["waiting", "running", "done", "stopped", "failed"]
LEASE_SECONDS: Final = 120.0  # browsers slow the timers of hidden tabs to one a minute


class Job:
    """Some work and what has become of it.

    Args:
        work: Called once with the job, to `emit` events to and ask `is_cancelled`.
        lease_seconds: How long it goes on without anybody looking; infinite for our own work.
        person: Whose it is.
        level: How long it is; see `components.fairness`.
        number: Its place in order of arrival.
    """

    def __init__(
        self,
        work: "Work",
        lease_seconds: float = LEASE_SECONDS,
        *,
        person: str = "",
        level: int = 0,
        number: int = 0,
    ) -> None:
        self.person, self.level, self.number = person, level, number
        self.turn = threading.Event()  # set while it may compute
        self._work: Work | None = work
        self._lease_seconds = lease_seconds
        self._outcome: JobState | None = None
        self._events: list[object] = []
        self._error: Exception | None = None
        self._has_begun = False
        self._first_event_at: float | None = None
        self._looked_at = time.monotonic()
        self._cancelled = False
        self._enough = False
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._pause: Callable[[Job], None] = lambda _: None
        self._thread = 0

    @classmethod
    def finished(cls, *events: object) -> "Job":
        """A job whose result was there already."""
        job = cls(lambda _: None, math.inf)
        job._outcome, job._events = "done", list(events)
        job._ended.set()
        return job

    @property
    def origin(self) -> "Job":
        """The job that the queue knows: itself, unless it only joined another."""
        return self

    @property
    def state(self) -> JobState:
        """Where it stands; cancelled is stopped at once, whatever its thread still does."""
        if self._outcome is None and self._cancelled:
            return "stopped"
        return self._outcome or ("running" if self._has_begun else "waiting")

    @property
    def is_finished(self) -> bool:
        """Whether the state is final."""
        return self.state in ("done", "stopped", "failed")

    @property
    def events(self) -> list[object]:
        """What it has reported so far, in order."""
        return self._events

    @property
    def error(self) -> Exception | None:
        """Why it failed, None otherwise."""
        return self._error

    @property
    def seconds(self) -> float:
        """Since the first event: loading a model beforehand says nothing about the time left."""
        return 0.0 if self._first_event_at is None else time.monotonic() - self._first_event_at

    @property
    def is_unwanted(self) -> bool:
        """Whether it should stop: the user asked, or nobody looks any more. That is final."""
        with self._lock:
            abandoned = time.monotonic() - self._looked_at > self._lease_seconds
            self._cancelled = self._cancelled or (abandoned and self._outcome is None)
            return self._cancelled

    def look(self) -> bool:
        """Say that somebody still waits for the result; False when that comes too late."""
        with self._lock:
            self._looked_at = time.monotonic()
            return not self._cancelled

    def wait(self, seconds: float) -> bool:
        """Stay here until it ends, at most so long; whether it has ended."""
        return self._ended.wait(seconds)

    def cancel(self) -> None:
        """Ask the work to stop; a waiting job never starts."""
        with self._lock:
            self._cancelled = True

    def end_early(self) -> None:
        """Say that what there is will do; the work ends with it as soon as it can."""
        self._enough = True

    @property
    def is_enough(self) -> bool:
        """Whether the reader is content with what there is; asked by the work."""
        return self._enough

    def emit(self, event: object) -> None:
        """Report something; called by the work. Nothing is added once it was cancelled."""
        if self._cancelled:
            return
        if self._first_event_at is None:
            self._first_event_at = time.monotonic()
        self._events.append(event)

    def is_cancelled(self) -> bool:
        """Whether the work should stop; asked by the work, which may have to wait here meanwhile.

        Other people's work is done in between: nothing half made that others can reach may be left
        lying about while asking.
        """
        if self._thread == threading.get_ident():
            self._pause(self)
        return self.is_unwanted

    def run(self, pause: Callable[["Job"], None] = lambda _: None) -> None:
        """Do the work and record how it ended; an error is kept for whoever looks.

        Args:
            pause: Called with the job, on this thread, whenever others may compute.
        """
        self._pause, self._thread = pause, threading.get_ident()
        work, self._work = self._work, None  # what it holds of a case goes when it ends
        outcome: JobState = "stopped"
        try:
            if work is not None and not self.is_unwanted:
                self._has_begun = True
                work(self)
                outcome = "done"
        except CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 - a job never harms another one
            self._error, outcome = error, "failed"
        finally:
            self._thread = 0
            self._end(outcome)

    def give_up(self, error: Exception | None = None) -> None:
        """End before having begun."""
        self._work, self._error = None, error
        self._end("stopped" if error is None else "failed")

    def _end(self, outcome: JobState) -> None:
        """Settle it; what was stopped for the reader stays so, whatever came of it since."""
        with self._lock:
            self._outcome = "stopped" if self._cancelled else outcome
            if self._outcome == "stopped":
                self._error = None
        self._ended.set()


Work: TypeAlias = Callable[[Job], None]
