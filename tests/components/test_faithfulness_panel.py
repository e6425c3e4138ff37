"""The panel says what was measured, the direction on every number; figures hold every curve."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components import faithfulness_rows as rows_of
from components.figures.faithfulness_curves import COLORS, MARKS, curve_figure
from components.scene import Scene
from explainers.consensus_report import Consensus, Trial, minority_report
from explainers.explanation import Target
from explainers.faithfulness_report import (
    DIRECTIONS,
    Direction,
    Faithfulness,
    MethodCurves,
    Reference,
)
from models.case import image_case
from tests import reports
from tests.components.scenes import PLAYERS, TITLES, answers

SIZES = np.array([0, 1, 8, 15, 16])
FALLING = np.array([2.0, 1.0, 0.5, 0.2, 0.0])


def reference(direction: Direction) -> Reference:
    down = direction == "deletion"
    curve = np.linspace(2, 0, 5) if down else np.linspace(0, 2, 5)
    return Reference(
        direction=direction,
        curve=curve,
        curve_error=np.full(5, 0.1),
        low=curve - 0.3,
        high=curve + 0.3,
        auc=1.0,
        auc_error=0.05,
        aucs=np.linspace(0.5, 1.5, 40),
        best_curve=FALLING if down else 2 - FALLING,
        best_auc=0.2 if down else 1.8,
        best_source="additive fit",
    )


def curves(method: str, hidden: float, shown: float, **changed: object) -> MethodCurves:
    fields: dict[str, object] = {
        "method": method,
        "order": np.arange(16),
        "n_tied": 3,
        "deletion": FALLING,
        "insertion": 2 - FALLING,
        "deletion_auc": hidden,
        "insertion_auc": shown,
        "completeness_gap": 0.25,
    }
    return MethodCurves(**{**fields, **changed})  # type: ignore[arg-type]


def found() -> Faithfulness:
    empty = {"order": np.arange(0), "completeness_gap": None}
    empty |= dict.fromkeys(("deletion", "insertion"), np.full(5, np.nan))
    told = (
        curves("grad_cam", float("nan"), float("nan"), **empty),
        curves("kernel_shap", 0.2, 1.8),
        curves("lime", 0.95, 1.1),
    )
    return Faithfulness(
        case_digest="d" * 64,
        players_digest=PLAYERS.digest(),
        target=Target(index=1, name="sick"),
        scale="logit",
        baseline="blur",
        sizes=SIZES,
        value_full=2.0,
        value_empty=0.0,
        deletion=reference("deletion"),
        insertion=reference("insertion"),
        methods=told,
        is_complete=False,
        rows=500,
        seconds=1.0,
        seed=0,
    )


def together(**changed: object) -> Consensus:
    shares = np.stack([e.shares for e in answers()])
    combined = shares[1]
    names = ("grad_cam", "kernel_shap", "lime")
    fields: dict[str, object] = {
        "case_digest": "d" * 64,
        "players_digest": PLAYERS.digest(),
        "methods": names,
        "weights": np.array([0.0, 0.9, 0.1]),
        "scores": np.array([np.nan, 0.9, 0.1]),
        "shares": combined,
        "order": np.argsort(-combined),
        "deletion": FALLING,
        "insertion": 2 - FALLING,
        "deletion_auc": 0.1,
        "insertion_auc": 1.9,
        "score": 1.1,
        "trials": (Trial(baseline="mean", gain=1.0, gains=np.array([np.nan, 0.5, 0.4])),),
        "outcome": "shown",
        "minority": minority_report(names, shares, np.array([False, True, True]), combined),
        "rows": 50,
        "seconds": 0.1,
    }
    return Consensus(**{**fields, **changed})  # type: ignore[arg-type]


def scene() -> Scene:
    report = reports.report()
    return Scene(
        case=image_case(np.zeros((16, 16), dtype=np.float32), name="film"),
        request=report.request,
        layout=None,
        prediction=report.prediction,
        panels=(),
        report=report,
        names=PLAYERS.names,
        titles=TITLES,
        selected=None,
        pictures={},
        key="view",
    )


def drawn(combined: Consensus | None, **changed: object) -> AppTest:
    """The panel as a page of its own."""

    def page() -> None:
        import streamlit as st

        from components import faithfulness_panel

        faithfulness_panel.show(*st.session_state["given"], key="faithfulness")

    at = AppTest.from_function(page, default_timeout=60)
    report = reports.report(explanations=answers(), **changed)
    at.session_state["given"] = (found(), combined, report, scene())
    at.run()
    assert not at.exception
    return at


def written(at: AppTest) -> str:
    return "\n".join(str(element.proto) for element in at.main)


def test_every_number_in_the_tables_says_which_direction_is_better() -> None:
    for row in rows_of.score_rows(found(), together(), TITLES):
        heads = [head for head in row if head != "Method"]
        assert all("is better" in head for head in heads)
        assert len(heads) == 5
    (first, *_) = rows_of.number_rows(found(), TITLES)
    assert [h for h in first if "area" in h] == [
        "Hiding, area (lower is better)",
        "Showing, area (higher is better)",
    ]
    assert all("lower is better" in head for head in first if ", p" in head)
    assert all("higher is better" in head for head in first if "score" in head)


def test_scores_lie_between_random_and_best() -> None:
    nothing, best, middling = rows_of.score_rows(found(), None, TITLES)
    score, beaten = (
        "Hiding, score (higher is better)",
        "Hiding, random orders beaten (higher is better)",
    )
    assert best[score] == "1.00"
    assert best[beaten] == "40 of 40"
    assert middling[score] == "0.06"
    assert middling[beaten] == "22 of 40"
    assert nothing[score] == nothing[beaten] == "–"
    assert best["Missing from the sum (closer to 0 is better)"] == "0.250"


def test_the_aggregate_is_a_row_only_when_it_is_shown() -> None:
    assert rows_of.score_rows(found(), together(), TITLES)[-1]["Method"] == "Weighted together"
    hidden = together(outcome="not ahead here")
    assert len(rows_of.score_rows(found(), hidden, TITLES)) == 3


def test_a_consensus_stands_with_its_minority_report() -> None:
    text = written(drawn(together()))
    assert "Hiding regions in the order SHAP gives lowers the answer faster than 40 of 40" in text
    assert "Consensus: the model follows the methods" in text
    assert "Minority report" in text
    assert "row 3, column 3: LIME" in text
    assert "not that the answer is right" in text.replace("\\", "")


def test_without_one_the_page_says_so_and_shows_no_aggregate() -> None:
    text = written(drawn(together(outcome="one method counts", minority=())))
    assert "No consensus is better than SHAP" in text
    assert "Minority report" not in text
    assert "Weighted together" not in text


def test_without_an_aggregate_the_curves_stand_alone() -> None:
    text = written(drawn(None))
    assert "The methods together" not in text
    assert "Does the model follow the methods?" in text


def test_top_parts_are_the_largest_shares_with_their_side() -> None:
    rows = rows_of.top_rows(together(), PLAYERS.names, part="region")
    assert rows[0]["Region"] == "row 2, column 2"
    assert rows[0]["Share of the evidence, weighted together"].endswith(" for")
    turned = rows_of.top_rows(together(shares=-together().shares), PLAYERS.names, part="region")
    assert turned[0]["Share of the evidence, weighted together"].endswith(" against")


def test_limits_say_how_exact_the_reference_is() -> None:
    estimated = " ".join(rows_of.limits(found(), TITLES, part="region", parts="regions"))
    assert "estimated from 40" in estimated
    assert "fitted to everything asked" in estimated
    exact = " ".join(
        rows_of.limits(replace(found(), is_complete=True), TITLES, part="region", parts="regions")
    )
    assert "are exact" in exact


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_figure_has_the_band_the_references_and_every_method_with_an_order(
    direction: Direction,
) -> None:
    figure = curve_figure(found(), direction, titles=TITLES, parts="regions", combined=together())
    names = [trace.name for trace in figure.data if trace.showlegend is not False]
    assert names == [
        "90 % of random orders",
        "random orders, mean",
        "best order known",
        "SHAP",
        "LIME",
        "weighted together",
    ]
    shap = next(trace for trace in figure.data if trace.name == "SHAP")
    assert list(shap.x) == [0.0, 6.25, 50.0, 93.75, 100.0]
    expected = FALLING if direction == "deletion" else 2 - FALLING
    assert list(shap.y) == expected.tolist()
    better = "lower is better" if direction == "deletion" else "higher is better"
    assert better in figure.layout.title.text


def test_methods_differ_in_colour_and_in_mark() -> None:
    assert len(set(COLORS)) == len(COLORS) == len(MARKS) == len(set(MARKS))
    figure = curve_figure(found(), "deletion", titles=TITLES, parts="regions")
    marks = {t.marker.symbol for t in figure.data if t.mode == "lines+markers"}
    assert len(marks) == 2
    assert "weighted together" not in [trace.name for trace in figure.data]
