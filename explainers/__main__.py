"""`python -m explainers`: composition root of the command line, as pages/_wiring is of the pages.

The only module of this layer that may know components, and only to draw what --html writes.
"""

import io
import os
import sys

os.environ.setdefault("TORCH_FORCE_WEIGHTS_ONLY_LOAD", "1")  # before torch is imported anywhere

from explainers.cli import main
from explainers.report import EvidenceReport
from models.case import Case


def _html(report: EvidenceReport, case: Case) -> str:
    """The page that --html writes; drawing is imported only when it is asked for."""
    from components.export import html_report
    from explainers.methods import METHODS

    titles: dict[str, str] = {method.card.id: method.card.title for method in METHODS}
    return html_report(report, case.payload, titles=titles)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks ± shows ? instead
    sys.exit(main(sys.argv[1:], html=_html))
