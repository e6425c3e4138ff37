"""What a tabular model relies on as a whole: beeswarm, three rankings side by side, the tree."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import plotly.graph_objects as go

from components.figures.table_bars import SERIES, WHISKER, pattern_of
from components.markup import Markup, tag
from explainers.numerals import numeral
from explainers.table_views import MEASURES, Measure, Overview, SurrogateTree
from models.case import FloatArray
from models.schema import Column

MEASURE_TITLES: Final[Mapping[Measure, str]] = {
    "shap": "SHAP: mean size over records",
    "permutation": "Permutation: change when shuffled",
    "tree": "Surrogate tree: share of its splits",
}
MOST_SHOWN: Final = 15
THICKNESS: Final = 0.36  # of a beeswarm row, on either side


def order_of(overview: Overview) -> list[int]:
    """Features by mean |SHAP|, largest first."""
    return [int(i) for i in np.argsort(-overview.importance["shap"], kind="stable")[:MOST_SHOWN]]


def importance_bars(overview: Overview) -> go.Figure:
    """Draw the three measures of every feature, each as percent of its own total."""
    order = order_of(overview)
    rows = [overview.names[i] for i in order]
    figure = go.Figure()
    for measure, (color, pattern) in zip(MEASURES, SERIES, strict=False):
        sizes, errors = overview.importance[measure], overview.error[measure]
        total = float(sizes.sum()) or 1.0
        figure.add_bar(
            name=MEASURE_TITLES[measure],
            y=rows,
            x=100 * sizes[order] / total,
            orientation="h",
            error_x={
                "array": 196 * errors[order] / total,
                "thickness": 1.4,
                "width": 4,
                "color": WHISKER,
            },
            marker={"color": color, "pattern": pattern_of(pattern)},
            hovertemplate="%{y}: %{x:.1f} %<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(
        barmode="group",
        height=110 + 52 * len(order),
        margin={"l": 10, "r": 20, "t": 50, "b": 50},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"},
        xaxis={"title": "percent of each measure's total", "rangemode": "tozero"},
        yaxis={"autorange": "reversed", "automargin": True},
        dragmode=False,
    )
    return figure


def beeswarm(overview: Overview, columns: tuple[Column, ...]) -> go.Figure:
    """Draw the SHAP value of every record for every feature, coloured by the feature's value."""
    order = order_of(overview)
    figure = go.Figure()
    for row, index in enumerate(order):
        values, raw = overview.shap[:, index], overview.records[:, index]
        known = ~np.isnan(raw)
        texts = [columns[index].text(value) for value in raw]
        figure.add_scatter(
            x=values,
            y=row + _spread(values),
            mode="markers",
            marker={
                "size": 6,
                "opacity": 0.85,
                "color": np.where(known, _fractions(raw), 0.5),
                "symbol": np.where(known, "circle", "x"),
                "colorscale": "Cividis",
                "cmin": 0,
                "cmax": 1,
                "showscale": row == 0,
                "colorbar": {
                    "title": "value of<br>the feature",
                    "tickvals": [0, 1],
                    "ticktext": ["low", "high"],
                    "thickness": 12,
                },
            },
            text=texts,
            hovertemplate=f"{overview.names[index]}: %{{text}}<br>%{{x:+.2f}}<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(x=0, line={"width": 1, "color": "rgba(128,128,128,0.8)"})
    figure.update_layout(
        height=110 + 42 * len(order),
        margin={"l": 10, "r": 10, "t": 10, "b": 50},
        xaxis={"title": "SHAP value: change of the log-odds, one dot a record", "zeroline": False},
        yaxis={
            "tickvals": list(range(len(order))),
            "ticktext": [overview.names[i] for i in order],
            "autorange": "reversed",
            "automargin": True,
            "showgrid": False,
        },
        dragmode=False,
    )
    return figure


def tree_html(tree: SurrogateTree) -> Markup:
    """Write the tree as nested lists: rules in words, leaves with the model's mean answer."""
    return tag("ul", tag("li", *_branch(tree, 0)), attributes={"class": "cs-tree"})


def _branch(tree: SurrogateTree, index: int) -> tuple[str, ...]:
    """One node and what is below it."""
    node = tree.nodes[index]
    share = f"{100 * node.share:.0f} % of records"
    if node.yes is None or node.no is None:
        answer = 100 * 0.5 * (1 + np.tanh(0.5 * node.value))
        value = numeral(node.value, "+.2f")
        words = f"log-odds {value} ({answer:.0f} %)"
        return (tag("b", words), f", {share}")
    ways = (("yes", node.yes), ("no", node.no))
    below = [tag("li", tag("i", f"{word}: "), *_branch(tree, child)) for word, child in ways]
    return (f"{node.rule}? ({share})", tag("ul", below))


def _fractions(raw: FloatArray) -> FloatArray:
    """Where each value lies among the others, 0 lowest to 1 highest; ties share a place."""
    known = raw[~np.isnan(raw)]
    below = np.array([(known < v).mean() if known.size else 0.5 for v in raw])
    above = np.array([(known > v).mean() if known.size else 0.5 for v in raw])
    return np.asarray(0.5 * (below + 1 - above))


def _spread(values: FloatArray) -> FloatArray:
    """Vertical offsets that keep dots of about the same value apart; no randomness."""
    if np.ptp(values) == 0:
        bins = np.zeros(len(values), dtype=int)
    else:
        bins = np.floor(60 * (values - values.min()) / np.ptp(values)).astype(int)
    offsets = np.zeros(len(values))
    most = np.bincount(bins).max()
    for place in np.unique(bins):
        members = np.flatnonzero(bins == place)
        steps = np.arange(len(members)) - (len(members) - 1) / 2
        offsets[members] = 2 * THICKNESS * steps / max(most, 1)
    return offsets
