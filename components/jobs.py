"""A queue with one worker: explanations of one model on one device run one after the other.

Two passes at once through one network with hooks mixed their results without an error when
measured, so this is a safety rule, not a matter of speed. A job is stopped when its user cancels
it, or when nobody has looked at it for a while (a closed browser tells nobody). Knows neither
Streamlit nor what the work is.
"""

import atexit
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from models.errors import CancelledError, ConsiliumError

logger = logging.getLogger(__name__)

JobState: TypeAlias = Literal["waiting", "running", "done", "stopped", "failed"]
CAPACITY: Final = (
    8  # waiting jobs; a ninth user is told to come back rather than left in a queue of minutes
)
LEASE_SECONDS: Final = 120.0  # browsers slow the timers of hidden tabs to one a minute
EXIT_SECONDS: Final = 2.0


class BusyError(ConsiliumError):
    """The queue is full."""


@dataclass(slots=True, eq=False)
class Job:
    """One piece of work, written by the worker and read by the page that asked for it.

    Attributes:
        work: Called once on the worker with the job, to `emit` events to and ask `is_cancelled`.
        lease_seconds: How long it goes on without anybody looking; infinite for our own work.
        outcome: How it ended, None before; see `state`.
        events: What it has reported so far, in order.
        error: Why it failed, None otherwise.
    """

    work: "Work"
    lease_seconds: float
    outcome: JobState | None = None
    events: list[object] = field(default_factory=list)
    error: Exception | None = None
    _has_begun: bool = False
    _first_event_at: float | None = None
    _looked_at: float = field(default_factory=time.monotonic)
    _cancelled: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def finished(cls, *events: object) -> "Job":
        """A job whose result was there already."""
        return cls(lambda _: None, math.inf, outcome="done", events=list(events))

    @property
    def state(self) -> JobState:
        """Where it stands; cancelled is stopped at once, whatever the worker still does."""
        if self.outcome is None and self._cancelled.is_set():
            return "stopped"
        return self.outcome or ("running" if self._has_begun else "waiting")

    @property
    def is_finished(self) -> bool:
        """Whether the state is final."""
        return self.state in ("done", "stopped", "failed")

    @property
    def seconds(self) -> float:
        """Since the first event: loading a model beforehand says nothing about the time left."""
        return 0.0 if self._first_event_at is None else time.monotonic() - self._first_event_at

    def emit(self, event: object) -> None:
        """Report something; called by the work. Nothing is added once it was cancelled."""
        if self._cancelled.is_set():
            return
        if self._first_event_at is None:
            self._first_event_at = time.monotonic()
        self.events.append(event)

    def look(self) -> None:
        """Say that somebody still waits for the result."""
        self._looked_at = time.monotonic()

    def cancel(self) -> None:
        """Ask the work to stop; a waiting job never starts."""
        self._cancelled.set()

    def is_cancelled(self) -> bool:
        """Whether the work should stop: the user asked, or nobody looks any more."""
        abandoned = time.monotonic() - self._looked_at > self.lease_seconds
        return abandoned or self._cancelled.is_set()

    def run(self) -> None:
        """Do the work and record how it ended; an error is kept for whoever looks."""
        if self.is_cancelled():
            self.outcome = "stopped"
            return
        self._has_begun = True
        try:
            self.work(self)
        except CancelledError:
            self.outcome = "stopped"
        except Exception as error:  # noqa: BLE001 - the worker outlives every job
            self.error = error
            self.outcome = "failed"
        else:
            self.outcome = "done"


Work: TypeAlias = Callable[[Job], None]


class JobQueue:
    """Runs jobs one at a time, in the order they came.

    Args:
        capacity: Jobs that may wait.
        name: Of the worker thread.
    """

    def __init__(self, *, capacity: int = CAPACITY, name: str = "worker") -> None:
        self._capacity = capacity
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        atexit.register(self.close)  # a thread inside the network must not meet a dying interpreter

    def submit(self, work: Work, *, lease_seconds: float = LEASE_SECONDS) -> Job:
        """Queue some work.

        Raises:
            BusyError: too many jobs wait.
        """
        job = Job(work, lease_seconds)
        with self._changed:
            self._drop_cancelled()
            if len(self._waiting) >= self._capacity:
                raise BusyError(
                    f"{len(self._waiting)} other consultations are waiting already.",
                    "Press Explain again in a minute.",
                )
            self._waiting.append(job)
            self._changed.notify()
        return job

    def ahead_of(self, job: Job) -> int:
        """How many jobs come before a waiting one, the running one included; 0 once it runs."""
        with self._changed:
            self._drop_cancelled()
            if job not in self._waiting:
                return 0
            return self._waiting.index(job) + (self._running is not None)

    def close(self) -> None:
        """Stop the running job, start no other, and wait a moment for the worker to end."""
        with self._changed:
            self._closed = True
            if self._running is not None:
                self._running.cancel()
            self._changed.notify()
        self._thread.join(EXIT_SECONDS)
        atexit.unregister(self.close)

    def _drop_cancelled(self) -> None:
        """Forget waiting jobs that nobody wants any more."""
        for job in [job for job in self._waiting if job.is_cancelled()]:
            job.outcome = "stopped"
            self._waiting.remove(job)

    def _serve(self) -> None:
        """The worker: take the next job, run it, forget it."""
        while (job := self._next()) is not None:
            job.run()
            logger.info("job state=%s", job.state)
            with self._changed:
                self._running = None

    def _next(self) -> Job | None:
        """The next job to run, None when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting)
            if self._closed:
                return None
            self._running = self._waiting.popleft()
            return self._running
