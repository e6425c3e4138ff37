"""Several people's work on one model and device, taking turns at the boundaries of passes.

Each job that was let in has a thread of its own, but only the one whose turn it is computes: two
passes at once through one network with hooks mixed their results without an error when measured,
so this is a safety rule, not a matter of speed. The turn may pass on whenever the work asks whether
it is cancelled, which the engine does after every pass; whatever lies between two such questions is
never interrupted. Which job comes next, `components.fairness` says; values never depend on it.

A job is stopped when its user cancels it, or when nobody has looked at it for a while (a closed
browser tells nobody). Knows neither Streamlit nor what the work is.
"""

import atexit
import contextlib
import itertools
import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from components.fairness import Accounts, level_of
from components.job import LEASE_SECONDS, Job, JobState, Work
from models.errors import ConsiliumError

__all__ = ["BusyError", "Job", "JobQueue", "JobState", "Work"]

logger = logging.getLogger(__name__)

SLOTS: Final = 16  # jobs let in: a paused one keeps its inputs and a thread
LONG_SLOTS: Final = 8  # of which long ones: there is always room for an ordinary consultation
CAPACITY: Final = 64  # waiting for a slot; what is beyond would wait for many minutes
RUNNING_EACH: Final = 2  # of one person
WAITING_EACH: Final = 10
EXIT_SECONDS: Final = 2.0
NICE: Final = 5  # what work yields to pages and browsers on the same cores


class BusyError(ConsiliumError):
    """Too much is waiting already: of this person, or of all."""


class JobQueue:
    """Lets jobs in, and gives one of them at a time the turn to compute.

    Args:
        capacity: Jobs that may wait to be let in.
        slots: Jobs that are let in at once; half of them may be long ones.
        name: Of the threads.
        who: Whose job it is that is being submitted, where that is not said; None for nobody's.
        clock: Seconds, by which people's shares are measured.
    """

    def __init__(
        self,
        *,
        capacity: int = CAPACITY,
        slots: int = SLOTS,
        name: str = "worker",
        who: Callable[[], str | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity, self._slots, self._name, self._clock = capacity, slots, name, clock
        self._who = who
        self._lock = threading.Lock()
        self._accounts = Accounts()
        self._waiting: list[Job] = []
        self._let_in: dict[Job, threading.Thread] = {}
        self._turn: Job | None = None
        self._since = 0.0
        self._numbers = itertools.count()
        self._closed = False
        atexit.register(self.close)  # a thread inside the network must not meet a dying interpreter

    def submit(
        self,
        work: Work,
        *,
        person: str | None = None,
        weight: float = 1.0,
        lease_seconds: float = LEASE_SECONDS,
    ) -> Job:
        """Queue some work.

        Args:
            work: Called once, on a thread of its own.
            person: Whose it is, such as the session; None asks `who`, and is then somebody apart.
            weight: How long it is, in default consultations; what is at most 1 comes first.
            lease_seconds: How long it goes on without anybody looking.

        Raises:
            BusyError: this person, or all together, have too much waiting.
        """
        number = next(self._numbers)
        owner = person or self._who() or f"nobody {number}"
        job = Job(work, lease_seconds, person=owner, level=level_of(weight), number=number)
        with self._lock:
            self._drop_unwanted()
            self._accounts.enter(owner, {other.person for other in self._present()})
            self._waiting.append(job)
            if self._closed:
                job.cancel()
                self._drop_unwanted()
            self._let_more_in()
            self._refuse_too_many(job)
        return job

    def ahead_of(self, job: Job) -> int:
        """How many jobs must end before a waiting one is let in; 0 once it is."""
        with self._lock:
            self._drop_unwanted()
            if job.origin not in self._waiting:
                return 0
            return 1 + self._accounts.ordered(self._waiting).index(job.origin)

    @property
    def n_people(self) -> int:
        """How many people share the device now."""
        with self._lock:
            return len({job.person for job in self._let_in if not job.is_unwanted})

    def close(self) -> None:
        """Stop everything, and wait a moment for the threads to end."""
        with self._lock:
            self._closed = True
            for job in self._present():
                job.cancel()
            self._drop_unwanted()
            threads = list(self._let_in.values())
        deadline = time.monotonic() + EXIT_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        atexit.unregister(self.close)

    def _present(self) -> list[Job]:
        """Everything that is not over."""
        return [*self._let_in, *self._waiting]

    def _drop_unwanted(self) -> None:
        """Forget waiting jobs that nobody wants any more."""
        for job in [job for job in self._waiting if job.is_unwanted]:
            job.give_up()
            self._waiting.remove(job)

    def _refuse_too_many(self, job: Job) -> None:
        """Take a job back that would have to wait behind too many."""
        if job not in self._waiting:
            return
        own = sum(other.person == job.person for other in self._waiting)
        if own <= WAITING_EACH and len(self._waiting) <= self._capacity:
            return
        self._waiting.remove(job)
        if own > WAITING_EACH:
            raise BusyError(
                f"You have {WAITING_EACH} questions to this model waiting already, the most that "
                "one person may have.",
                "Wait until one is answered or cancel one, then ask again.",
            )
        raise BusyError(
            f"{len(self._waiting)} other consultations are waiting already.",
            "Press Explain again in a minute.",
        )

    def _let_more_in(self) -> None:
        """Fill free slots, and see to it that somebody has the turn."""
        while (job := self._next_in()) is not None:
            self._waiting.remove(job)
            thread = threading.Thread(target=self._live, args=(job,), name=self._name, daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the system has no thread left
                job.give_up(error)
            else:
                self._let_in[job] = thread
        if self._turn is None:
            self._pass_on()

    def _next_in(self) -> Job | None:
        """Who is to be let in now, None where there is no room or nobody to come."""
        if len(self._let_in) >= self._slots:
            return None
        running = Counter(job.person for job in self._let_in)
        n_long = sum(job.level > 0 for job in self._let_in)
        room_for_long = n_long < max(1, self._slots * LONG_SLOTS // SLOTS)
        can = [
            job
            for job in self._waiting
            if running[job.person] < RUNNING_EACH and (job.level == 0 or room_for_long)
        ]
        return next(iter(self._accounts.ordered(can)), None)

    def _live(self, job: Job) -> None:
        """A job's thread: wait for the first turn, work, leave."""
        _step_back()
        job.turn.wait()
        try:
            job.run(pause=self._pause)
        finally:
            logger.info("job state=%s", job.state)
            with self._lock:
                self._end_turn(job)
                del self._let_in[job]
                self._drop_unwanted()
                self._let_more_in()

    def _pause(self, job: Job) -> None:
        """Let others compute, if it is theirs to come; returns when it is this job's turn again."""
        with self._lock:
            self._end_turn(job)
            self._pass_on()
        job.turn.wait()

    def _end_turn(self, job: Job) -> None:
        """Charge a job's owner for its turn."""
        self._accounts.charge(job.person, self._clock() - self._since)
        job.turn.clear()
        self._turn = None

    def _pass_on(self) -> None:
        """Give the turn to whoever comes first."""
        self._turn = next(iter(self._accounts.ordered(list(self._let_in))), None)
        if self._turn is not None:
            self._since = self._clock()
            self._turn.turn.set()


def _step_back() -> None:
    """Let everything else on this machine come before this thread and those it starts.

    A page takes milliseconds and somebody waits for it; a consultation takes seconds. Linux alone
    has a priority a thread; elsewhere the whole process would step back.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # not allowed in some containers
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, max(now, NICE))
