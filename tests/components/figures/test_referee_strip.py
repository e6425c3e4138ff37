"""The strip has everything on one axis: other parts, this part, what methods foretold."""

from dataclasses import replace

import numpy as np

from components.figures.referee_strip import referee_strip
from components.referee_rows import placebo_row
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


def test_others_hidden_in_one_way_only_stand_beside_this_part_hidden_so() -> None:
    alone = replace(FOUND, placebos=FOUND.placebos[:, :1].copy(), placebo_baseline="blur")
    figure = referee_strip(alone, ANSWERS, titles={"lime": "LIME"}, part="region", parts="regions")
    others, so_hidden, this, _ = figure.data
    assert list(others.x) == [0.1, -0.1]
    assert set(others.y) == {"Other regions hidden with “blur” alone"}
    assert list(so_hidden.x) == [1.0]
    assert list(so_hidden.y) == ["This region hidden with “blur” alone"]
    assert list(this.x) == [2.0]  # the mean of all ways
    (row,) = [placebo_row(alone)]
    assert (row["Hidden with"], row["This one's"]) == ("blur", "+1.00")
    assert row["Their falls, in log-odds"] == "\N{MINUS SIGN}0.10 to +0.10"
    assert placebo_row(FOUND)["Hidden with"] == "mean of all"
