"""What the referee found, in plain words. Pure: numpy and the standard library.

States measurements and what methods foretold, never which method is to be believed.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from explainers.naming import listed
from explainers.referee_measure import at_most, digits_of, measure_of, number, signed, unit_of
from explainers.referee_report import NEGLIGIBLE, Foretold, RefereeReport

LEVEL: Final = 0.05  # p-value up to which a change is called different from that of other parts
Stance: TypeAlias = Literal[
    "said so",
    "foretold more than twice as much",
    "foretold less than half as much",
    "foretold the opposite",
]
FOLD: Final = 2.0  # a method said so when it foretold between half and twice the measured change


def differs(found: RefereeReport) -> bool:
    """Whether hiding the part changes the value more than hiding others, p <= 0.05."""
    return _moves(found) and found.p_value <= LEVEL


def stands_out(found: RefereeReport) -> bool:
    """Whether no other part changes the value as much, or p <= 0.05."""
    beyond = len(found.placebos) > 0 and found.n_as_large == 0
    return _moves(found) and (beyond or differs(found))


def _moves(found: RefereeReport) -> bool:
    """Whether hiding the part changes anything, as others were hidden and on average."""
    return min(abs(found.change), abs(found.compared)) > NEGLIGIBLE


# What a hidden part shows, as a reader would say it; others go by their names.
SHOWN: Final[Mapping[str, str]] = {
    "blur": "blurred",
    "mean": "even grey",
    "background": "values of other records",
    "average": "average values",
    "conditional": "values that fit the rest",
    "mask": "masked",
    "deletion": "left out",
    "padding": "blanked",
}


def only_with(found: RefereeReport) -> str:
    """The one way in which others were hidden, behind what was; "" where it was every way."""
    return "" if found.placebo_baseline is None else f" with “{found.placebo_baseline}” alone"


def one_way(found: RefereeReport) -> str:
    """Behind the part that is hidden: the one way in which it is compared with others, if one."""
    way = found.placebo_baseline
    return "" if way is None else f" ({SHOWN.get(way, way)})"


def in_the_same_way(found: RefereeReport) -> str:
    """Behind others that were hidden, where the way of hiding was said before."""
    return "" if found.placebo_baseline is None else " the same way"


def stance(answer: Foretold, found: RefereeReport) -> Stance:
    """What a method foretold, against a measured change that is not zero.

    A method that names a baseline also said so when it is near the change under that one: it was
    asked about no other.
    """
    if (
        abs(answer.own_change) > NEGLIGIBLE
        and 1 / FOLD <= answer.change / answer.own_change <= FOLD
    ):
        return "said so"
    ratio = answer.change / found.change
    if ratio < 0:
        return "foretold the opposite"
    if ratio < 1 / FOLD:
        return "foretold less than half as much"
    return "said so" if ratio <= FOLD else "foretold more than twice as much"


def measured(found: RefereeReport, *, part: str, contrast: str | None = None) -> str:
    """What hiding the part does to the answer.

    Args:
        found: The measurement.
        part: What is hidden, "region", "2 words".
        contrast: Name of the class compared with.
    """
    measure = measure_of(found, contrast)
    before = measure.shown(found.value_full)
    after = measure.shown(found.value_full - found.change)
    reach = [measure.shown(found.value_full - float(change)) for change in found.hiding]
    low, high = min(reach), max(reach)
    ways = f"{len(found.hiding)} ways of hiding"
    digits = digits_of(before, after)
    if f"{before:.{digits}f}" == f"{after:.{digits}f}":
        return (
            f"Hiding this {part} leaves {measure.name} at {number(before, 2)} "
            f"(mean of {ways}, {number(low, 2)} to {number(high, 2)})."
        )
    verb = "lowers" if after < before else "raises"
    mixed = (
        " The ways of hiding do not agree on the direction."
        if low < before - NEGLIGIBLE and high > before + NEGLIGIBLE
        else ""
    )
    return (
        f"Hiding this {part} {verb} {measure.name} from {number(before, digits)} to "
        f"{number(after, digits)} (mean of {ways}, {number(low, digits)} to "
        f"{number(high, digits)}).{mixed}"
    )


def compared(found: RefereeReport, *, parts: str, contrast: str | None = None) -> str:
    """What hiding other parts of the same size does.

    Args:
        found: The measurement.
        parts: What the others are called: "regions", "words", "sets of 2 words".
        contrast: Name of the class compared with.
    """
    count, as_large = len(found.placebos), found.n_as_large
    others = f"{parts} of this size" if is_sized(found) else parts
    if count == 0:
        return f"There are no other {others} to compare with."
    others += only_with(found)
    measure = measure_of(found, contrast)
    before = measure.shown(found.value_full)
    after = [measure.shown(found.value_full - float(c)) for c in found.placebo_changes]
    most = max(abs(value - before) for value in after)
    if not _moves(found):
        return f"Hiding {count} other {others} {at_most(most)}."
    if differs(found):
        rest = (
            ""
            if as_large == 0
            else f"; {as_large} of them {_do(as_large)} as much as this one or more"
        )
        return f"Hiding {count} other {others} {at_most(most)}{rest}."
    if as_large == 0:
        return (
            f"Hiding any of the {count} other {others} {at_most(most)}, but {count} are too few to "
            f"tell this from chance (p = {found.p_value:.2f})."
        )
    return (
        f"That is not distinguishable from other {parts}: of {count} hidden {_alike(found)}, "
        f"{as_large} {_do(as_large)} as much or more (p = {found.p_value:.2f})."
    )


def foretold(
    answers: Sequence[Foretold], found: RefereeReport, titles: Mapping[str, str], *, parts: str
) -> str:
    """What each method foretold; "" when there is nothing to say."""
    known = [answer for answer in answers if not math.isnan(answer.change)]
    if not known:
        return ""
    if not stands_out(found):
        return beyond(known, found, titles, parts)
    groups = [
        (words, [title_of(a, titles) for a in known if stance(a, found) == words])
        for words in get_args(Stance)
    ]
    said = "; ".join(f"{listed(names)} {words}" for words, names in groups if names)
    return f"{said} ({unit_of(found)})."


def nearest(answers: Sequence[Foretold], found: RefereeReport, titles: Mapping[str, str]) -> str:
    """Which method's number was nearest to the measured change, and by how much; "" of none.

    Args:
        answers: Nearest first (`referee_report.by_error`).
        found: The measurement.
        titles: Method id -> name shown.
    """
    known = [answer for answer in answers if not math.isnan(answer.change)]
    if not known:
        return ""
    unit = unit_of(found)
    first = known[0]
    told = f"a fall {unit} of {signed(first.change)} foretold, {signed(found.change)} measured"
    if len(known) == 1:
        return f"{title_of(first, titles)}: {told}."
    second = known[1]
    margin = second.error - first.error
    if margin <= NEGLIGIBLE:
        return (
            f"{title_of(first, titles)} and {title_of(second, titles)} are equally near: {told}, "
            f"off by {first.error:.2f}."
        )
    return (
        f"Nearest is {title_of(first, titles)}: {told}, off by {first.error:.2f}; next is "
        f"{title_of(second, titles)}, off by {second.error:.2f}."
    )


def alone(found: RefereeReport, *, part: str) -> str:
    """What keeping only this part does, as a share of the way from nothing to everything."""
    unit = unit_of(found)
    return (
        f"The other way round: with only this {part} shown, the value moves by "
        f"{signed(found.kept)} {unit} from that with nothing shown; the whole case moves it by "
        f"{signed(found.effect)}."
    )


def is_sized(found: RefereeReport) -> bool:
    """Whether the others are areas of a film."""
    return found.placebo_kind in ("moved shapes", "same area")


def beyond(
    answers: Sequence[Foretold], found: RefereeReport, titles: Mapping[str, str], parts: str
) -> str:
    """Which methods foretold more than any placebo shows, where the model shows nothing special."""
    if len(found.placebos) == 0:
        return ""
    most = max(*np.abs(found.placebo_changes), abs(found.compared), abs(found.change)) + NEGLIGIBLE
    more = [title_of(a, titles) for a in answers if abs(a.change) > most]
    if not more:
        return f"No method foretold more than hiding this or other {parts} changes."
    return f"{listed(more)} foretold more than hiding this or any of the other {parts} changes."


def _alike(found: RefereeReport) -> str:
    """How others were hidden."""
    return "in the same ways" if found.placebo_baseline is None else only_with(found).strip()


def title_of(answer: Foretold, titles: Mapping[str, str]) -> str:
    """Name shown of a method."""
    return titles.get(answer.method, answer.method)


def _do(count: int) -> str:
    """The verb of `count` parts."""
    return "changes it" if count == 1 else "change it"
