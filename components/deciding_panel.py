"""Sampling until decided: what it would take, the button, and which tops are certain."""

import math
from typing import Final

import streamlit as st

from components.notices import plain
from components.scene import Scene
from explainers.agreement import Agreement
from explainers.deciding import Plan
from explainers.naming import listed
from explainers.report import EvidenceReport
from explainers.top_k import certified_top_k
from explainers.verdicts import ALPHA

TITLE: Final = "Undecided"
BUTTON: Final = "Sample until decided"
NAMED: Final = 6  # parts a sentence lists
MINUTE: Final = 90  # seconds from which minutes are said


def show(step: Plan, scene: Scene, *, key: str) -> bool:
    """Draw what is undecided and what more model runs would do; whether the button was pressed.

    Args:
        step: What the next round would spend and decide.
        scene: Names the parts.
        key: Prefix of the widget keys.
    """
    st.subheader(TITLE, anchor=False)
    for line in sentences(step, scene):
        st.caption(plain(line))
    if step.request is None:
        return False
    return st.button(BUTTON, key=f"{key}.go", help=limit(step))


def sentences(step: Plan, scene: Scene) -> list[str]:
    """What is undecided, what it would take, and who stays undecided."""
    count, part = len(step.undecided), scene.part if len(step.undecided) == 1 else scene.parts
    if step.request is None:
        return [
            f"{count} {part}: too close to call within the limit of model runs. More runs are not "
            "expected to decide them."
        ]
    found = [
        f"About {rounded(step.rows)} more model runs, {duration(step.seconds)}: "
        f"{len(step.decidable)} of {count} undecided {part} could be decided."
    ]
    if step.too_close:
        names = listed([scene.names[p] for p in step.too_close], most=NAMED)
        found.append(f"Too close to call within the limit: {names}.")
    return found


def limit(step: Plan) -> str:
    """What all rounds can take at most, said before any starts."""
    return (
        f"At most {step.most:,} model runs in planned rounds, only for the methods whose error "
        "bars leave verdicts open. Each round is judged more strictly, so that looking again does "
        "not make wrong verdicts more frequent."
    )


def rounded(rows: int) -> str:
    """Two leading digits: an estimate promises no more."""
    if rows < 100:
        return str(rows)
    unit = 10 ** (len(str(rows)) - 2)
    return f"{math.ceil(rows / unit) * unit:,}"


def duration(seconds: float) -> str:
    """About how long, in words."""
    if seconds < 1:
        return "about a second"
    if seconds < MINUTE:
        return f"about {math.ceil(seconds)} s"
    return f"about {math.ceil(seconds / 60)} min"


def show_certified(report: EvidenceReport, scene: Scene) -> None:
    """Say of each method with error bars how much of its top is certain."""
    lines = [] if report.agreement is None else certificates(report.agreement, scene)
    if lines:
        with st.expander(f"Which {scene.parts} are certain to matter most"):
            for line in lines:
                st.caption(plain(line))


def certificates(agreement: Agreement, scene: Scene) -> list[str]:
    """One sentence a method: which of its k largest shares are certain to be among them."""
    lines = []
    for i, method in enumerate(agreement.methods):
        errors = agreement.share_errors[i]
        if not agreement.votes[i] or not errors.any():
            continue
        found = certified_top_k(agreement.shares[i], errors, agreement.k)
        who = scene.titles[method]
        names = listed([scene.names[p] for p in found.certain], most=NAMED) if found.certain else ""
        one, bound = found.k == 1, f"(wrong in at most {ALPHA:.0%} of cases)"
        verb = "is" if one else "are"
        top = f"{scene.part} that matters" if one else f"{found.k} {scene.parts} that matter"
        if found.complete:
            lines.append(f"{who}: the {top} most to it {verb} certain {bound}: {names}.")
        elif found.certain:
            lines.append(
                f"{who}: of the {top} most to it, these are certain {bound}: {names}; more model "
                "runs could replace the others."
            )
        else:
            lines.append(f"{who}: the {top} most to it {verb} not certain yet.")
    return lines
