"""The text in columns, one a method: hover shows all values, a click marks a part everywhere."""

from pathlib import Path
from typing import Final

import streamlit as st

from components.figures.panels import Panel
from components.figures.summary import strongest
from components.figures.tokens import text_legend_html, text_panels_html, tips
from explainers.agreement import Agreement
from explainers.players import Players
from models.case import TextPayload

ASSETS: Final = Path(__file__).with_name("assets")

_texts = st.components.v2.component(
    "consilium_texts",
    html='<p class="cs-summary"></p><div class="cs-texts-box"></div><div class="cs-legend"></div>'
    '<div class="cs-text-tip" hidden></div>',
    css=(ASSETS / "text_view.css").read_text(encoding="utf-8"),
    js=(ASSETS / "text_view.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show(
    document: TextPayload,
    players: Players,
    panels: tuple[Panel, ...],
    agreement: Agreement | None,
    *,
    names: tuple[str, ...],
    selected: int | None,
    key: str,
) -> int | None:
    """Draw the text once a method, and once with the verdicts.

    Args:
        document: The text; every letter of it is escaped.
        players: Its parts, with word spans.
        panels: One a method.
        agreement: None until there is something to compare.
        names: (P,) names of the parts.
        selected: Player marked in every column.
        key: Session key.

    Returns:
        The player picked by a click in this run, -1 when the marked one was, else None.
    """
    data = {
        "html": str(text_panels_html(document, players, panels, agreement)),
        "legend": str(text_legend_html(panels, agreement)),
        "tips": tips(panels, agreement, names=names),
        "summary": " ".join(f"{panel.title}: {strongest(panel, names=names)}." for panel in panels),
        "stage": f"{key}_stage",
        "selected": selected,
    }
    picked = _texts(key=f"{key}_texts", data=data, on_picked_change=lambda: None).picked
    return None if picked is None else int(picked)
