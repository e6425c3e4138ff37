"""A queue watched from within: who computes when, on a clock that only passes move."""

import threading
from collections.abc import Callable

from components.jobs import Job, JobQueue
from models.errors import CancelledError
from tests.components.waits import PATIENCE


class Clock:
    """Goes on only while somebody computes: one second a pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Hall:
    """Passes of several jobs in the order in which they are computed; checks one at a time."""

    def __init__(self, queue: JobQueue, clock: Clock) -> None:
        self.passes: list[str] = []
        self.queue, self.clock, self._alone = queue, clock, threading.Lock()
        self.gate = threading.Event()
        begun = threading.Event()

        def keep_shut(_: Job) -> None:
            begun.set()
            assert self.gate.wait(PATIENCE)

        queue.submit(keep_shut)
        assert begun.wait(PATIENCE)

    def work(
        self, name: str, n_passes: int, then: Callable[[int], None] = lambda _: None
    ) -> Callable[[Job], None]:
        """So many passes, each recorded and followed by the question whether to go on."""

        def run(job: Job) -> None:
            for index in range(n_passes):
                assert self._alone.acquire(blocking=False), "two jobs compute at once"
                self.passes.append(name)
                self.clock.now += 1.0
                job.emit((name, index))
                then(index)
                self._alone.release()
                if job.is_cancelled():
                    raise CancelledError("stopped")

        return run

    def ask(self, name: str, n_passes: int, *, weight: float = 1.0) -> Job:
        return self.queue.submit(self.work(name, n_passes), person=name, weight=weight)
