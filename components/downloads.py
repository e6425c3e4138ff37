"""Buttons that hand out what was found. The files are written beforehand, off the page's thread.

Streamlit can also make a file when its button is pressed, but then every run of the page gives the
button another file, and a click that meets a run finds none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from components.jobs import Job

POLL_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file on offer.

    Attributes:
        label: Words on the button.
        suffix: End of the file name, with its dot.
        mime: Media type.
        data: The file.
        help: What it is for.
    """

    label: str
    suffix: str
    mime: str
    data: bytes = field(repr=False)
    help: str


def show(job: Job, *, stem: str, key: str) -> None:
    """Draw one button a file, or say that they are being written.

    Args:
        job: Emits the Downloads.
        stem: Start of every file name; no patient content.
        key: Prefix of the widget keys.
    """
    if job.is_finished:
        files = [event for event in job.events if isinstance(event, Download)]
        _buttons(files, stem=stem, key=key)
        return

    @st.fragment(run_every=POLL_SECONDS)
    def poll() -> None:
        job.look()
        if job.is_finished:
            st.rerun()
        st.text("The files are being written...")

    poll()


def _buttons(files: Sequence[Download], *, stem: str, key: str) -> None:
    """One button a file, side by side."""
    if not files:
        st.text("There are no files.")
        return
    for column, item in zip(st.columns(len(files)), files, strict=True):
        column.download_button(
            item.label,
            item.data,
            file_name=f"{stem}{item.suffix}",
            mime=item.mime,
            help=item.help,
            on_click="ignore",
            width="stretch",
            key=f"{key}{item.suffix}",
        )
