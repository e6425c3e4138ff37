"""The list of parts that matter; choosing a row marks the part in the view, and back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import streamlit as st

from components.figures.regions import regions_html
from explainers.agreement import Agreement

ASSETS: Final = Path(__file__).with_name("assets")

_table = st.components.v2.component(
    "consilium_regions",
    html='<div class="cs-regions-scroll"></div>',
    css=(ASSETS / "regions.css").read_text(encoding="utf-8"),
    js=(ASSETS / "regions.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show(
    agreement: Agreement,
    *,
    names: tuple[str, ...],
    titles: Mapping[str, str],
    part: str = "region",
    selected: int | None,
    key: str,
    viewer_key: str,
) -> int | None:
    """Draw the table.

    Args:
        agreement: The comparison.
        names: (P,) names of the parts.
        titles: Method id -> name shown.
        part: What one is called, "region".
        selected: Player whose row is marked.
        key: Session key.
        viewer_key: `key` of the view that marks what is chosen here.

    Returns:
        The player whose row was chosen in this run, -1 when it was let go, else None.
    """
    table = regions_html(agreement, names=names, titles=titles, part=part, selected=selected)
    data = {"table": str(table), "stage": f"{viewer_key}_stage", "selected": selected}
    chosen = _table(key=key, data=data, on_picked_change=lambda: None).picked
    return None if chosen is None else int(chosen)
