"""What the agreement numbers amount to, in plain words. Never says that anything is right."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

import numpy as np

from components.figures.matrix import gain_over_chance, pairs
from explainers.agreement import METRICS, Agreement

Degree: TypeAlias = Literal["far", "above", "chance", "untold", "undefined"]

# Half of the way from chance to full agreement, on the mean of all defined metrics.
FAR: Final = 0.5
WORDS: Final[dict[Degree, str]] = {
    "far": "agree far above chance",
    "above": "agree above chance, but not closely",
    "chance": "agree no more than chance would",
    "untold": "cannot be told from chance in so few places",
    "undefined": "cannot be compared",
}
CAVEAT: Final = (
    "Agreement says that methods tell the same story about this model. It does not say that the "
    "story, or the model, fits the patient."
)


def degree(agreement: Agreement, a: int, b: int) -> Degree:
    """How closely two methods agree.

    Only metrics that could lie above what 95 % of chance arrangements reach have a say: with a
    small top chance may reach full agreement, and then even that tells nothing. "untold" when fewer
    than two have; "chance" unless a third of them, and at least two, lie above; then "far" when
    they lie on average at least half of the way from chance to full agreement.
    """
    values = {m: float(agreement.metrics[m][a, b]) for m in METRICS}
    defined = [m for m in METRICS if not np.isnan(values[m])]
    if not defined:
        return "undefined"
    limits = {**agreement.chance_floor, **agreement.chance_band}
    telling = [m for m in defined if limits[m][a, b] < 1.0]
    if len(telling) < 2:
        return "untold"
    above = sum(values[m] > limits[m][a, b] for m in telling)
    if above < max(2, len(telling) / 3):
        return "chance"
    gains = [gain_over_chance(agreement, m, a, b) for m in telling]
    return "far" if float(np.nanmean(gains)) >= FAR else "above"


def headline(agreement: Agreement, *, titles: Mapping[str, str]) -> str:
    """Say which methods agree, a sentence for each degree."""
    groups: dict[Degree, list[tuple[int, int]]] = {}
    for a, b in pairs(agreement):
        groups.setdefault(degree(agreement, a, b), []).append((a, b))
    if len(groups) == 1 and len(agreement.methods) > 2:
        (only,) = groups
        return f"All {len(agreement.methods)} methods {WORDS[only]}."
    names = [titles[m] for m in agreement.methods]
    return " ".join(
        f"{_joined(groups[found], names)} {words}."
        for found, words in WORDS.items()
        if found in groups
    )


def _joined(found: Sequence[tuple[int, int]], names: Sequence[str]) -> str:
    """Name pairs; a method that occurs in all of several pairs is named once."""
    shared = set.intersection(*(set(pair) for pair in found))
    if len(found) > 1 and len(shared) == 1:
        (centre,) = shared
        others = [names[b if a == centre else a] for a, b in found]
        return f"{names[centre]} and each of {', '.join(others[:-1])} and {others[-1]}"
    return "; ".join(f"{names[a]} and {names[b]}" for a, b in found)
