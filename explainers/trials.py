"""How methods stood the two trials that a reader may ask for. numpy only.

docs/trials.schema.json describes the layout of `to_document`; an undefined number is None.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from explainers.case_sanity import CaseSanity
from explainers.explanation import MethodId
from explainers.sanity_report import SanityReport
from explainers.stability_report import StabilityReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """What is known so far; equal while nothing was added.

    Attributes:
        sanity: What randomised twins of the model say about methods, those of other requests
            too; None unless it knows every method of this one.
        own: The same for the open case; empty before it was asked for.
        stability: How much explanations change when nothing should change them.
    """

    sanity: SanityReport | None = None
    own: tuple[CaseSanity, ...] = ()
    stability: StabilityReport | None = None

    def to_document(self, methods: Sequence[MethodId]) -> dict[str, Any]:
        """Plain data for report.json.

        Args:
            methods: Of the report; what is known about others stays out.
        """
        return {
            "sanity": None if self.sanity is None else self.sanity.about(methods).to_document(),
            "own": [
                {"method": e.method, "kept": _plain(e.kept), "own": _plain(e.own)} for e in self.own
            ],
            "stability": None if self.stability is None else self.stability.to_document(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of `to_document`."""
        sanity, stability = document["sanity"], document["stability"]
        return cls(
            sanity=None if sanity is None else SanityReport.from_document(sanity),
            own=tuple(
                CaseSanity(method=e["method"], kept=_read(e["kept"]), own=_read(e["own"]))
                for e in document["own"]
            ),
            stability=None if stability is None else StabilityReport.from_document(stability),
        )


NO_TRIALS: Final = Trials()


def _plain(values: Sequence[float]) -> list[float | None]:
    """Numbers, None where undefined."""
    return [None if np.isnan(value) else float(value) for value in values]


def _read(values: Sequence[float | None]) -> tuple[float, ...]:
    """Numbers, NaN where undefined."""
    return tuple(float("nan") if value is None else value for value in values)
