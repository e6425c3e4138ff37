"""What a light means, in words. numpy only."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from explainers.rank_similarity import Interval
from explainers.sanity_report import CHANGES, Light, MethodSanity, SanityReport

SYMBOLS: Final[Mapping[Light, str]] = {"green": "●", "amber": "◐", "red": "○", "open": "–"}
MEANINGS: Final[Mapping[Light, str]] = {
    "green": "looks at the model",
    "amber": "partly",
    "red": "does not look at the model",
    "open": "not decided",
}


def meaning(found: MethodSanity, report: SanityReport) -> str:
    """What a method's light stands for; amber alone may be for want of cases."""
    light = found.light(report.depths)
    if light == "amber" and _is_wide(found, report):
        return "too few cases to say"
    return MEANINGS[light]


def sentence(found: MethodSanity, report: SanityReport, title: str) -> str:
    """One method in words, at the depth where most of its map is left."""
    light, deciding = found.light(report.depths), _deciding(found, report)
    if light == "open" or not deciding:
        return f"{title}: not decided; its maps of other cases, or its re-runs, differ too much."
    kept, (low, high), name = max(deciding)
    left = f"{percent(kept)} of its map survives with random weights in {name}"
    between = f"95 % interval {percent(low)} to {percent(high)}"
    if light == "amber" and _is_wide(found, report):
        return f"{title}: these cases are too few to say; {left} ({between})."
    return {
        "red": f"{title} does not look at the model: {left}.",
        "amber": f"{title} looks at the model in part: {left} ({between}); that much comes from "
        "the case, not from what was learned.",
        "green": f"{title} looks at the model: no more than {left}.",
    }[light]


def _deciding(found: MethodSanity, report: SanityReport) -> list[tuple[float, Interval, str]]:
    """Of the depths that decide: what is left, its interval, and their name."""
    return [
        (float(kept), interval, depth.name)
        for kept, interval, depth in zip(found.kept, found.intervals, report.depths, strict=True)
        if depth.decides and not np.isnan(kept)
    ]


def _is_wide(found: MethodSanity, report: SanityReport) -> bool:
    """Whether the interval, where most is left, also reaches what a changed map keeps."""
    _, (low, _), _ = max(_deciding(found, report))
    return low < CHANGES


def lines(report: SanityReport, titles: Mapping[str, str]) -> list[str]:
    """What the command line prints, one line a method."""
    return [
        f"[{m.light(report.depths)}] {sentence(m, report, titles.get(m.method, m.method))}"
        for m in report.methods
    ]


def percent(part: float) -> str:
    """A part of 1; a dash where undefined."""
    return "–" if np.isnan(part) else f"{100 * min(max(part, 0.0), 1.0):.0f} %"
