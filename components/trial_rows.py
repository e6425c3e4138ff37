"""How methods stood their trials, as markup and rows for the page and the HTML report.

No streamlit.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from components.markup import Markup, table, tag
from explainers.case_sanity import CaseSanity
from explainers.numerals import numeral
from explainers.sanity_report import MethodSanity, SanityReport
from explainers.sanity_wording import SYMBOLS, meaning, percent
from explainers.stability_report import DIRECTION, MethodStability, StabilityReport

LOOKS: Final = "Does each method look at the model?"
STABLE: Final = "How stable is each explanation?"
LIMIT: Final = "A method that passes looks at the model; that says nothing about the patient."
UNMOVED: Final = 0.005  # a change of the explained value that is 0.00 to two digits


def sanity_html(
    report: SanityReport, titles: Mapping[str, str], *, own: Sequence[CaseSanity] = ()
) -> Markup:
    """The lights, coloured and in words, beside the numbers."""
    depths = [f"Left with {depth.name} random" for depth in report.depths]
    head = ["Method", "Light", *depths, "Chance", "Re-run", *(["This case"] if own else [])]
    mine = {case.method: case for case in own}
    rows = [
        [
            titles.get(m.method, m.method),
            light_html(m, report),
            *(
                f"{percent(kept)} ({percent(low)} to {percent(high)})"
                for kept, (low, high) in zip(m.kept, m.intervals, strict=True)
            ),
            numeral(m.floor),
            numeral(m.noise_ceiling),
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
    return table(caption, head, rows, kind="cs-lights")


def light_html(found: MethodSanity, report: SanityReport) -> Markup:
    """A symbol and words; colour only repeats them."""
    light = found.light(report.depths)
    said = f"{SYMBOLS[light]} {light}: {meaning(found, report)}"
    return tag("span", said, attributes={"class": f"cs-light cs-light-{light}"})


def stability_note(report: StabilityReport) -> str:
    """What the noise was, how far it moved the answer itself, and how to read the table."""
    moves = [value - report.value for value in report.noisy_values]
    if not moves:
        moved = ""
    elif max(map(abs, moves)) < UNMOVED:
        moved = " On these copies the model's answer itself stays as it is, to two digits."
    else:
        low, high = (numeral(each, "+.2f") for each in (min(moves), max(moves)))
        moved = f" On these copies the explained value itself moves by {low} to {high}."
    return f"{report.noise}{moved} {DIRECTION.capitalize()}: 1 is no change."


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
        "Another seed: order": "draws nothing" if one is None else numeral(one.rank_correlation),
        f"Another seed: top {k}": "draws nothing" if one is None else percent(one.top_overlap),
    }


def _noisy(found: MethodStability, k: int) -> dict[str, str]:
    """Cells of the noisy copies; none where there are none."""
    one = found.under_noise
    if one is None:
        return {}
    return {
        "Little noise: order": numeral(one.rank_correlation),
        f"Little noise: top {k}": percent(one.top_overlap),
    }


def _of_case(found: CaseSanity | None) -> str:
    """What is left of the open case's map where half of the layers, or more, are random."""
    if found is None:
        return "–"
    return " / ".join(percent(kept) for kept in found.kept)
