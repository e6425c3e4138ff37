"""Two trials of the methods in words: do they look at the model, and how stable are they?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import streamlit as st

from components.markup import Markup, join, table, tag
from components.notices import plain
from explainers.case_sanity import CaseSanity
from explainers.explanation import Explanation
from explainers.sanity_report import (
    N_CASES,
    N_DEPTHS,
    N_TWINS,
    Light,
    SanityReport,
)
from explainers.sanity_wording import MEANINGS, SYMBOLS, sentence
from explainers.stability_report import DIRECTION, MethodStability, StabilityReport

STYLE: Final = (Path(__file__).parent / "assets" / "lights.css").read_text(encoding="utf-8")
LOOKS: Final = "Does each method look at the model?"
LOOKS_MEANING: Final = (
    "The model's learned weights are replaced by random ones, from the last layer down, and each "
    "method is asked again. A map that stays as it was cannot show what the model has learned: "
    "it redraws the case."
)
NO_WEIGHTS: Final = (
    "Not for this model: what trees learn are their splits; they have no weights that random "
    "numbers could replace."
)
STABLE: Final = "How stable is each explanation?"
STABLE_MEANING: Final = (
    "Each method is asked again under another seed, and about copies of the case with noise too "
    "small to matter."
)
LIMIT: Final = "A method that passes looks at the model; that says nothing about the patient."


def runs_of_sanity(explanations: Sequence[Explanation], cap: int) -> int:
    """Model rows that asking these methods about all twins takes, about.

    Args:
        explanations: What they spent on this case.
        cap: Most rows that a method is allowed for one map.
    """
    maps = N_CASES * (1 + N_DEPTHS * N_TWINS)
    return sum(maps * (2 + min(e.rows, cap)) for e in explanations)


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
    st.html(sanity_html(report, titles, own=own))
    st.caption(plain(LIMIT))


def sanity_html(
    report: SanityReport, titles: Mapping[str, str], *, own: Sequence[CaseSanity] = ()
) -> Markup:
    """The lights, coloured and in words, beside the numbers."""
    depths = [f"Left with random {depth.name}" for depth in report.depths]
    head = ["Method", "Light", *depths, "Chance", "Re-run", *(["This case"] if own else [])]
    mine = {case.method: case for case in own}
    rows = [
        [
            titles.get(m.method, m.method),
            light_html(m.light(report.depths)),
            *(
                f"{_percent(kept)} ({_percent(low)} to {_percent(high)})"
                for kept, (low, high) in zip(m.kept, m.intervals, strict=True)
            ),
            _number(m.floor),
            _number(m.noise_ceiling),
            *([_of_case(mine.get(m.method))] if own else []),
        ]
        for m in report.methods
    ]
    caption = (
        f"How much of a map is left, with 95 % intervals over {report.n_cases} cases and "
        f"{report.n_twins} sets of random weights: 0 % is as alike as the map of another case, "
        "100 % as alike as the method's own re-run. Lower is better. Chance and re-run: rank "
        "correlations with the maps of other cases, and of a second run."
    )
    return join(Markup(f"<style>{STYLE}</style>"), table(caption, head, rows, kind="cs-lights"))


def light_html(light: Light) -> Markup:
    """A symbol and words; colour only repeats them."""
    said = f"{SYMBOLS[light]} {light}: {MEANINGS[light]}"
    return tag("span", said, attributes={"class": f"cs-light cs-light-{light}"})


def show_stability(report: StabilityReport, titles: Mapping[str, str]) -> None:
    """Draw the table and what the noise was."""
    st.table(stability_rows(report, titles), hide_index=True, alt=STABLE)
    moved = ", ".join(f"{value - report.value:+.2g}" for value in report.noisy_values)
    noise = f"{report.noise} The answer itself moved by {moved}." if moved else report.noise
    st.caption(plain(f"{noise} {DIRECTION.capitalize()}: 1 is no change."))


def stability_rows(report: StabilityReport, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """One row a method."""
    return [
        {"Method": titles.get(m.method, m.method)} | _seeded(m, report.k) | _noisy(m, report.k)
        for m in report.methods
    ]


def _seeded(found: MethodStability, k: int) -> dict[str, str]:
    """Cells of the second seed."""
    one = found.reseeded
    return {
        "Another seed: order": "draws nothing" if one is None else _number(one.rank_correlation),
        f"Another seed: top {k}": "draws nothing" if one is None else _percent(one.top_overlap),
    }


def _noisy(found: MethodStability, k: int) -> dict[str, str]:
    """Cells of the noisy copies; none where there are none."""
    one = found.under_noise
    if one is None:
        return {}
    return {
        "Little noise: order": _number(one.rank_correlation),
        f"Little noise: top {k}": _percent(one.top_overlap),
    }


def _of_case(found: CaseSanity | None) -> str:
    """What is left of the open case's map where half of the layers, or more, are random."""
    if found is None:
        return "–"
    return " / ".join(_percent(kept) for kept in found.kept)


def _percent(part: float) -> str:
    return "–" if np.isnan(part) else f"{100 * part:.0f} %"


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"
