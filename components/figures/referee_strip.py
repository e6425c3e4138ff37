"""Strips: what hiding other parts does, what hiding this one does, what each method foretold."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from explainers.referee_measure import unit_of
from explainers.referee_report import Foretold, RefereeReport
from explainers.referee_sides import TwoSided
from explainers.referee_wording import only_with
from models.case import FloatArray

OTHERS: Final = "#8a94a0"  # readable on both themes
MEASURED: Final = "#E69F00"
FORETOLD: Final = "#56B4E9"
ROW: Final = 38  # pixels of a row
DIAMOND: Final = {"symbol": "diamond", "size": 15, "color": MEASURED}
HOVER: Final = "%{x:+.3f}<extra></extra>"
FRAME: Final = 90  # pixels of axis and margins


def referee_strip(
    found: RefereeReport,
    answers: Sequence[Foretold],
    *,
    titles: Mapping[str, str],
    part: str,
    parts: str,
) -> go.Figure:
    """Draw all changes on one axis: a fall of the value when hidden is to the right of zero.

    Args:
        found: The measurement.
        answers: What each method foretold; undefined ones are left out.
        titles: Method id -> name shown.
        part: What is hidden, "region".
        parts: What the others are called.
    """
    known = [answer for answer in answers if not np.isnan(answer.change)]
    names = [titles.get(answer.method, answer.method) for answer in known]
    way = only_with(found)
    others, this = f"Other {parts} hidden{way}", f"This {part} hidden"
    rows = [others]
    figure = go.Figure()
    _ticks(figure, others, found.placebo_changes)
    if way:  # what they are compared with
        rows.append(f"{this}{way}")
        figure.add_scatter(
            name=rows[-1],
            x=[found.compared],
            y=rows[-1:],
            mode="markers",
            marker=DIAMOND | {"symbol": "diamond-open"},
            hovertemplate=HOVER,
        )
    figure.add_scatter(
        name=this,
        x=[found.change],
        y=[this],
        mode="markers",
        marker=DIAMOND,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [float(found.hiding.max()) - found.change],
            "arrayminus": [found.change - float(found.hiding.min())],
            "color": MEASURED,
            "thickness": 2,
        },
        hovertemplate="%{x:+.3f}, smallest to largest of the ways of hiding<extra></extra>",
    )
    figure.add_scatter(
        name="foretold",
        x=[answer.change for answer in known],
        y=[f"{name} foretold" for name in names],
        mode="markers",
        marker={"symbol": "circle", "size": 13, "color": FORETOLD},
        hovertemplate=HOVER,
    )
    figure.add_vline(x=found.change, line={"dash": "dot", "width": 1.5, "color": MEASURED})
    rows += [this, *(f"{name} foretold" for name in names)]
    return _laid_out(figure, rows, f"Fall {unit_of(found)} when hidden")


def sides_strip(found: TwoSided, *, titles: Mapping[str, str]) -> go.Figure:
    """Draw by how much the first part moves the value more than the second; right of zero: it does.

    Args:
        found: The measurement.
        titles: Method id -> name shown.
    """
    one, two = (titles.get(method, method) for method in found.methods)
    pairs, this = "Random pairs", f"{one} against {two}"
    figure = go.Figure()
    _ticks(figure, pairs, found.pair_differences)
    figure.add_scatter(
        name=this,
        x=[found.difference],
        y=[this],
        mode="markers",
        marker=DIAMOND,
        hovertemplate=HOVER,
    )
    title = f"How much more the first moves the model, {unit_of(found)}"
    return _laid_out(figure, [pairs, this], title)


def _ticks(figure: go.Figure, row: str, changes: FloatArray) -> None:
    """A short line for each other part, or pair, in one row."""
    figure.add_scatter(
        name=row,
        x=changes,
        y=[row] * len(changes),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 16, "color": OTHERS, "line": {"width": 2}},
        hovertemplate=HOVER,
    )


def _laid_out(figure: go.Figure, rows: Sequence[str], title: str) -> go.Figure:
    """One row a label, one axis."""
    figure.update_layout(
        height=ROW * len(rows) + FRAME,
        margin={"l": 10, "r": 20, "t": 10, "b": 50},
        showlegend=False,
        dragmode=False,
        xaxis={"title": title, "zeroline": True},
        yaxis={"categoryorder": "array", "categoryarray": list(rows)[::-1], "automargin": True},
    )
    return figure
