"""The app with a stopwatch on its parts: `python -m benchmarks.stamps TRACE run app.py ...`.

Starts Streamlit as usual after some functions were wrapped; each call becomes one line of the file
TRACE: name, start and end (seconds since the epoch), thread. The app itself knows nothing of it.
"""

import functools
import importlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

DECODERS: Final = (
    *("decode_film", "decode_table", "decode_text"),
    *("sample", "sample_record", "sample_report"),
)
# name -> (module, attribute); several functions may share a name
PARTS: Final = {
    "decode": [("pages._cases", name) for name in DECODERS],
    "model load": [("models.catalog", "Catalog.load")],
    "consultation": [("explainers.consult", "consult")],
    "asking the model": [("explainers.weighing", "weigh")],
    "page": [("streamlit.runtime.scriptrunner.script_runner", "ScriptRunner._run_script")],
    "panels": [("pages._results", "show")],
    "files": [("pages._files", name) for name in ("html_file", "png_file", "table_files")],
}


class Trace:
    """Writes one line a call."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time a block."""
        started = time.time()
        try:
            yield
        finally:
            line = json.dumps([name, started, time.time(), threading.get_ident()])
            with self._lock:
                self._stream.write(line + "\n")
                self._stream.flush()

    def wrap(self, name: str, module: str, attribute: str) -> None:
        """Time every call of a function or method."""
        owner: Any = importlib.import_module(module)
        *path, last = attribute.split(".")
        for part in path:
            owner = getattr(owner, part)
        original: Callable[..., Any] = getattr(owner, last)

        @functools.wraps(original)
        def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
            with self.timed(name):
                return original(*args, **named)

        setattr(owner, last, call)

    def wrap_passes(self) -> None:
        """Time the model's passes themselves, without what is done with their results."""
        from explainers.engine import Runtime

        original = Runtime.passes

        def passes(runtime: Any, count: int, run: Callable[[slice], Any]) -> Any:  # noqa: ANN401
            def timed_run(part: slice) -> Any:  # noqa: ANN401
                with self.timed("passes"):
                    return run(part)

            return original(runtime, count, timed_run)

        Runtime.passes = passes  # type: ignore[assignment,method-assign]  # the stopwatch


def main() -> None:
    """Wrap, then be Streamlit."""
    from streamlit.web import cli

    trace = Trace(open(sys.argv.pop(1), "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - till exit
    for name, targets in PARTS.items():
        for module, attribute in targets:
            trace.wrap(name, module, attribute)
    trace.wrap_passes()
    cli.main()


if __name__ == "__main__":
    main()
