"""Ask the model itself: hide a part, and see what the model does."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import streamlit as st

from components.figures.referee_strip import referee_strip
from components.notices import plain
from components.referee_chooser import Wanted
from components.scene import Scene
from explainers import referee_wording as wording
from explainers.referee_headline import headline, nouns
from explainers.referee_limits import limits
from explainers.referee_lines import CAVEAT
from explainers.referee_measure import number, signed, unit_of
from explainers.referee_report import Foretold, RefereeReport, by_error
from explainers.report import EvidenceReport

CONFIG: Final = {"displaylogo": False, "displayModeBar": False}
TITLE: Final = "Ask the model itself"
RULES: Final[Mapping[str, str]] = {"sum": "its values here", "share of the effect": "its share"}


def show_asked(found: Sequence[RefereeReport], report: EvidenceReport, scene: Scene) -> None:
    """Draw one line for each part that was asked about without being told to.

    Args:
        found: What the model did.
        report: What methods foretold.
        scene: Names the parts.
    """
    for each in found:
        names = ", ".join(scene.names[player] for player in each.part)
        st.caption(plain(names))
        st.text(_headline(each, by_error(report.explanations, each), report, scene))


def asks(wanted: Wanted | None, scene: Scene, *, key: str) -> bool:
    """Draw the button; whether the model is to be asked in this run.

    Args:
        wanted: What was chosen, None for nothing.
        scene: What parts are called.
        key: Session key under which the answer is kept.
    """
    if wanted is None:
        st.caption(plain(f"Mark a {scene.part} above, and the model can be asked about it."))
        return False
    if key in st.session_state:
        return True
    st.caption(
        plain(
            f"Hides {wanted.noun} in several ways, and others of the size beside it, "
            "and compares what the model does with what each method foretold."
        )
    )
    return st.button(f"Hide {wanted.noun} and ask again", key=f"{key}.go")


def show(
    found: RefereeReport, report: EvidenceReport, scene: Scene, *, name: str, key: str
) -> None:
    """Draw what the model did: sentences, the strip, the numbers.

    Args:
        found: What the model did.
        report: What methods foretold.
        scene: What parts are called.
        name: What was hidden.
        key: Session key.
    """
    answers = by_error(report.explanations, found)
    titles = dict(scene.titles)
    st.caption(plain(f"Hidden: {name}"))
    for sentence in sentences(found, answers, report, scene):
        st.text(sentence)
    part, parts = nouns(found, scene.part, scene.parts)
    figure = referee_strip(found, answers, titles=titles, part=part, parts=parts)
    st.plotly_chart(
        figure,
        key=f"{key}.strip",
        config=CONFIG,
        alt=f"Change of the model's answer when this {part} or others are hidden",
    )
    with st.expander("Numbers behind it"):
        for sentence in details(found, answers, report, scene):
            st.text(sentence)
        st.table(foretold_rows(found, answers, titles), hide_index=True)
        st.table(baseline_rows(found), hide_index=True)
        st.caption(plain(f"{_size(found)}Model runs: {found.rows:,}."))
    st.caption(plain(CAVEAT))


def sentences(
    found: RefereeReport, answers: Sequence[Foretold], report: EvidenceReport, scene: Scene
) -> list[str]:
    """What was found: read aloud first, then who was nearest."""
    lines = (
        _headline(found, answers, report, scene),
        wording.nearest(answers, found, scene.titles),
    )
    return [line for line in lines if line]


def details(
    found: RefereeReport, answers: Sequence[Foretold], report: EvidenceReport, scene: Scene
) -> list[str]:
    """The same with its spread and its limits."""
    contrast = _contrast(report)
    part, parts = nouns(found, scene.part, scene.parts)
    lines = (
        wording.measured(found, part=part, contrast=contrast),
        wording.compared(found, parts=parts, contrast=contrast),
        wording.foretold(answers, found, scene.titles, parts=parts),
        wording.alone(found, part=part),
        limits(found),
    )
    return [line for line in lines if line]


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


def _headline(
    found: RefereeReport, answers: Sequence[Foretold], report: EvidenceReport, scene: Scene
) -> str:
    """What is read aloud."""
    return headline(
        found,
        answers,
        scene.titles,
        part=scene.part,
        parts=scene.parts,
        contrast=_contrast(report),
    )


def _contrast(report: EvidenceReport) -> str | None:
    """Name of the class compared with."""
    against = report.target.contrast
    return None if against is None else report.model.classes[against]


def _size(found: RefereeReport) -> str:
    """How large a part of a film is."""
    return "" if found.area is None else f"{100 * found.area:.1f} % of the film is hidden. "


def _or_undefined(value: float, text: str) -> str:
    """A number, or a dash where it is undefined."""
    return "–" if np.isnan(value) else text
