"""The strip has everything on one axis: other parts, this part, what methods foretold."""

import numpy as np

from components.figures.referee_strip import referee_strip
from explainers.explanation import Target
from explainers.referee_report import Foretold, RefereeReport

FOUND = RefereeReport(
    case_digest="d" * 64,
    players_digest="p" * 64,
    part=(2,),
    target=Target(index=1, name="present"),
    scale="logit",
    baselines=("blur", "mean", "black"),
    value_full=2.0,
    hiding=np.array([1.0, 1.5, 3.5]),
    keeping=np.array([1.0, 1.0, 1.0]),
    effects=np.array([2.0, 2.0, 2.0]),
    placebos=np.array([[0.1, 0.2, 0.3], [-0.1, -0.2, 0.0]]),
    placebo_kind="moved shapes",
    n_possible=2,
    overlap=0.1,
    rows=50,
    seconds=0.1,
    seed=0,
)
ANSWERS = (
    Foretold(method="lime", rule="sum", change=1.8, error=0.2, own_error=0.3),
    Foretold(method="grad_cam", rule="share of the effect", change=-0.5, error=2.5, own_error=1.5),
    Foretold(
        method="rise",
        rule="share of the effect",
        change=float("nan"),
        error=float("nan"),
        own_error=float("nan"),
    ),
)


def test_all_changes_stand_on_one_axis() -> None:
    figure = referee_strip(FOUND, ANSWERS, titles={"lime": "LIME"}, part="region", parts="regions")
    others, this, foretold = figure.data
    assert list(others.x) == [0.2, -0.1] or np.allclose(others.x, [0.2, -0.1])
    assert list(this.x) == [2.0]
    assert (this.error_x.array[0], this.error_x.arrayminus[0]) == (1.5, 1.0)
    assert list(foretold.x) == [1.8, -0.5]  # an undefined one is left out
    assert list(foretold.y) == ["LIME foretold", "grad_cam foretold"]
    assert figure.layout.xaxis.title.text == "Fall in log-odds when hidden"
    assert figure.layout.yaxis.categoryarray[-1] == "Other regions hidden"
