"""Identical requests are computed once: who asks second joins the job of who asked first.

Each sees the same events and the same result. Cancelling lets go of one's own hold alone; the work
stops when nobody holds it any more, or when none of them looks. It ends early when all who hold it
are content with what there is.
"""

import math
import threading
from collections.abc import Callable

from components.job import Job, JobState


class SharedJobs:
    """The running jobs by what they answer (`ConsultRequest.key`)."""

    def __init__(self) -> None:
        self._running: dict[str, _Shared] = {}
        self._lock = threading.Lock()

    def start(self, key: str, submit: Callable[[], Job]) -> Job:
        """Join the running job of a key, or queue one.

        A finished job is not joined: its result is in the store, or it failed. The work had better
        look there once more before it begins.

        Args:
            key: Equal for requests with equal results only.
            submit: Queues the job; called when there is none. Its errors pass through.
        """
        with self._lock:
            self._running = {k: s for k, s in self._running.items() if not s.job.is_finished}
            shared = self._running.get(key)
            held = None if shared is None else shared.hold()
            if held is None:  # there is none, or it is being stopped
                self._running[key] = shared = _Shared(submit())
                held = _Hold(shared)
            return held


class _Shared:
    """A job and how many hold it, at first one."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._holds = 1
        self._content = 0
        self._lock = threading.Lock()

    def hold(self) -> "_Hold | None":
        """One hold more; None when it is too late."""
        with self._lock:  # of those who let go meanwhile none can be the last
            if not self.job.look():
                return None
            self._holds += 1
            return _Hold(self)

    def let_go(self, *, was_content: bool) -> None:
        """One hold less; the last one stops the job."""
        with self._lock:
            self._holds -= 1
            self._content -= was_content
            if self._holds == 0:
                self.job.cancel()
            elif self._content == self._holds:
                self.job.end_early()

    def is_content(self) -> None:
        """One of those who hold it is content; the work ends early when all are."""
        with self._lock:
            self._content += 1
            if self._content == self._holds:
                self.job.end_early()


class _Hold(Job):
    """One person's part in a shared job; to a page it is a job like any other."""

    def __init__(self, shared: _Shared) -> None:
        super().__init__(lambda _: None, math.inf)
        self._shared = shared
        self._seen: list[object] | None = None  # what had come when it was cancelled

    @property
    def origin(self) -> Job:
        return self._shared.job

    @property
    def state(self) -> JobState:
        return self.origin.state if self._seen is None else "stopped"

    @property
    def events(self) -> list[object]:
        return self.origin.events if self._seen is None else self._seen

    @property
    def error(self) -> Exception | None:
        return self.origin.error if self._seen is None else None

    @property
    def seconds(self) -> float:
        return self.origin.seconds

    @property
    def is_unwanted(self) -> bool:
        return self._seen is not None or self.origin.is_unwanted

    def look(self) -> bool:
        return self._seen is None and self.origin.look()

    def wait(self, seconds: float) -> bool:
        return self.origin.wait(seconds)

    def cancel(self) -> None:
        """Let go; what is over already stays as it is."""
        with self._lock:
            if self._seen is not None or self.origin.is_finished:
                return
            self._seen = list(self.origin.events)
        self._shared.let_go(was_content=self._enough)

    def end_early(self) -> None:
        """Be content with what there is; the others who wait may not be."""
        with self._lock:
            if self._enough or self._seen is not None:
                return
            self._enough = True
        self._shared.is_content()
