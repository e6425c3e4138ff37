"""How much an explanation changes when nothing should change it. numpy only.

Two disturbances: another seed of the method's own random draws, and a little noise in the case.
docs/sanity.md says how much noise, and what the numbers are.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np

from explainers.explanation import MethodId
from explainers.metrics import agree, rank
from models.case import FloatArray

DIRECTION: Final = "higher is more stable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Two explanations of one case by one method; higher is more stable.

    Attributes:
        rank_correlation: Spearman correlation of |shares|, -1 to 1; NaN where one ranks nothing.
        top_overlap: Part of the top k that both share, 0 to 1; NaN likewise.
    """

    rank_correlation: float
    top_overlap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodStability:
    """One method under both disturbances.

    Attributes:
        method: Which.
        reseeded: Against the same question under another seed; None where a method draws nothing
            and is the same every time.
        noisy: Against each noisy copy of the case, under the same seed; empty where there are no
            noisy copies.
    """

    method: MethodId
    reseeded: Likeness | None
    noisy: tuple[Likeness, ...]

    @property
    def under_noise(self) -> Likeness | None:
        """The mean over noisy copies; None without any."""
        if not self.noisy:
            return None
        return Likeness(
            rank_correlation=float(np.mean([n.rank_correlation for n in self.noisy])),
            top_overlap=float(np.mean([n.top_overlap for n in self.noisy])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityReport:
    """All methods of one consultation.

    Attributes:
        k: Size of the top.
        noise: What the noisy copies are, in words; why there are none otherwise.
        value: The explained value of the case.
        noisy_values: Of each noisy copy: how far the answer itself moves.
        methods: One entry a method.
        rows: Model rows spent.
        seconds: Wall time.
    """

    k: int
    noise: str
    value: float
    noisy_values: tuple[float, ...]
    methods: tuple[MethodStability, ...]
    rows: int
    seconds: float

    def to_document(self) -> dict[str, Any]:
        """Plain data for report.json; undefined numbers are None."""
        document = asdict(self)
        for entry in document["methods"]:
            for likeness in [entry["reseeded"], *entry["noisy"]]:
                if likeness is not None:
                    likeness |= {k: None if np.isnan(v) else v for k, v in likeness.items()}
        return document | {
            "direction": DIRECTION,
            "noisy_values": list(self.noisy_values),
            "methods": [m | {"noisy": list(m["noisy"])} for m in document["methods"]],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of `to_document`."""
        return cls(
            k=document["k"],
            noise=document["noise"],
            value=document["value"],
            noisy_values=tuple(document["noisy_values"]),
            methods=tuple(
                MethodStability(
                    method=entry["method"],
                    reseeded=None if entry["reseeded"] is None else _likeness(entry["reseeded"]),
                    noisy=tuple(_likeness(one) for one in entry["noisy"]),
                )
                for entry in document["methods"]
            ),
            rows=document["rows"],
            seconds=document["seconds"],
        )


def likeness(values: FloatArray, other: FloatArray, k: int) -> Likeness:
    """Compare the |values| (P,) of two explanations."""
    unsigned = np.zeros(1, dtype=np.bool_)
    one, two = (rank(np.abs(v)[None], unsigned, min(k, len(v))) for v in (values, other))
    found = agree(one, two)
    return Likeness(
        rank_correlation=float(found["rank_correlation"][0]),
        top_overlap=float(found["feature_agreement"][0]),
    )


def sentence(found: MethodStability, title: str) -> str:
    """One method in words."""
    said = (
        "the same under every seed"
        if found.reseeded is None
        else f"rank correlation {_number(found.reseeded.rank_correlation)} under another seed"
    )
    noisy = found.under_noise
    if noisy is None:
        return f"{title}: {said}."
    return f"{title}: {said}, {_number(noisy.rank_correlation)} under a little noise."


def lines(report: StabilityReport, titles: Mapping[str, str]) -> list[str]:
    """What the command line prints."""
    found = [sentence(m, titles.get(m.method, m.method)) for m in report.methods]
    return [*found, f"{report.noise} {DIRECTION.capitalize()}; 1 is no change."]


def _likeness(document: Mapping[str, Any]) -> Likeness:
    """Undefined numbers are NaN again."""
    return Likeness(**{k: float("nan") if v is None else v for k, v in document.items()})


def _number(value: float) -> str:
    """Two digits; "undefined" for NaN."""
    return "undefined" if np.isnan(value) else f"{value:.2f}"
