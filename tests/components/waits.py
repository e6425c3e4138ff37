"""Work that waits, and waiting for work."""

import threading
import time

from components.jobs import Job, JobQueue
from models.errors import CancelledError

PATIENCE = 20.0


class Blocker:
    """Work that waits to be released, and says when it has begun."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()

    def __call__(self, job: Job) -> None:
        self.begun.set()
        while not self.release.wait(0.01):
            if job.is_cancelled():
                raise CancelledError("stopped")


def wait_for(*waited: Job) -> None:
    deadline = time.monotonic() + PATIENCE
    while not all(job.is_finished for job in waited):
        assert time.monotonic() < deadline
        time.sleep(0.002)


def wait_until_over(queue: JobQueue, job: Job) -> None:
    """The queue has let go of the job."""
    deadline = time.monotonic() + PATIENCE
    while job in queue._present():
        assert time.monotonic() < deadline
        time.sleep(0.002)
    assert job.is_finished
