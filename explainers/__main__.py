"""`python -m explainers`: composition root of the command line, as pages/_wiring is of the pages.

The only module of this layer that may know components, and only to draw what --html writes.
Everything is imported inside functions: Ctrl-C is answered from the first moment on.
"""

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explainers.report import EvidenceReport
    from models.case import Case


def _html(report: "EvidenceReport", case: "Case") -> str:
    """The page that --html writes."""
    from components.export import html_report
    from explainers.methods import METHODS

    titles: dict[str, str] = {method.card.id: method.card.title for method in METHODS}
    return html_report(report, case.payload, titles=titles)


def _start() -> int:
    """Run the command line of this process; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks ± shows ? instead
    try:
        from explainers.cli import main
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130
    return main(sys.argv[1:], html=_html)


if __name__ == "__main__":
    sys.exit(_start())
