"""How one metric of one pair of methods moves with the size of the top, beside chance."""

from typing import Final

import numpy as np
import plotly.graph_objects as go

from components.figures.words import metric_words, number_text
from explainers.agreement import MetricId
from explainers.curves import ORDER_METRICS, Curves

FOUND: Final = "#56B4E9"
CHANCE: Final = "#8a94a0"  # readable on both themes
CHOSEN: Final = "#E69F00"


def agreement_curve(
    found: Curves, metric: MetricId, pair: tuple[int, int], *, k: int, parts: str = "regions"
) -> go.Figure:
    """Draw the metric and its chance floor over k, with the chosen k marked.

    Args:
        found: Every metric at every k.
        metric: Which one.
        pair: Two methods, as in the agreement.
        k: The chosen size of the top.
        parts: What is compared.
    """
    one, two = pair
    values, floors = found.metrics[metric][:, one, two], found.chance_floor[metric][:, one, two]
    sizes = np.arange(1, len(values) + 1)
    figure = go.Figure()
    figure.add_scatter(
        x=sizes,
        y=values,
        mode="lines",
        name="measured",
        line={"color": FOUND, "width": 3},
        hovertemplate="top %{x}: %{y:.2f}<extra></extra>",
    )
    figure.add_scatter(
        x=sizes,
        y=floors,
        mode="lines",
        name="by chance",
        line={"color": CHANCE, "width": 2, "dash": "dot"},
        hovertemplate="top %{x}: %{y:.2f} by chance<extra></extra>",
    )
    figure.add_vline(x=k, line={"color": CHOSEN, "width": 2})
    figure.update_layout(
        height=260,
        margin={"l": 48, "r": 12, "t": 12, "b": 44},
        xaxis={"title": f"{parts.capitalize()} that count as the top", "range": [1, len(values)]},
        yaxis={"title": "", "range": [-1.02 if metric == "rank_correlation" else -0.02, 1.02]},
        legend={"orientation": "h", "y": 1.0, "x": 1.0, "xanchor": "right", "yanchor": "bottom"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure


def curve_sentence(
    found: Curves, metric: MetricId, pair: tuple[int, int], *, k: int, parts: str = "regions"
) -> str:
    """The curve in words, for those who do not see it."""
    one, two = pair
    values, floors = found.metrics[metric][:, one, two], found.chance_floor[metric][:, one, two]
    what = metric_words(parts)[metric]
    if np.isnan(values).all():
        return f"{what}: undefined for this pair."
    if metric in ORDER_METRICS:
        return f"{what}: {number_text(values[0])}. It looks at all {parts}, whatever the top."
    low, high = number_text(float(values.min())), number_text(float(values.max()))
    return (
        f"{what}: {number_text(values[k - 1])} for the top {k}, {number_text(floors[k - 1])} by "
        f"chance; between {low} and {high} over all sizes of the top."
    )
