"""How methods stood the two trials that a reader may ask for. No streamlit."""

from dataclasses import dataclass
from typing import Final

from explainers.case_sanity import CaseSanity
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


NO_TRIALS: Final = Trials()
