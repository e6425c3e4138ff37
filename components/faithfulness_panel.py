"""Which method's order the model follows, and whether all of them together do better."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import streamlit as st

from components.figures.faithfulness_curves import curve_figure
from components.notices import plain
from components.scene import Scene
from explainers import faithfulness_wording as wording
from explainers.consensus_report import Consensus
from explainers.faithfulness_report import (
    AREA_BETTER,
    DIRECTIONS,
    GAP_BETTER,
    SCORE_BETTER,
    Direction,
    Faithfulness,
)
from explainers.report import EvidenceReport
from explainers.wording import percent

CONFIG: Final = {"displaylogo": False, "displayModeBar": False}
TITLE: Final = "Does the model follow the methods?"
TOGETHER: Final = "The methods together"
DOING: Final[Mapping[Direction, str]] = {"deletion": "Hiding", "insertion": "Showing"}
TOP_PARTS: Final = 6  # of the aggregate


def show(
    found: Faithfulness,
    combined: Consensus | None,
    report: EvidenceReport,
    scene: Scene,
    *,
    key: str,
) -> None:
    """Draw the sentences, both figures, the table, and what the methods amount to together.

    Args:
        found: The curves.
        combined: The aggregate; None leaves it out.
        report: Whose methods they are.
        scene: Names parts and methods.
        key: Prefix of widget keys.
    """
    titles = scene.titles
    st.subheader(TITLE, anchor=False)
    for sentence in wording.sentences(found, titles, parts=scene.parts):
        st.text(sentence)
    with st.container(key=f"{key}_figures"):
        for column, direction in zip(st.columns(2), DIRECTIONS, strict=True):
            figure = curve_figure(
                found, direction, titles=titles, parts=scene.parts, combined=combined
            )
            column.plotly_chart(
                figure,
                key=f"{key}.{direction}",
                config=CONFIG,
                alt=f"{DOING[direction]} {scene.parts} in the order of each method",
            )
    st.table(rows(found, combined, titles), hide_index=True)
    with st.expander("Numbers behind it"):
        st.table(number_rows(found, titles), hide_index=True)
        for line in limits(found, scene):
            st.caption(plain(line))
    above = f" {wording.ABOVE_ONE}" if combined is not None and combined.is_shown else ""
    st.caption(plain(f"{wording.SCORE}.{above} {wording.MEANING}"))
    if combined is not None and len(combined.methods) > 1:
        _together(combined, report, scene)


def rows(
    found: Faithfulness, combined: Consensus | None, titles: Mapping[str, str]
) -> list[dict[str, str]]:
    """One row a method, and one for the aggregate when it is shown; directions in the heads."""
    table = []
    for curves in found.methods:
        row = {"Method": titles.get(curves.method, curves.method)}
        row |= _scores(found, curves.deletion_auc, curves.insertion_auc)
        gap = curves.completeness_gap
        missing = "–" if gap is None else wording.number(gap, 3)
        table.append(row | {f"Missing from the sum ({GAP_BETTER})": missing})
    if combined is not None and combined.is_shown:
        row = {"Method": "Weighted together"}
        row |= _scores(found, combined.deletion_auc, combined.insertion_auc)
        table.append(row | {f"Missing from the sum ({GAP_BETTER})": "–"})
    return table


def _scores(found: Faithfulness, deletion: float, insertion: float) -> dict[str, str]:
    """Scores of two areas, and how many random orders they beat."""
    cells = {}
    for direction, auc in zip(DIRECTIONS, (deletion, insertion), strict=True):
        reference, doing = found.reference(direction), DOING[direction]
        score = reference.score(auc)
        count = f"{reference.n_beaten(auc):,} of {reference.n_orders:,}"
        cells[f"{doing}, score ({SCORE_BETTER})"] = _number(score)
        cells[f"{doing}, random orders beaten ({SCORE_BETTER})"] = "–" if _is_none(score) else count
    return cells


def number_rows(found: Faithfulness, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """Areas, errors and p-values; random and best orders below the methods."""
    table = []
    for curves in found.methods:
        row = {"Order": titles.get(curves.method, curves.method)}
        for direction in DIRECTIONS:
            reference, auc = found.reference(direction), curves.auc(direction)
            error = _number(reference.score_error(auc))
            row[_area_head(direction)] = _number(auc)
            head = f"{DOING[direction]}, score ± error ({SCORE_BETTER})"
            row[head] = f"{_number(reference.score(auc))} ± {error}"
            row[f"{DOING[direction]}, p (lower is better)"] = _number(reference.p_value(auc), 3)
        table.append(row | {"Equal values": str(curves.n_tied)})
    both = [(d, found.reference(d)) for d in DIRECTIONS]
    means = {_area_head(d): f"{_number(r.auc)} ± {_number(r.auc_error)}" for d, r in both}
    best = {_area_head(d): _number(r.best_auc) for d, r in both}
    blank = dict.fromkeys(table[0], "") if table else {}
    return [
        *table,
        blank | {"Order": "random, mean ± error"} | means,
        blank | {"Order": "best known"} | best,
    ]


def limits(found: Faithfulness, scene: Scene) -> list[str]:
    """How it was asked, and what bounds its reading."""
    known = {
        d: wording.best_known(found.reference(d), scene.titles, part=scene.part) for d in DIRECTIONS
    }
    sources = [f"{DOING[direction].lower()}, {source}" for direction, source in known.items()]
    asked = (
        f"All combinations of {scene.parts} were asked: the mean of random orders and the best "
        "order are exact."
        if found.is_complete
        else f"The mean of random orders is estimated from {found.deletion.n_orders}; the best "
        "order is the best of those tried, and there may be better ones."
    )
    return [
        f"Best order known: {'; '.join(sources)}. {asked}",
        f"Areas are means of the value over the share of {scene.parts} hidden or shown; "
        f"{scene.parts} of equal value are taken in an order drawn at random. What hidden "
        f"{scene.parts} show: {found.baseline}. Model runs: {found.rows:,}.",
    ]


def _together(combined: Consensus, report: EvidenceReport, scene: Scene) -> None:
    """The aggregate when it is better than every method, with what it hides; else why not."""
    st.subheader(TOGETHER, anchor=False)
    st.text(wording.verdict(combined, scene.titles))
    if said := wording.weights(combined, scene.titles):
        st.caption(plain(said))
    if not combined.is_shown:
        return
    parts, minority = st.columns(2)
    with parts:
        st.table(top_rows(combined, scene), hide_index=True)
    with minority:
        st.markdown("**Minority report: what this plays down**")
        signed: dict[str, bool] = {e.method: e.signed for e in report.explanations}
        for line in wording.minority(combined, scene.names, scene.titles, signed=signed):
            st.text(line)


def top_rows(combined: Consensus, scene: Scene) -> list[dict[str, str]]:
    """The parts that the aggregate gives most."""
    largest = np.argsort(-np.abs(combined.shares), kind="stable")[:TOP_PARTS]
    return [
        {
            scene.part.capitalize(): scene.names[part],
            "Share of the evidence, weighted together": f"{percent(float(combined.shares[part]))}"
            f" {'against' if combined.shares[part] < 0 else 'for'}",
        }
        for part in largest.tolist()
    ]


def _area_head(direction: Direction) -> str:
    """Column of areas."""
    return f"{DOING[direction]}, area ({AREA_BETTER[direction]})"


def _number(value: float, digits: int = 2) -> str:
    """A number, or a dash where it is undefined."""
    return "–" if _is_none(value) else wording.number(value, digits)


def _is_none(value: float) -> bool:
    """Whether a number is undefined."""
    return bool(np.isnan(value))
