"""Finished reports, bounded in number and age. No pixels, no names; no streamlit."""

import threading
import time
from collections import OrderedDict
from typing import Final

from explainers.report import EvidenceReport

CAPACITY: Final = 64  # a report of 50 regions and three pixel maps takes about 2 MB
MAX_AGE_SECONDS: Final = 3600.0


class ReportStore:
    """Reports by key (`ConsultRequest.key`: the digest of everything that decides the result).

    Streamlit's own cache is not used: it hashes what it is given by sampling, and can then answer
    with the report of another patient.
    """

    def __init__(
        self, *, capacity: int = CAPACITY, max_age_seconds: float = MAX_AGE_SECONDS
    ) -> None:
        self._capacity = capacity
        self._max_age = max_age_seconds
        self._entries: OrderedDict[str, tuple[float, EvidenceReport]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> EvidenceReport | None:
        """The report of a key, None when there is none or it is too old."""
        with self._lock:
            self._forget_old()
            return self._entries[key][1] if key in self._entries else None

    def put(self, key: str, report: EvidenceReport) -> None:
        """Keep a report; the oldest goes when there are too many."""
        with self._lock:
            self._entries.pop(key, None)
            self._entries[key] = (time.monotonic(), report)
            self._forget_old()

    def _forget_old(self) -> None:
        """Entries are in order of age: drop from the front."""
        oldest_allowed = time.monotonic() - self._max_age
        while self._entries:
            stored_at, _ = next(iter(self._entries.values()))
            if len(self._entries) <= self._capacity and stored_at >= oldest_allowed:
                return
            self._entries.popitem(last=False)
