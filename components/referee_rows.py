"""What the referee found, as sentences and rows for the page and the HTML report. No streamlit."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from explainers import referee_wording as wording
from explainers.naming import part_of, parts_of
from explainers.numerals import numeral
from explainers.referee_headline import headline, nouns, sides_headline
from explainers.referee_limits import limits
from explainers.referee_measure import unit_of
from explainers.referee_report import Foretold, RefereeReport
from explainers.referee_sides import TwoSided
from explainers.report import EvidenceReport

RULES: Final[Mapping[str, str]] = {"sum": "its values here", "share of the effect": "its share"}


def said(
    found: RefereeReport,
    answers: Sequence[Foretold],
    report: EvidenceReport,
    titles: Mapping[str, str],
) -> str:
    """What is read aloud.

    Args:
        found: The measurement.
        answers: What methods foretold, the nearest first.
        report: Names the classes and what parts are called.
        titles: Method id -> name shown.
    """
    cut = report.request.players
    return headline(
        found,
        answers,
        titles,
        part=part_of(cut),
        parts=parts_of(cut),
        contrast=contrast_of(report),
    )


def sentences(
    found: RefereeReport,
    answers: Sequence[Foretold],
    report: EvidenceReport,
    titles: Mapping[str, str],
) -> list[str]:
    """What was found: read aloud first, then who was nearest."""
    lines = (said(found, answers, report, titles), wording.nearest(answers, found, titles))
    return [line for line in lines if line]


def details(
    found: RefereeReport,
    answers: Sequence[Foretold],
    report: EvidenceReport,
    titles: Mapping[str, str],
) -> list[str]:
    """The same with its spread and its limits."""
    cut, contrast = report.request.players, contrast_of(report)
    part, parts = nouns(found, part_of(cut), parts_of(cut))
    lines = (
        wording.measured(found, part=part, contrast=contrast),
        wording.compared(found, parts=parts, contrast=contrast),
        wording.foretold(answers, found, titles, parts=parts),
        wording.alone(found, part=part),
        limits(found),
    )
    return [line for line in lines if line]


def foretold_rows(
    found: RefereeReport, answers: Sequence[Foretold], titles: Mapping[str, str]
) -> list[dict[str, str]]:
    """One row a method, the nearest first."""
    return [
        {
            "Method": titles.get(answer.method, answer.method),
            "Read from": RULES[answer.rule],
            f"Fall foretold, {unit_of(found)}": numeral(answer.change, "+.2f"),
            "Measured": numeral(found.change, "+.2f"),
            "Off by": numeral(answer.error),
            "Off by, its own way of hiding": numeral(answer.own_error),
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
        | {title: numeral(float(values[row]), "+.2f") for title, values in columns.items()}
        for row, name in enumerate(names)
    ]


def placebo_row(found: RefereeReport) -> dict[str, str]:
    """What hiding others does, from smallest to largest, and how rare a change as large is.

    Others may have been hidden in one way only; then this one is compared with them in that way.
    """
    changes = found.placebo_changes
    low, high = (float(changes.min()), float(changes.max())) if len(changes) else (np.nan,) * 2
    return {
        "Others hidden": f"{len(changes)}",
        "Hidden with": found.placebo_baseline or "mean of all",
        f"Their falls, {unit_of(found)}": f"{numeral(low, '+.2f')} to {numeral(high, '+.2f')}",
        "This one's": numeral(found.compared, "+.2f"),
        "As large as this one or larger": f"{found.n_as_large} of {len(changes)}",
        "p": numeral(found.p_value, ".3f"),
    }


def footnote(found: RefereeReport) -> str:
    """How large a part of a film is, and what it took."""
    size = "" if found.area is None else f"{100 * found.area:.1f} % of the film is hidden. "
    return f"{size}Model runs: {found.rows:,}."


def sides_said(found: TwoSided, report: EvidenceReport, titles: Mapping[str, str]) -> str:
    """What is read aloud of two sides."""
    return sides_headline(found, titles, contrast=contrast_of(report))


def sides_rows(found: TwoSided, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """One row a way of hiding, and their mean."""
    named = [titles.get(method, method) for method in found.methods]
    columns = [np.append(side, side.mean()) for side in found.hiding]
    return [
        {"Way of hiding": name}
        | {
            f"Fall, only {title}": numeral(float(values[row]), "+.2f")
            for title, values in zip(named, columns, strict=True)
        }
        for row, name in enumerate((*found.baselines, "mean of all"))
    ]


def sides_footnote(found: TwoSided) -> str:
    """What was compared with what."""
    size = (
        "parts of the same number"
        if found.area is None
        else f"regions of one area ({100 * found.area:.1f} % of the film each), wherever they lie"
    )
    return (
        f"Parts are of the {found.k} strongest of each method those that the other does not name. "
        f"Random pairs: {len(found.pairs)} of {size}. Model runs: {found.rows:,}."
    )


def contrast_of(report: EvidenceReport) -> str | None:
    """Name of the class compared with."""
    against = report.target.contrast
    return None if against is None else report.model.classes[against]
