"""The Plotly figure of the viewer: the film once a panel, all panels zoomed and panned as one.

It depends on the film and the number of panels alone. Whatever arrives or changes later (overlays,
titles, selection, window) is laid over it in the browser: a changed figure would be mounted anew
and the reader's zoom would be lost.
"""

import math
from typing import Final

import plotly.graph_objects as go
from plotly.subplots import make_subplots

TITLE_HEIGHT: Final = 64  # pixels above each row of panels, for title and subtitle
MODEBAR_WIDTH: Final = 40
COLUMN_SPACING: Final = 0.006  # of the width
ROW_SPACING: Final = 0.075  # of the height: room for the titles of the second row
FALLBACK_HEIGHT: Final = 380  # until the browser has measured the page

CONFIG: Final = {
    "scrollZoom": True,
    "displayModeBar": True,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "doubleClick": "reset",
    "modeBarButtonsToRemove": ["lasso2d", "autoScale2d", "toImage", "resetViews"],
}


def viewer_figure(
    film_url: str, *, height: int, width: int, n_panels: int, n_rows: int = 1
) -> go.Figure:
    """Lay the film out in equal panels.

    Args:
        film_url: Address of the film's PNG.
        height: H of the film, which sets the axes: film pixels, edges at 0 and H.
        width: W of the film.
        n_panels: How many panels, >= 1.
        n_rows: Rows they are dealt out to, 1 or 2.
    """
    n_columns = math.ceil(n_panels / n_rows)
    figure = make_subplots(
        n_rows, n_columns, horizontal_spacing=COLUMN_SPACING, vertical_spacing=ROW_SPACING
    )
    for index in range(1, n_panels + 1):
        suffix = "" if index == 1 else str(index)
        place = {"row": (index - 1) // n_columns + 1, "col": (index - 1) % n_columns + 1}
        figure.add_layout_image(
            source=film_url,
            xref=f"x{suffix}",
            yref=f"y{suffix}",
            x=0,
            y=0,
            sizex=width,
            sizey=height,
            sizing="stretch",
            layer="below",
        )
        # plotly.js offers box selection only where a trace with points exists.
        figure.add_scatter(
            x=[0, width],
            y=[0, height],
            mode="markers",
            marker={"size": 1, "opacity": 0},
            hoverinfo="skip",
            showlegend=False,
            **place,
        )
        linked = {} if index == 1 else {"matches": "x"}
        figure.update_xaxes(range=[0, width], constrain="domain", visible=False, **linked, **place)
        linked = {"scaleanchor": "x"} if index == 1 else {"matches": "y"}
        figure.update_yaxes(range=[height, 0], constrain="domain", visible=False, **linked, **place)
    figure.update_layout(
        height=FALLBACK_HEIGHT,
        margin={"l": 0, "r": MODEBAR_WIDTH, "t": TITLE_HEIGHT, "b": 4, "pad": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode="pan",
        hovermode=False,
        showlegend=False,
        modebar={"orientation": "v", "bgcolor": "rgba(0,0,0,0)"},
    )
    return figure
