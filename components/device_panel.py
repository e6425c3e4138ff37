"""Where a model runs on this machine, how fast, in passes of how many cases, and why."""

from collections.abc import Mapping
from typing import Final, Protocol

import streamlit as st

from components.notices import plain

TITLE: Final = "On this machine"
NOT_YET: Final = "Measured when the model is loaded; look again after the first consultation."
CHOSEN: Final = "chosen: the smallest pass that is nearly as fast as the fastest"


class PassLike(Protocol):
    """One size of pass (`models.throughput.Pass`, which this side may not import)."""

    @property
    def rows(self) -> int:
        """Model runs in a pass."""
        ...

    @property
    def milliseconds(self) -> float:
        """A run."""
        ...


class Measured(Protocol):
    """What was measured (`models.throughput.Throughput`)."""

    @property
    def device(self) -> str:
        """Where."""
        ...

    @property
    def passes(self) -> tuple[PassLike, ...]:
        """Sizes tried."""
        ...

    @property
    def bytes_per_row(self) -> int:
        """Memory of a run in a pass."""
        ...

    @property
    def free_bytes(self) -> int:
        """Before the first pass."""
        ...

    @property
    def rows_per_pass(self) -> int:
        """Chosen."""
        ...

    @property
    def rows_per_second(self) -> float:
        """In passes of that size."""
        ...

    @property
    def number_format(self) -> str:
        """The number format, in a sentence."""
        ...


def show(found: Measured | None) -> None:
    """Draw what was measured, or when it will be."""
    st.subheader(TITLE, anchor=False)
    if found is None:
        st.caption(NOT_YET)
        return
    st.table(facts(found), hide_header=True)
    st.table(rows_of(found), hide_index=True)


def show_fixed(device: str, rows: int) -> None:
    """Draw where models of records run, for which nothing is measured or chosen.

    Args:
        device: Where.
        rows: Model runs in a pass.
    """
    st.subheader(TITLE, anchor=False)
    st.table(fixed_facts(device, rows), hide_header=True)


def fixed_facts(device: str, rows: int) -> Mapping[str, str]:
    """What is so without a measurement, and why, in words."""
    return {
        "device": plain(device),
        "passes": f"{rows:,} model runs at once: a record takes microseconds, nothing is to choose",
        "number format": "float32",
    }


def facts(found: Measured) -> Mapping[str, str]:
    """What was found, in words."""
    memory = f"{found.bytes_per_row / 1e6:.1f} MB" if found.bytes_per_row else "too little to see"
    free = f"{found.free_bytes / 1e9:.1f} GB" if found.free_bytes else "not known"
    return {
        "device": plain(found.device),
        "speed": f"{found.rows_per_second:,.0f} model runs a second",
        "passes": f"{found.rows_per_pass:,} model runs at once",
        "memory of a further run": memory,
        "memory free before": free,
        "number format": plain(found.number_format),
    }


def rows_of(found: Measured) -> list[dict[str, str]]:
    """A row a size that was tried."""
    return [
        {
            "Model runs at once": f"{each.rows:,}",
            "Milliseconds a run": f"{each.milliseconds:.3g}",
            "": CHOSEN if each.rows == found.rows_per_pass else "",
        }
        for each in found.passes
    ]
