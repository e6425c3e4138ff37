"""Two trials of the methods in words: do they look at the model, and how stable are they?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from components import trial_rows as rows
from components.markup import Markup, join
from components.notices import plain
from explainers.case_sanity import CaseSanity
from explainers.explanation import Explanation
from explainers.sanity_report import BUDGET, N_CASES, N_DEPTHS, N_TWINS, SanityReport
from explainers.sanity_wording import sentence
from explainers.stability_report import StabilityReport
from models.case import Modality

STYLE: Final = (Path(__file__).parent / "assets" / "lights.css").read_text(encoding="utf-8")
LOOKS_MEANING: Final = (
    "The model's learned weights are replaced by random ones, from the last layer down, and each "
    "method is asked again. A map that stays as it was cannot show what the model has learned: "
    "it redraws the case."
)
NO_WEIGHTS: Final = (
    "Not for this model: what trees learn are their splits; they have no weights that random "
    "numbers could replace."
)
STABLE_MEANING: Final = (
    "Each method is asked again under another seed, and about copies of the case with noise too "
    "small to matter."
)


def runs_of_sanity(explanations: Sequence[Explanation], modality: Modality) -> int:
    """Model rows that asking these methods about all twins takes, about.

    Args:
        explanations: What they spent on this case.
        modality: Of the case: says how many reference cases and twins there are.
    """
    maps = N_CASES[modality] * (1 + N_DEPTHS * N_TWINS[modality])
    return sum(maps * (2 + min(e.rows, BUDGET[modality])) for e in explanations)


def runs_of_stability(explanations: Sequence[Explanation], n_noisy: int) -> int:
    """Model rows that asking these methods again takes, about."""
    return sum((n_noisy + (e.std_error is not None)) * (2 + e.rows) for e in explanations)


def show_sanity(
    report: SanityReport, titles: Mapping[str, str], *, own: Sequence[CaseSanity] = ()
) -> None:
    """Draw one sentence a method and the table; `own` adds what survives on the open case."""
    for method in report.methods:
        st.text(sentence(method, report, titles.get(method.method, method.method)))
    for name, why in report.refused.items():
        st.caption(plain(f"{titles.get(name, name)}: {why}"))
    st.html(join(Markup(f"<style>{STYLE}</style>"), rows.sanity_html(report, titles, own=own)))
    st.caption(plain(rows.LIMIT))


def show_stability(report: StabilityReport, titles: Mapping[str, str]) -> None:
    """Draw the table and what the noise was."""
    st.table(rows.stability_rows(report, titles), hide_index=True, alt=rows.STABLE)
    st.caption(plain(rows.stability_note(report)))
