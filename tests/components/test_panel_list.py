"""What stands over each panel while its method is at work."""

from dataclasses import replace

import numpy as np
import pytest

from components.findings import Findings
from components.offer import Offer
from components.panel_list import panels_of
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.methods import METHODS
from explainers.outlook import Interim
from explainers.report import default_request
from models.catalog import catalog
from tests.components.scenes import answer

CARD = catalog()["xray"]
OFFER = Offer(
    methods=tuple(method.card for method in METHODS),
    model=CARD,
    baselines=BASELINES_OF["image"],
    cuts=PLAYERS_OF["image"],
    default=default_request(CARD),
)


def said(errors: float | None, rows: int) -> str:
    """The line over the panel of LIME, whose values are four times 1."""
    values = np.ones(4)
    found = answer("lime", values, std_error=None if errors is None else errors * values, rows=rows)
    so_far = Findings(interim=(Interim(explanation=found, planned=1000),))
    request = replace(OFFER.default, methods=("lime",))
    (panel,) = panels_of(request, so_far, OFFER, is_running=True)
    return panel.subtitle


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [(250, 0.2, "± 4.3 % each"), (1000, 0.1, "± 2.2 % each"), (9, None, "1,000 model runs")],
)
def test_error_bars_are_said_while_they_shrink(rows: int, error: float | None, words: str) -> None:
    # s = 1/4, e = 0.2/4: the root of (3/4 e)^2 + 3 (e/4)^2 is 0.87 e.
    line = said(error, rows)
    assert f"so far {rows:,} of 1,000 model runs" in line
    assert line.endswith(words)
