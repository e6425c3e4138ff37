"""Pairwise agreement as an HTML table: six metrics, each beside its chance floor and ceiling."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from components.figures.words import METRIC_WORDS, number_text
from components.markup import Markup, tag
from explainers.agreement import METRICS, Agreement, MetricId

# Where between chance (0) and full agreement (1) a pair's mean metric must lie to be called so.
FAR_ABOVE: Final = 0.5
ABOVE: Final = 0.15


def pairs(agreement: Agreement) -> Iterator[tuple[int, int]]:
    """Every two methods once, in display order."""
    count = len(agreement.methods)
    return ((a, b) for a in range(count) for b in range(a + 1, count))


def gain_over_chance(agreement: Agreement, a: int, b: int) -> float:
    """Mean over the defined metrics of (value - chance) / (1 - chance); NaN when there is none."""
    gains = [_gain(agreement, metric, a, b) for metric in METRICS]
    known = [gain for gain in gains if not np.isnan(gain)]
    return float(np.mean(known)) if known else float("nan")


def headline(agreement: Agreement, *, titles: Mapping[str, str]) -> str:
    """Say in one or two sentences which methods agree and how far above chance."""
    groups: dict[str, list[str]] = {}
    for a, b in pairs(agreement):
        pair = f"{titles[agreement.methods[a]]} and {titles[agreement.methods[b]]}"
        groups.setdefault(_degree(gain_over_chance(agreement, a, b)), []).append(pair)
    return " ".join(
        f"{_listed(groups[degree])} {degree}."
        for degree in (
            "agree far above chance",
            "agree somewhat above chance",
            "agree no more than chance would have it",
            "cannot be compared",
        )
        if degree in groups
    )


def matrix_html(agreement: Agreement, *, titles: Mapping[str, str]) -> Markup:
    """Write the table: one row a pair, one column a metric."""
    head = ("Methods", *(METRIC_WORDS[m] for m in METRICS))
    return tag(
        "table",
        tag("thead", tag("tr", [tag("th", h, attributes={"scope": "col"}) for h in head])),
        tag("tbody", [_row(agreement, a, b, titles=titles) for a, b in pairs(agreement)]),
        attributes={"class": "cs-matrix"},
    )


def _row(agreement: Agreement, a: int, b: int, *, titles: Mapping[str, str]) -> Markup:
    """One pair."""
    pair = f"{titles[agreement.methods[a]]} – {titles[agreement.methods[b]]}"
    cells = [_cell(agreement, metric, a, b) for metric in METRICS]
    return tag("tr", tag("th", pair, attributes={"scope": "row"}), cells)


def _cell(agreement: Agreement, metric: MetricId, a: int, b: int) -> Markup:
    """One number with its chance floor and ceiling."""
    value = float(agreement.metrics[metric][a, b])
    floor = float(agreement.chance_floor[metric][a, b])
    ceiling = float(agreement.noise_ceiling[metric][a, b])
    bounds = f"chance {number_text(floor)}"
    if not np.isnan(ceiling):
        bounds += f" · at most {number_text(ceiling)}"
    return tag("td", tag("b", number_text(value)), tag("small", bounds))


def _gain(agreement: Agreement, metric: MetricId, a: int, b: int) -> float:
    """How far a metric lies from chance (0) towards full agreement (1)."""
    value = agreement.metrics[metric][a, b]
    floor = agreement.chance_floor[metric][a, b]
    return float((value - floor) / (1.0 - floor)) if floor < 1.0 else float("nan")


def _degree(gain: float) -> str:
    """A pair's agreement in words."""
    if np.isnan(gain):
        return "cannot be compared"
    if gain >= FAR_ABOVE:
        return "agree far above chance"
    return (
        "agree somewhat above chance"
        if gain >= ABOVE
        else "agree no more than chance would have it"
    )


def _listed(parts: list[str]) -> str:
    """Join with commas; pairs already hold an "and"."""
    return "; ".join(parts)
