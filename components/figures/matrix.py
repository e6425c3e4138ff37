"""Pairwise agreement as an HTML table: six metrics, each beside chance and runs alike."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from components.figures.colors import VERDICT_COLORS, css
from components.figures.words import metric_words, number_text
from components.markup import Markup, tag
from explainers.agreement import METRICS, Agreement, MetricId
from explainers.metrics import LOWEST

SIGN_METRICS: Final = frozenset({"sign_agreement", "signed_rank_agreement"})
DEEPEST_TINT: Final = 0.4


def pairs(agreement: Agreement) -> Iterator[tuple[int, int]]:
    """Every two methods once, in display order."""
    count = len(agreement.methods)
    return ((a, b) for a in range(count) for b in range(a + 1, count))


def gain_over_chance(agreement: Agreement, metric: MetricId, a: int, b: int) -> float:
    """(value - chance) / (1 - chance): 0 at chance, 1 at full agreement; NaN where undefined."""
    value, floor = agreement.metrics[metric][a, b], agreement.chance_floor[metric][a, b]
    return float((value - floor) / (1.0 - floor)) if floor < 1.0 else float("nan")


def matrix_html(
    agreement: Agreement, *, titles: Mapping[str, str], parts: str = "regions"
) -> Markup:
    """Write the table: one row a pair, one column a metric; `parts` are what is compared."""
    words = metric_words(parts)
    head = ("Methods", *(words[m] for m in METRICS))
    return tag(
        "table",
        tag("thead", tag("tr", [tag("th", h, attributes={"scope": "col"}) for h in head])),
        tag("tbody", [_row(agreement, a, b, titles=titles) for a, b in pairs(agreement)]),
        attributes={"class": "cs-matrix"},
    )


def why_undefined(
    agreement: Agreement, metric: MetricId, a: int, b: int, *, titles: Mapping[str, str]
) -> str:
    """Say why a metric has no value for a pair of methods."""
    silent = [i for i in (a, b) if np.isnan(agreement.shares[i]).all()]
    if silent:
        return f"{titles[agreement.methods[silent[0]]]} found nothing"
    aimless = [i for i in (a, b) if not is_signed(agreement, i)]
    if metric in SIGN_METRICS and aimless:
        return f"{titles[agreement.methods[aimless[0]]]} has no direction"
    return "too few values differ"


def is_signed(agreement: Agreement, method: int) -> bool:
    """Whether a method has a direction; one without has no sign metric even with itself."""
    return not np.isnan(agreement.metrics["sign_agreement"][method, method])


def _row(agreement: Agreement, a: int, b: int, *, titles: Mapping[str, str]) -> Markup:
    """One pair."""
    pair = f"{titles[agreement.methods[a]]} – {titles[agreement.methods[b]]}"
    cells = [_cell(agreement, metric, a, b, titles=titles) for metric in METRICS]
    return tag("tr", tag("th", pair, attributes={"scope": "row"}), cells)


def _cell(
    agreement: Agreement, metric: MetricId, a: int, b: int, *, titles: Mapping[str, str]
) -> Markup:
    """One number between what chance gives and what the error bars allow."""
    value = float(agreement.metrics[metric][a, b])
    if np.isnan(value):
        reason = why_undefined(agreement, metric, a, b, titles=titles)
        return tag("td", tag("b", "undefined"), tag("small", reason))
    floor = float(agreement.chance_floor[metric][a, b])
    ceiling = float(agreement.noise_ceiling[metric][a, b])
    band = agreement.chance_band.get(metric)
    upper = floor if band is None else float(band[a, b])
    beyond = value > upper
    tint = DEEPEST_TINT * max(0.0, gain_over_chance(agreement, metric, a, b)) if beyond else 0.0
    color = css(VERDICT_COLORS["consensus"], round(tint, 3))
    words = f"chance {number_text(floor)}" if beyond else f"within chance, {number_text(floor)}"
    words += "" if np.isnan(ceiling) else f", runs alike {number_text(ceiling)}"
    return tag(
        "td",
        tag("b", number_text(value)),
        _gauge(metric, value=value, floor=floor, upper=upper, ceiling=ceiling),
        tag("small", words),
        attributes={"style": f"background:{color}"},
    )


def _gauge(metric: MetricId, *, value: float, floor: float, upper: float, ceiling: float) -> Markup:
    """A line from the lowest value to 1: chance a bar, runs alike a tick, the value a dot."""
    lowest = LOWEST.get(metric, 0.0)

    def place(number: float) -> float:
        return 100 * float(np.clip((number - lowest) / (1.0 - lowest), 0.0, 1.0))

    marks = [tag("i", attributes={"style": f"left:0;width:{place(max(floor, upper)):.1f}%"})]
    if not np.isnan(ceiling):
        marks.append(tag("u", attributes={"style": f"left:{place(ceiling):.1f}%"}))
    marks.append(tag("s", attributes={"style": f"left:{place(value):.1f}%"}))
    return tag("span", marks, attributes={"class": "cs-gauge", "aria-hidden": "true"})
