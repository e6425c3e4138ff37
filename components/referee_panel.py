"""Ask the model itself: hide the marked part, and see what the model does."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import streamlit as st

from components.figures.referee_strip import referee_strip
from components.notices import plain
from components.scene import Scene
from explainers import referee_wording as wording
from explainers.referee_limits import limits
from explainers.referee_measure import number, signed, unit_of
from explainers.referee_report import Foretold, RefereeReport, by_error
from explainers.report import EvidenceReport

CONFIG: Final = {"displaylogo": False, "displayModeBar": False}
TITLE: Final = "Ask the model itself"
MEANING: Final = (
    "Measured on the model, not on the patient: it says what this model's answer reacts to."
)
RULES: Final[Mapping[str, str]] = {"sum": "its values here", "share of the effect": "its share"}


def asks(scene: Scene, *, key: str) -> bool:
    """Draw the heading and the button; whether the model is to be asked in this run.

    Args:
        scene: Says what is marked.
        key: Session key under which the answer is kept.
    """
    st.subheader(TITLE, anchor=False)
    if scene.selected is None:
        st.caption(plain(f"Mark a {scene.part} above, and the model can be asked about it."))
        return False
    name = scene.names[scene.selected]
    st.text(f"Marked: {name}")
    if key in st.session_state:
        return True
    st.caption(
        plain(
            f"Hides this {scene.part} in several ways, and others beside it, "
            "and compares what the model does with what each method foretold."
        )
    )
    return st.button(f"Hide this {scene.part} and ask again", key=f"{key}.go")


def show(found: RefereeReport, report: EvidenceReport, scene: Scene, *, key: str) -> None:
    """Draw what the model did: sentences, the strip, the numbers."""
    answers = by_error(report.explanations, found)
    titles = dict(scene.titles)
    for sentence in sentences(found, answers, report, scene):
        st.text(sentence)
    figure = referee_strip(found, answers, titles=titles, part=scene.part, parts=scene.parts)
    st.plotly_chart(
        figure,
        key=f"{key}.strip",
        config=CONFIG,
        alt=f"Change of the model's answer when this {scene.part} or others are hidden",
    )
    with st.expander("Numbers behind it"):
        st.table(foretold_rows(found, answers, titles), hide_index=True)
        st.table(baseline_rows(found), hide_index=True)
        st.caption(plain(f"{limits(found)} Model runs: {found.rows:,}."))
    st.caption(plain(MEANING))


def sentences(
    found: RefereeReport, answers: Sequence[Foretold], report: EvidenceReport, scene: Scene
) -> list[str]:
    """What was found, one sentence or two a line."""
    against = found.target.contrast
    contrast = None if against is None else report.model.classes[against]
    measured = wording.measured(found, part=scene.part, contrast=contrast)
    compared = wording.compared(found, parts=scene.parts, contrast=contrast)
    told = wording.foretold(answers, found, scene.titles, parts=scene.parts)
    near = wording.nearest(answers, found, scene.titles)
    return [
        line
        for line in (
            f"{measured} {compared} {told}".strip(),
            near,
            wording.alone(found, part=scene.part),
        )
        if line
    ]


def foretold_rows(
    found: RefereeReport, answers: Sequence[Foretold], titles: Mapping[str, str]
) -> list[dict[str, str]]:
    """One row a method, the nearest first."""
    unit = unit_of(found)
    return [
        {
            "Method": titles.get(answer.method, answer.method),
            "Read from": RULES[answer.rule],
            f"Fall foretold, {unit}": _or_undefined(answer.change, signed(answer.change)),
            "Measured": signed(found.change),
            "Off by": _or_undefined(answer.error, number(answer.error, 2)),
            "Off by, its own way of hiding": _or_undefined(
                answer.own_error, number(answer.own_error, 2)
            ),
        }
        for answer in answers
    ]


def baseline_rows(found: RefereeReport) -> list[dict[str, str]]:
    """One row a way of hiding, and their mean."""
    names = [*found.baselines, "mean of all"]
    columns = {
        "Fall when hidden": np.append(found.hiding, found.change),
        "Rise when shown alone": np.append(found.keeping, found.kept),
        "From nothing to everything": np.append(found.effects, found.effect),
    }
    return [
        {"Way of hiding": name}
        | {title: signed(float(values[row])) for title, values in columns.items()}
        for row, name in enumerate(names)
    ]


def _or_undefined(value: float, text: str) -> str:
    """A number, or a dash where it is undefined."""
    return "–" if np.isnan(value) else text
