"""The curves: the model's value while parts are hidden or shown in each method's order."""

from collections.abc import Mapping
from typing import Final

import plotly.graph_objects as go

from explainers.consensus_report import Consensus
from explainers.faithfulness_report import AREA_BETTER, Direction, Faithfulness, MethodCurves
from explainers.orders import IntArray
from models.case import FloatArray

# Okabe and Ito's colours, which all readers can tell apart; the mark tells them apart as well.
COLORS: Final = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00", "#0072B2", "#999933")
MARKS: Final = ("circle", "square", "diamond", "triangle-up", "x", "triangle-down", "star")
TOGETHER: Final = "#F0559B"
CHANCE: Final = "rgba(138,148,160,{})"  # readable on both themes
VERBS: Final[Mapping[Direction, str]] = {"deletion": "hidden", "insertion": "shown"}
UNITS: Final = {"logit": "log-odds", "probability": "probability"}
HEIGHT: Final = 390


def curve_figure(
    found: Faithfulness,
    direction: Direction,
    *,
    titles: Mapping[str, str],
    parts: str,
    combined: Consensus | None = None,
) -> go.Figure:
    """Draw one direction: random orders as a grey band, every method's order as a line.

    Args:
        found: The curves.
        direction: Which.
        titles: Method id -> name shown.
        parts: What is hidden or shown, "regions".
        combined: The aggregate, drawn when it is shown.
    """
    figure, reference = go.Figure(), found.reference(direction)
    share = 100 * found.sizes / found.n_players
    _band(figure, share, reference.low, reference.high)
    _line(figure, share, reference.curve, "random orders, mean", CHANCE.format(0.9), dash="dot")
    _line(
        figure, share, reference.best_curve, "best order known", CHANCE.format(0.9), dash="dashdot"
    )
    told = [(place, m) for place, m in enumerate(found.methods) if len(m.order)]
    for place, method in told:
        _method(figure, found.sizes, method, direction, place, titles)
    if combined is not None and combined.is_shown:
        curve = combined.deletion if direction == "deletion" else combined.insertion
        _line(figure, share, curve, "weighted together", TOGETHER, dash="dash", width=3)
    verb = VERBS[direction]
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 40, "b": 110},
        title={
            "text": f"{parts.capitalize()} {verb} in each method's order: {AREA_BETTER[direction]}",
            "font": {"size": 14},
        },
        legend={
            "orientation": "h",
            "traceorder": "normal",
            "yanchor": "top",
            "y": -0.3,
            "xanchor": "left",
            "x": 0,
        },
        dragmode=False,
        hovermode="x unified",
        xaxis={"title": f"{parts.capitalize()} {verb}, %", "range": [-2, 102]},
        yaxis={"title": f"Model's answer, {UNITS[found.scale]}", "automargin": True},
    )
    return figure


def _band(figure: go.Figure, share: FloatArray, low: FloatArray, high: FloatArray) -> None:
    """Where 90 % of random orders are at each size."""
    edge = {"width": 0}
    figure.add_scatter(x=share, y=low, mode="lines", line=edge, showlegend=False, hoverinfo="skip")
    figure.add_scatter(
        x=share,
        y=high,
        mode="lines",
        line=edge,
        fill="tonexty",
        fillcolor=CHANCE.format(0.28),
        name="90 % of random orders",
        hoverinfo="skip",
    )


def _line(
    figure: go.Figure,
    share: FloatArray,
    curve: FloatArray,
    name: str,
    color: str,
    *,
    dash: str,
    width: float = 1.8,
) -> None:
    """A line without marks."""
    figure.add_scatter(
        x=share,
        y=curve,
        mode="lines",
        name=name,
        line={"color": color, "dash": dash, "width": width},
        hovertemplate="%{y:.2f}",
    )


def _method(
    figure: go.Figure,
    sizes: IntArray,
    method: MethodCurves,
    direction: Direction,
    place: int,
    titles: Mapping[str, str],
) -> None:
    """One method's line, in its colour and with its mark."""
    color, mark = COLORS[place % len(COLORS)], MARKS[place % len(MARKS)]
    figure.add_scatter(
        x=100 * sizes / sizes[-1],
        y=method.curve(direction),
        mode="lines+markers",
        name=titles.get(method.method, method.method),
        line={"color": color, "width": 2.4},
        marker={"symbol": mark, "size": 7, "color": color},
        hovertemplate="%{y:.2f}",
    )
