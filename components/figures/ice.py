"""The ICE curve of one feature: what the model would say at every other value of it."""

from typing import Final

import numpy as np
import plotly.graph_objects as go

from explainers.table_views import IceCurve
from models.case import FloatArray
from models.schema import Column

LINE: Final = "#56B4E9"
POINT: Final = "#E69F00"
EDGE: Final = 0.25  # of the axis; words centred there would be cut off
BAND: Final = (5, 95)  # training percentiles between which most records lie


def probability(values: FloatArray, curve: IceCurve) -> FloatArray:
    """Explained values as probabilities in percent: log-odds through the logistic function."""
    shares = 0.5 * (1 + np.tanh(0.5 * values)) if curve.scale == "logit" else values
    return np.asarray(100 * shares)


def ice_figure(curve: IceCurve, column: Column, *, target: str) -> go.Figure:
    """Draw the curve, the record's point on it, and where the training records are.

    Args:
        curve: From `explainers.ice`; its target is one class alone, without contrast.
        column: The feature.
        target: The class explained.
    """
    heights = probability(curve.values, curve)
    figure = go.Figure()
    if column.kind == "category":
        names = [column.categories[int(code)] for code in curve.grid]
        figure.add_bar(
            x=names, y=heights, marker_color=LINE, hovertemplate="%{x}: %{y:.1f} %<extra></extra>"
        )
        at: object = None if np.isnan(curve.at) else column.categories[int(curve.at)]
    else:
        figure.add_scatter(
            x=curve.grid,
            y=heights,
            mode="lines",
            line={"color": LINE, "width": 3},
            hovertemplate=f"%{{x:.4g}} {column.unit}: %{{y:.1f}} %<extra></extra>",
        )
        at = None if np.isnan(curve.at) else curve.at
        _mark_training(figure, column)
    own = float(probability(np.asarray(curve.value), curve))
    if at is not None:
        figure.add_scatter(
            x=[at],
            y=[own],
            mode="markers+text",
            text=[f"this record: {own:.0f} %"],
            textposition=_beside(curve),
            marker={"size": 13, "color": POINT, "line": {"width": 2, "color": "#111"}},
            hovertemplate=f"this record: {own:.1f} %<extra></extra>",
            cliponaxis=False,
        )
    absent = float(probability(np.asarray(curve.missing), curve))
    figure.add_hline(
        y=absent,
        line={"dash": "dot", "width": 1.5, "color": "rgba(140,140,140,0.9)"},
        annotation_text=f"if it were missing: {absent:.0f} %",
        annotation_position="top right",
    )
    figure.update_layout(
        height=330,
        margin={"l": 10, "r": 20, "t": 20, "b": 50},
        showlegend=False,
        xaxis={"title": f"{column.title}{f' ({column.unit})' if column.unit else ''}"},
        yaxis={"title": f"P({target}), %", "range": [0, 112], "tickvals": [0, 20, 40, 60, 80, 100]},
        dragmode=False,
    )
    return figure


def _beside(curve: IceCurve) -> str:
    """Where the point's words fit: towards the middle of the axis, never over its ends."""
    known = curve.grid[~np.isnan(curve.grid)]
    place = float((curve.at - known.min()) / (np.ptp(known) or 1.0))
    return "top right" if place < EDGE else "top left" if place > 1 - EDGE else "top center"


def _mark_training(figure: go.Figure, column: Column) -> None:
    """A band where 90 % of the training records lie: outside it the curve is a guess."""
    low, high = (column.percentiles[percent] for percent in BAND)
    figure.add_vrect(
        x0=low,
        x1=high,
        fillcolor="rgba(128,128,128,0.16)",
        line_width=0,
        layer="below",
        annotation_text="90 % of training records",
        annotation_position="top left",
        annotation_font_size=11,
    )
