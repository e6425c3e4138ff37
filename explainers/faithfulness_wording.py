"""What the curves and the aggregate amount to, in plain words. Pure: numpy, standard library.

Says what the model reacts to, never which method, or the model, is right.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from explainers.consensus_report import Consensus, Minority
from explainers.faithfulness_report import (
    GAP_BETTER,
    LEVEL,
    SCORE_BETTER,
    BestSource,
    Direction,
    Faithfulness,
    MethodCurves,
    Reference,
)
from explainers.numerals import numeral
from explainers.text_table import aligned
from explainers.wording import percent

MEANING: Final = (
    "Measured on the model, not on the patient: it says which order of the parts this model's "
    "answer follows, not that the answer is right."
)
SCORE: Final = f"Score: 0 = a random order, 1 = the best order known; {SCORE_BETTER}"
ABOVE_ONE: Final = "Together the methods may score above 1: the best order was known before theirs."
DISSENTS: Final = 5  # shown of a minority report; the others are counted
SOURCES: Final[Mapping[str, str]] = {
    "every order": "the best of all orders there are",
    "additive fit": "the order of a straight-line model fitted to everything asked",
    "one hidden": "the order of what hiding each {part} alone does",
    "one shown": "the order of what showing each {part} alone does",
    "random order": "the best of the random orders",
}


def best_known(found: Reference, titles: Mapping[str, str], *, part: str) -> str:
    """Where the best known order comes from."""
    source: BestSource = found.best_source
    named = f"the order {titles.get(source, source)} gives"
    return SOURCES.get(source, named).format(part=part)


def order_matters(found: Faithfulness) -> bool:
    """Whether any order does better than random ones; else there are no scores."""
    return not (math.isnan(found.deletion.reach) or math.isnan(found.insertion.reach))


def sentences(found: Faithfulness, titles: Mapping[str, str], *, parts: str) -> list[str]:
    """What the model does along each method's order; methods that do alike share a sentence."""
    if not order_matters(found):
        return [
            f"The model's answer does not depend on which {parts} are hidden: no order of theirs "
            "does better than another."
        ]
    alike: dict[str, list[str]] = {}
    for curves in found.methods:
        title = titles.get(curves.method, curves.method)
        alike.setdefault(_said(found, curves, parts), []).append(title)
    return [said.format(_either(names)) for said, names in alike.items()]


def _said(found: Faithfulness, curves: MethodCurves, parts: str) -> str:
    """What hiding and showing by one method's order does; {} is the method's name."""
    if not len(curves.order):
        return f"{{}}: all {parts} have the value 0, so there is no order to follow."
    hiding = _pace(found, curves, "deletion", " random orders")
    showing = _pace(found, curves, "insertion", "")
    return (
        f"Hiding {parts} in the order {{}} gives lowers the answer faster than {hiding}; showing "
        f"them in that order raises it faster than {showing}."
    )


def _either(names: Sequence[str]) -> str:
    """Names in a sentence: "A", "A or B", "A, B or C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _pace(found: Faithfulness, curves: MethodCurves, direction: Direction, what: str) -> str:
    """How many random orders an area beats, and whether chance does as well."""
    reference, auc = found.reference(direction), curves.auc(direction)
    count = f"{reference.n_beaten(auc):,} of {reference.n_orders:,}{what}"
    p_value = found.p_value(curves, direction)
    if p_value <= LEVEL:
        return count
    if reference.score(auc) < 0:
        return f"{count} (worse than a random order is on average)"
    return f"{count}, as chance may (p = {p_value:.2f})"


def verdict(found: Consensus, titles: Mapping[str, str]) -> str:
    """Whether an aggregate is better than every single method, in one or two sentences."""
    best = "" if found.best is None else _title(found, found.best, titles)
    if found.outcome == "no method counts":
        return "No consensus: no method's order is followed better than random orders are."
    if found.outcome == "one method counts":
        only = _title(found, int(found.weights.argmax()), titles)
        return (
            f"No consensus is better than {only}: it is the only method whose order the model "
            "follows better than random ones."
        )
    own = 0.0 if found.best is None else float(found.scores[found.best])
    scores = f"{_number(found.score, own)} against {_number(own, found.score)}"
    if found.outcome == "not ahead here" and math.isclose(found.score, own, abs_tol=1e-4):
        return f"No consensus is better than {best}: weighted together, the methods score the same."
    if found.outcome == "not ahead here":
        return (
            f"No consensus is better than {best}: weighted together, the methods score {scores} "
            f"of {best} alone (higher is better)."
        )
    if found.outcome == "not ahead elsewhere":
        trial = found.trials[-1]
        return (
            f"No consensus is better than {best}: weighted together, the methods are ahead here "
            f"({scores}), but not with the baseline “{trial.baseline}”, where "
            f"{_title(found, trial.ahead, titles)} is."
        )
    elsewhere = " and ".join(f"“{trial.baseline}”" for trial in found.trials)
    return (
        "Consensus: the model follows the methods' weighted order better than that of any single "
        f"method. It scores {scores} of {best} alone (higher is better), and is also ahead with "
        f"the baselines {elsewhere}, which the weights know nothing of."
    )


def weights(found: Consensus, titles: Mapping[str, str]) -> str:
    """What each method counts for; "" when none does."""
    if not found.weights.any():
        return ""
    listed = (
        f"{_title(found, m, titles)} {percent(float(w))}" for m, w in enumerate(found.weights)
    )
    return f"Weights, by how well the model follows each order: {', '.join(listed)}."


def minority(
    found: Consensus, names: Sequence[str], titles: Mapping[str, str], *, signed: Mapping[str, bool]
) -> list[str]:
    """What the aggregate hides, the largest dissent first; says so when it hides nothing.

    Args:
        found: The aggregate.
        names: (P,) names of the parts.
        titles: Method id -> name shown.
        signed: Method id -> whether its sign means for or against.
    """
    if not found.is_shown:
        return []
    if not found.minority:
        return ["Nothing that a method gives an equal share or more is halved or turned round."]
    lines = [
        _dissent(dissent, names, titles, signed=signed[dissent.method])
        for dissent in found.minority[:DISSENTS]
    ]
    left = len(found.minority) - len(lines)
    return [*lines, f"And {left} smaller ones."] if left else lines


def _dissent(
    dissent: Minority, names: Sequence[str], titles: Mapping[str, str], *, signed: bool
) -> str:
    """One thing the aggregate hides."""
    title = titles.get(dissent.method, dissent.method)
    own = f"{percent(dissent.share)}{_side(dissent.share) if signed else ''}"
    ours = f"{percent(dissent.aggregate)}{_side(dissent.aggregate)}"
    return f"{names[dissent.player]}: {title} {own}, the consensus {ours}."


def lines(
    found: Faithfulness, combined: Consensus | None, titles: Mapping[str, str]
) -> Iterator[str]:
    """The same for a terminal: one line a method, and the verdict on the aggregate."""
    head = ("Followed by the model", "hidden", "beats", "shown", "beats", "missing")
    rows = [head, *(_row(found, curves, titles) for curves in found.methods)]
    yield from aligned(rows, n_left=1)
    count = f"{found.deletion.n_orders:,}"
    yield f"({SCORE}.)"
    yield f"(Beats: of {count} random orders, higher is better. Missing: {GAP_BETTER}.)"
    if combined is not None and len(combined.methods) > 1:
        yield verdict(combined, titles)


def _row(found: Faithfulness, curves: MethodCurves, titles: Mapping[str, str]) -> tuple[str, ...]:
    """One method in a terminal."""
    cells = [titles.get(curves.method, curves.method)]
    directions: tuple[Direction, ...] = ("deletion", "insertion")
    for direction in directions:
        score = found.score(curves, direction)
        known = not math.isnan(score)
        beaten = found.reference(direction).n_beaten(curves.auc(direction))
        cells += [numeral(score, undefined="-"), str(beaten) if known else "-"]
    gap = curves.completeness_gap
    return (*cells, "-" if gap is None else numeral(gap, ".3f"))


def _number(value: float, other: float) -> str:
    """With as many decimals as tell it from another, 2 to 4."""
    digits = next((d for d in (2, 3) if f"{value:.{d}f}" != f"{other:.{d}f}"), 4)
    return numeral(value, f".{digits}f", undefined="-")


def _title(found: Consensus, method: int, titles: Mapping[str, str]) -> str:
    """Name shown of a method."""
    return titles.get(found.methods[method], found.methods[method])


def _side(share: float) -> str:
    """Direction of a share."""
    return " against" if share < 0 else " for"
