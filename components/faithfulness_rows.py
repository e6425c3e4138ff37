"""Faithfulness and consensus as rows for the page and the HTML report. No streamlit."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

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
from explainers.numerals import numeral
from explainers.report import EvidenceReport
from explainers.wording import percent

DOING: Final[Mapping[Direction, str]] = {"deletion": "Hiding", "insertion": "Showing"}
MINORITY: Final = "Minority report: what this plays down"
TOP_PARTS: Final = 6  # of the aggregate


def score_rows(
    found: Faithfulness, combined: Consensus | None, titles: Mapping[str, str]
) -> list[dict[str, str]]:
    """One row a method, and one for the aggregate when it is shown; directions in the heads."""
    table = []
    for curves in found.methods:
        row = {"Method": titles.get(curves.method, curves.method)}
        row |= _scores(found, curves.deletion_auc, curves.insertion_auc)
        gap = curves.completeness_gap
        missing = "–" if gap is None else numeral(gap, ".3f")
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
        cells[f"{doing}, score ({SCORE_BETTER})"] = numeral(score)
        cells[f"{doing}, random orders beaten ({SCORE_BETTER})"] = "–" if np.isnan(score) else count
    return cells


def number_rows(found: Faithfulness, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """Areas, errors and p-values; random and best orders below the methods."""
    table = []
    for curves in found.methods:
        row = {"Order": titles.get(curves.method, curves.method)}
        for direction in DIRECTIONS:
            reference, auc = found.reference(direction), curves.auc(direction)
            error = numeral(reference.score_error(auc))
            row[_area_head(direction)] = numeral(auc)
            head = f"{DOING[direction]}, score ± error ({SCORE_BETTER})"
            row[head] = f"{numeral(reference.score(auc))} ± {error}"
            p_value = found.p_value(curves, direction)
            row[f"{DOING[direction]}, p (lower is better)"] = numeral(p_value, ".3f")
        table.append(row | {"Equal values": str(curves.n_tied)})
    both = [(d, found.reference(d)) for d in DIRECTIONS]
    means = {_area_head(d): f"{numeral(r.auc)} ± {numeral(r.auc_error)}" for d, r in both}
    best = {_area_head(d): numeral(r.best_auc) for d, r in both}
    blank = dict.fromkeys(table[0], "") if table else {}
    return [
        *table,
        blank | {"Order": "random, mean ± error"} | means,
        blank | {"Order": "best known"} | best,
    ]


def limits(found: Faithfulness, titles: Mapping[str, str], *, part: str, parts: str) -> list[str]:
    """How it was asked, and what bounds its reading."""
    known = {d: wording.best_known(found.reference(d), titles, part=part) for d in DIRECTIONS}
    sources = [f"{DOING[direction].lower()}, {source}" for direction, source in known.items()]
    asked = (
        f"All combinations of {parts} were asked: the mean of random orders and the best "
        "order are exact."
        if found.is_complete
        else f"The mean of random orders is estimated from {found.deletion.n_orders}; the best "
        "order is the best of those tried, and there may be better ones."
    )
    return [
        f"Best order known: {'; '.join(sources)}. {asked}",
        f"Areas are means of the value over the share of {parts} hidden or shown; "
        f"{parts} of equal value are taken in an order drawn at random. What hidden "
        f"{parts} show: {found.baseline}. Model runs: {found.rows:,}.",
    ]


def footnote(combined: Consensus | None) -> str:
    """How to read the scores."""
    above = f" {wording.ABOVE_ONE}" if combined is not None and combined.is_shown else ""
    return f"{wording.SCORE}.{above} {wording.MEANING}"


def minority(
    combined: Consensus,
    report: EvidenceReport,
    names: Sequence[str],
    titles: Mapping[str, str],
) -> list[str]:
    """What the aggregate hides, a sentence each."""
    signed: dict[str, bool] = {e.method: e.signed for e in report.explanations}
    return wording.minority(combined, names, titles, signed=signed)


def top_rows(combined: Consensus, names: Sequence[str], *, part: str) -> list[dict[str, str]]:
    """The parts that the aggregate gives most."""
    largest = np.argsort(-np.abs(combined.shares), kind="stable")[:TOP_PARTS]
    return [
        {
            part.capitalize(): names[player],
            "Share of the evidence, weighted together": f"{percent(float(combined.shares[player]))}"
            f" {'against' if combined.shares[player] < 0 else 'for'}",
        }
        for player in largest.tolist()
    ]


def _area_head(direction: Direction) -> str:
    """Column of areas."""
    return f"{DOING[direction]}, area ({AREA_BETTER[direction]})"
