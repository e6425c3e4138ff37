"""Were the answers asked alike: a quiet line, or what sets them apart and what asking changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import streamlit as st

from components.notices import plain
from explainers.cause_words import SEVERITIES
from explainers.causes import Cause, percent
from explainers.comparability import asked_alike, repairable
from explainers.harmonise import Change, Explained
from explainers.numerals import numeral
from explainers.report import ConsultRequest

TITLE: Final = "Were they asked alike?"
BUTTON: Final = "Ask all of them alike"
BOTH: Final = "Ask both alike"
UPLOAD: Final = "Compare with another report (report.json)"


def show(causes: Sequence[Cause], request: ConsultRequest, *, key: str) -> bool:
    """Draw what sets the answers of one report apart; whether they are to be asked alike.

    Args:
        causes: What was found.
        request: What was asked.
        key: Session key under which the answer is kept.
    """
    st.subheader(TITLE, anchor=False)
    found = repairable(causes)
    by_nature = [cause for cause in causes if cause.by_nature]
    if not found:
        rest = " What methods are by nature sets them apart all the same." if by_nature else ""
        st.caption(plain(asked_alike(request) + rest))
    show_causes(found)
    if by_nature:
        with st.expander("What sets these methods apart by what they are"):
            for cause in by_nature:
                st.text(f"{cause.sentence} {cause.why}")
    return bool(found) and _pressed(BUTTON, key=key)


def show_causes(causes: Iterable[Cause]) -> None:
    """Draw causes, each with why it matters and what to do."""
    for cause in causes:
        st.text(f"{SEVERITIES[cause.severity]}: {cause.sentence}")
        st.caption(plain(f"{cause.why} {cause.remedy}"))


def upload(*, key: str) -> bytes | None:
    """Draw the uploader of another report; its bytes while it lies there."""
    with st.expander(UPLOAD):
        st.caption(plain("A report of the same case, from here or elsewhere. It is not kept."))
        given = st.file_uploader(UPLOAD, key=key, label_visibility="collapsed")
    return None if given is None else given.getvalue()


def show_other(causes: Sequence[Cause], *, key: str) -> bool:
    """Draw what sets two reports apart; whether both are to be asked alike."""
    if not causes:
        st.text("The other report was asked alike: what differs are the answers.")
    show_causes(causes)
    return _pressed(BOTH, key=key)


def show_change(
    found: Explained | None, titles: Mapping[str, str], *, failed: Sequence[str]
) -> None:
    """Draw how much of the difference asking alike explained."""
    if failed:
        st.text(f"Could not answer when asked alike: {', '.join(failed)}.")
    if found is None:
        st.text("Fewer than two methods answered both before and when asked alike.")
        return
    st.text(found.sentence)
    with st.expander("Before and after"):
        st.table(change_rows(found.changes, titles), hide_index=True)
        st.caption(
            plain(
                "Evidence elsewhere: half the sum of the differences of shares. By chance: what "
                "drawing again alone would give. Lower is more alike; it says nothing about which "
                "method the model bears out."
            )
        )


def change_rows(changes: Sequence[Change], titles: Mapping[str, str]) -> list[dict[str, str]]:
    """One row a pair of methods."""
    return [
        {
            "Methods": _pair(change, titles),
            "Evidence elsewhere before": _part(change.before),
            "now": _part(change.after),
            "By chance before": _part(change.noise_before),
            "by chance now": _part(change.noise_after),
            "Rank correlation before": numeral(change.rank_before),
            "rank correlation now": numeral(change.rank_after),
        }
        for change in changes
    ]


def _pressed(label: str, *, key: str) -> bool:
    """The button, until it was pressed; then its work is under way or done."""
    return key in st.session_state or st.button(label, key=f"{key}.go")


def _part(value: float) -> str:
    """A part of the evidence; a dash where it is undefined."""
    return "–" if np.isnan(value) else percent(value)


def _pair(change: Change, titles: Mapping[str, str]) -> str:
    """Two methods, or one in two reports."""
    one, other = (titles.get(name, name) for name in change.methods)
    return f"{one}, in this report and in the other" if one == other else f"{one} and {other}"
