"""Plain words and number formats shared by panels, tables, pictures and exports."""

from typing import Final

import numpy as np

from explainers.agreement import Agreement, MetricId, Verdict
from explainers.explanation import Scale
from explainers.numerals import numeral

SCALE_WORDS: Final[dict[Scale, str]] = {
    "logit": "share of all evidence, log-odds scale",
    "probability": "share of all evidence, probability scale",
}
VERDICT_WORDS: Final[dict[Verdict, str]] = {
    "consensus": "consensus",
    "contested": "contested",
    "conflict": "conflict",
    "undecided": "undecided",
    "quiet": "quiet",
}
VERDICT_MEANINGS: Final[dict[Verdict, str]] = {
    "consensus": "all say it matters, same direction",
    "contested": "some say it matters, some give it little",
    "conflict": "they point in opposite directions",
    "undecided": "too close to call",
    "quiet": "nobody gives it more than an equal share",
}
METRIC_WORDS: Final[dict[MetricId, str]] = {
    "feature_agreement": "Same top regions",
    "rank_agreement": "Same top regions at the same rank",
    "sign_agreement": "Same top regions with the same sign",
    "signed_rank_agreement": "Same top regions, rank and sign",
    "rank_correlation": "Rank correlation of all regions",
    "pairwise_rank_agreement": "Pairs of regions in the same order",
}
NOT_FOR_DIAGNOSIS: Final = "Not for diagnosis"


def metric_words(parts: str = "regions") -> dict[MetricId, str]:
    """The metrics in words, of what the cases are cut into."""
    return {metric: words.replace("regions", parts) for metric, words in METRIC_WORDS.items()}


def reason_text(agreement: Agreement, player: int) -> str:
    """Why a part has its verdict, in one sentence; of a quiet one the share that it is below."""
    verdict = agreement.verdicts[player]
    if agreement.reasons[player]:
        return agreement.reasons[player]
    share = f", {100 * agreement.threshold:.1f} %" if verdict == "quiet" else ""
    return f"{VERDICT_MEANINGS[verdict].capitalize()}{share}."


def share_text(share: float, error: float, *, signed: bool = True) -> str:
    """Write a share with its standard error, both in percent: "+12.3 % ± 0.8"; "0.0 %" for none.

    Args:
        share: Fraction of all evidence; NaN is "undefined", never 0.
        error: Its standard error, 0 when the method has none.
        signed: False when the method has no direction, then no plus is written.
    """
    if np.isnan(share):
        return "undefined"
    rounded = round(100 * share, 1)
    text = f"{numeral(rounded, '+.1f' if signed else '.1f')} %"
    if error > 1:  # a share cannot exceed 100 %: beyond that an error bar says nothing more
        return f"{text} ± over 100"
    return f"{text} ± {100 * error:.1f}" if error > 0 else text


def probability_text(probability: float) -> str:
    """A probability in whole percent; what is not certain is not rounded to certainty."""
    if 0 < probability < 0.005:
        return "< 1%"
    return "> 99%" if 0.995 <= probability < 1 else f"{probability:.0%}"


def percent(share: float) -> str:
    """Write the end of a scale: "17 %", "4.2 %"."""
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def number_text(value: float) -> str:
    """Write an agreement value: "0.83"; "undefined" where there is none, never 0."""
    return numeral(value, undefined="undefined")
