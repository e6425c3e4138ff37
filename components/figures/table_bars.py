"""Bars of a record: every method's value of every feature, and the way from average to answer."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from components.figures.colors import AGAINST, FOR, css
from components.figures.words import VERDICT_WORDS
from explainers.agreement import Agreement
from explainers.explanation import Explanation, Scale
from explainers.numerals import numeral

MOST_SHOWN: Final = 15
UNIT_WORDS: Final[Mapping[Scale, str]] = {"logit": "log-odds", "probability": "probability"}
# Hue and texture both differ, so that methods are told apart without colour; Okabe & Ito.
SERIES: Final = (("#56B4E9", ""), ("#E69F00", "/"), ("#009E73", "."), ("#CC79A7", "x"))
ROW: Final = 22  # pixels a bar takes
WHISKER: Final = "#8a94a0"  # readable on both themes
HALF_95: Final = 1.96  # whiskers are 95 % intervals, as the verdicts are


def shown_order(explanations: Sequence[Explanation], *, most: int = MOST_SHOWN) -> list[int]:
    """Players by the largest share any method gives them, largest first, at most `most`."""
    shares = np.nan_to_num(np.abs([e.shares for e in explanations])).max(axis=0)
    return [int(i) for i in np.argsort(-shares, kind="stable")[:most]]


def pattern_of(shape: str) -> dict[str, object]:
    """A texture over the colour of a bar, never instead of it."""
    return {"shape": shape, "fillmode": "overlay", "fgcolor": "#111", "fgopacity": 0.6, "size": 6}


def method_bars(
    explanations: Sequence[Explanation],
    *,
    labels: Sequence[str],
    titles: Mapping[str, str],
    agreement: Agreement | None,
    target: str,
    opacity: float = 1.0,
) -> go.Figure:
    """Draw one group of bars a feature, one bar a method, all in the explained unit.

    Args:
        explanations: At least one, on the same players and scale.
        labels: (P,) feature with its value, as shown.
        titles: Method id -> name shown.
        agreement: Gives the verdict written behind each feature; None leaves it out.
        target: The class explained.
        opacity: Of the bars, in [0, 1].
    """
    order = shown_order(explanations)
    rows = [labels[i] for i in order]
    figure = go.Figure()
    for place, explanation in enumerate(explanations):
        color, pattern = SERIES[place % len(SERIES)]
        errors = explanation.std_error
        figure.add_bar(
            name=titles.get(explanation.method, explanation.method),
            y=rows,
            x=explanation.values[order],
            orientation="h",
            marker={"color": color, "pattern": pattern_of(pattern)},
            opacity=opacity,
            error_x=None
            if errors is None
            else {"array": HALF_95 * errors[order], "thickness": 1.6, "width": 4, "color": WHISKER},
            customdata=100 * np.nan_to_num(explanation.shares[order]),
            hovertemplate="%{y}<br>%{fullData.name}: %{x:+.3f}, %{customdata:.0f} % of its total"
            "<extra></extra>",
        )
    unit = UNIT_WORDS[explanations[0].scale]
    if agreement is not None:
        _write_verdicts(figure, rows, [VERDICT_WORDS[agreement.verdicts[i]] for i in order])
    figure.add_vline(x=0, line={"width": 1, "color": "rgba(128,128,128,0.8)"})
    figure.update_layout(
        barmode="group",
        bargap=0.3,
        height=110 + len(order) * (ROW * len(explanations) + 10) * 4 // 5,
        margin={"l": 10, "r": 110, "t": 40, "b": 50},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
        xaxis={"title": f"against ← change of the {unit} of “{target}” → for", "zeroline": False},
        yaxis={"autorange": "reversed", "automargin": True},
        dragmode=False,
    )
    return figure


def _write_verdicts(figure: go.Figure, rows: Sequence[str], words: Sequence[str]) -> None:
    """The verdict of every feature, in words, at the right edge of its row."""
    for row, word in zip(rows, words, strict=True):
        loud = word in ("contested", "conflict")
        figure.add_annotation(
            x=1.005,
            xref="paper",
            y=row,
            text=f"<b>{word}</b>" if loud else word,
            xanchor="left",
            showarrow=False,
        )


def waterfall(
    explanation: Explanation, *, labels: Sequence[str], opacity: float = 1.0
) -> go.Figure:
    """Draw how a complete method gets from the average answer to this one, feature by feature.

    Features beyond the largest are gathered in one bar; what a sampling method leaves unexplained
    is a bar of its own, never hidden in the others.

    Args:
        explanation: The method's answer.
        labels: (P,) feature with its value, as shown.
        opacity: Of the features' bars, in [0, 1].

    Raises:
        ValueError: the method's values are not parts of a sum.
    """
    if explanation.value_empty is None:
        raise ValueError(f"{explanation.method} has no base value")
    order = shown_order([explanation])
    values = [float(explanation.values[i]) for i in order]
    names = [labels[i] for i in order]
    rest = float(explanation.values.sum()) - sum(values)
    if len(order) < len(labels):
        names.append(f"{len(labels) - len(order)} other features")
        values.append(rest)
    gap = float(explanation.completeness_gap or 0.0)
    effect = abs(explanation.value_full - explanation.value_empty)
    if abs(gap) > 0.005 * max(effect, 1e-9):
        names.append("left unexplained")
        values.append(gap)
    steps = np.cumsum([explanation.value_empty, *values])
    low, high = min(0.0, float(steps.min())), max(0.0, float(steps.max()))
    room = 0.18 * max(high - low, 1e-9)  # for the numbers beside the bars
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            measure=["absolute", *["relative"] * len(values), "total"],
            y=["average answer", *names, "this record"],
            x=[explanation.value_empty, *values, 0],
            text=[_signed(v) for v in (explanation.value_empty, *values, explanation.value_full)],
            textposition="outside",
            increasing={"marker": {"color": css(FOR[1], opacity)}},
            decreasing={"marker": {"color": css(AGAINST[1], opacity)}},
            totals={"marker": {"color": "#8a94a0"}},
            connector={"line": {"width": 1, "color": "rgba(128,128,128,0.6)"}},
            hovertemplate="%{y}: %{text}<extra></extra>",
            cliponaxis=False,
        )
    )
    figure.update_layout(
        height=120 + 28 * (len(values) + 2),
        margin={"l": 10, "r": 60, "t": 20, "b": 50},
        xaxis={"title": UNIT_WORDS[explanation.scale], "range": [low - room, high + room]},
        yaxis={"autorange": "reversed", "automargin": True},
        showlegend=False,
        dragmode=False,
    )
    return figure


def _signed(value: float) -> str:
    """A number with its sign, a real minus."""
    return numeral(value, "+.2f")
