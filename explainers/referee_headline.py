"""What the referee found, first in the words that are read aloud. Pure."""

import math
from collections.abc import Mapping, Sequence

from explainers.naming import listed
from explainers.referee_measure import at_most, digits_of, measure_of, number
from explainers.referee_report import Foretold, RefereeReport
from explainers.referee_sides import TwoSided
from explainers.referee_wording import (
    beyond,
    in_the_same_way,
    is_sized,
    one_way,
    stance,
    stands_out,
    title_of,
)


def nouns(found: RefereeReport, part: str, parts: str) -> tuple[str, str]:
    """What the hidden part is called, and what others are: "area", "sets of 2 words".

    Args:
        found: The measurement.
        part: What one player is called, "region", "word".
        parts: What several are called.
    """
    if found.is_shape:
        return "area", "areas"
    count = len(found.part)
    if count == 1:
        return part, parts
    if found.placebo_kind == "other spans":
        return f"run of {count} {parts}", f"runs of {count} {parts}"
    if is_sized(found):
        return f"set of {count} {parts}", "areas"
    return f"set of {count} {parts}", f"sets of {count} {parts}"


def headline(
    found: RefereeReport,
    answers: Sequence[Foretold],
    titles: Mapping[str, str],
    *,
    part: str,
    parts: str,
    contrast: str | None = None,
) -> str:
    """One sentence on the model, one on the methods.

    Args:
        found: The measurement.
        answers: What every method foretold.
        titles: Method id -> name shown.
        part: What one player is called.
        parts: What several are called.
        contrast: Name of the class compared with.
    """
    this, others = nouns(found, part, parts)
    model = f"{_change(found, this, contrast)}{_others(found, part, parts, contrast)}."
    return " ".join(
        sentence for sentence in (model, _methods(found, answers, titles, others)) if sentence
    )


def sides_headline(
    found: TwoSided,
    titles: Mapping[str, str],
    *,
    contrast: str | None = None,
) -> str:
    """Whose part moves the model more, and how that compares with random pairs.

    Args:
        found: The measurement.
        titles: Method id -> name shown.
        contrast: Name of the class compared with.
    """
    measure = measure_of(found, contrast)
    names = [titles.get(method, method) for method in found.methods]
    before = measure.shown(found.value_full)
    after = [measure.shown(found.value_full - change) for change in found.changes]
    digits = max(digits_of(before, value) for value in after)
    told = [
        f"Hiding what {name} alone puts among its strongest takes {measure.name} from "
        f"{number(before, digits)} to {number(value, digits)}"
        for name, value in zip(names, after, strict=True)
    ]
    told[1] = told[1][0].lower() + told[1][1:]
    return f"{'; '.join(told)}. {_verdict(found, names)}"


def _verdict(found: TwoSided, names: Sequence[str]) -> str:
    """Which part moved the model more, if that can be told."""
    count = len(found.pairs)
    if math.isnan(found.p_value):
        return "There are no other pairs to compare with."
    more = names[0] if found.difference > 0 else names[1]
    among = f"{found.n_as_large} of {count} random pairs of this size differ as much or more"
    if found.p_value <= 0.05:
        return f"The part of {more} moves the model more; {among} (p = {found.p_value:.2f})."
    return f"That difference is not distinguishable from chance: {among} (p = {found.p_value:.2f})."


def _change(found: RefereeReport, part: str, contrast: str | None) -> str:
    """What hiding the part does, in the ways in which others were hidden."""
    measure, hiding = measure_of(found, contrast), f"Hiding this {part}{one_way(found)}"
    before = measure.shown(found.value_full)
    after = measure.shown(found.value_full - found.compared)
    digits = digits_of(before, after)
    if f"{before:.{digits}f}" == f"{after:.{digits}f}":
        return f"{hiding} leaves {measure.name} at {number(before, 2)}"
    verb = "lowers" if after < before else "raises"
    return (
        f"{hiding} {verb} {measure.name} from {number(before, digits)} to {number(after, digits)}"
    )


def _instead(found: RefereeReport, part: str, parts: str) -> str:
    """What was hidden in its place: nothing of the part itself is in it."""
    count, (_, others) = len(found.part), nouns(found, part, parts)
    if is_sized(found):
        return f"other {others} of this size"
    if found.placebo_kind == "other spans":
        return f"other {others}"
    return f"another {part} instead" if count == 1 else f"{count} of the other {parts} instead"


def _others(found: RefereeReport, part: str, parts: str, contrast: str | None) -> str:
    """What hiding others does."""
    count, as_large = len(found.placebos), found.n_as_large
    if count == 0:
        return f"; there are no other {nouns(found, part, parts)[1]} to compare with"
    measure = measure_of(found, contrast)
    before = measure.shown(found.value_full)
    after = (measure.shown(found.value_full - float(c)) for c in found.placebo_changes)
    most = max(abs(value - before) for value in after)
    told = f"; hiding {_instead(found, part, parts)}{in_the_same_way(found)} {at_most(most)}"
    own = abs(measure.shown(found.value_full - found.compared) - before)
    if as_large == 0 and most > own:  # near 0 and 1 the same log-odds are less probability
        return f"{told}, in log-odds by less than this one"
    if as_large == 0 or as_large == count:
        return told
    verb = "changes" if as_large == 1 else "change"
    return f"{told}, and {as_large} of {count} {verb} it as much as this one or more"


def _methods(
    found: RefereeReport, answers: Sequence[Foretold], titles: Mapping[str, str], parts: str
) -> str:
    """Who said so."""
    known = [answer for answer in answers if not math.isnan(answer.change)]
    if not known:
        return ""
    if not stands_out(found):
        return beyond(known, found, titles, parts)
    said, more, less = (
        [title_of(a, titles) for a in known if _claim(a, found) == claim]
        for claim in ("said so", "more", "less")
    )
    told = [f"{listed(said)} said so"] if said else []
    if more:
        told.append(f"{listed(more)} foretold more than twice as much")
    if less:
        told.append(f"{listed(less)} did not{'' if said else ' say so'}")
    return f"{', '.join(told)}."


def _claim(answer: Foretold, found: RefereeReport) -> str:
    """Whether a method said so, said more than that, or less."""
    words = stance(answer, found)
    if words == "said so":
        return words
    return "more" if words == "foretold more than twice as much" else "less"
