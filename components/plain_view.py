"""Panels of any case whatever: each method's strongest parts, or why it has no answer."""

from typing import Final

import numpy as np
import streamlit as st

from components.figures.panels import Panel, message_of
from components.figures.words import share_text
from components.notices import plain
from components.scene import Scene

SHOWN: Final = 8


def show(scene: Scene) -> None:
    """Draw one column a method."""
    for column, panel in zip(st.columns(max(1, len(scene.panels))), scene.panels, strict=False):
        with column.container(border=True, height="stretch"):
            st.text(panel.title)
            st.caption(plain(panel.subtitle))
            message = message_of(panel)
            if message is not None:
                st.text(message)
            else:
                rows = [{"": name, "Share": text} for name, text in strongest(panel, scene.names)]
                st.table(rows, hide_header=True, hide_index=True)


def strongest(panel: Panel, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Name and share of the parts that a method weighs most, largest first."""
    explanation = panel.explanation
    if explanation is None:
        return []
    order = np.argsort(-np.abs(explanation.shares), kind="stable")[:SHOWN]
    return [
        (
            f"{plain(names[i])}",
            share_text(
                explanation.shares[i], explanation.share_errors[i], signed=explanation.signed
            ),
        )
        for i in order
    ]
