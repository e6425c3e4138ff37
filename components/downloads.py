"""Buttons that hand out what was found: made when asked for, named by the case's digest only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file on offer.

    Attributes:
        label: Words on the button.
        suffix: End of the file name, with its dot.
        mime: Media type.
        make: Produces the file.
        help: What it is for.
    """

    label: str
    suffix: str
    mime: str
    make: Callable[[], bytes]
    help: str


def show(downloads: Sequence[Download], *, stem: str, key: str) -> None:
    """Draw one button a file.

    Args:
        downloads: What is on offer.
        stem: Start of every file name; no patient content.
        key: Prefix of the widget keys.
    """
    for column, item in zip(st.columns(len(downloads)), downloads, strict=True):
        column.download_button(
            item.label,
            item.make,
            file_name=f"{stem}{item.suffix}",
            mime=item.mime,
            help=item.help,
            on_click="ignore",
            width="stretch",
            key=f"{key}{item.suffix}",
        )
