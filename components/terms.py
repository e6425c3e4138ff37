"""The words of each modality: what a case and its parts are called. No streamlit."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from explainers.explanation import Family
from explainers.maskers.names import PlayersId
from models.case import Modality

FAMILY_TITLES: Final[Mapping[Family, str]] = MappingProxyType(
    {"saliency": "Saliency", "shap": "SHAP", "lime": "LIME"}
)
# What each family does; {parts} are what the case is cut into.
FAMILY_MEANINGS: Final[Mapping[Family, str]] = MappingProxyType(
    {
        "saliency": "Marks the {parts} that the model's output depends on, read from the model "
        "itself or by hiding one after another.",
        "shap": "Shares the model's output out among the {parts}, by leaving {parts} out in many "
        "combinations.",
        "lime": "Hides random sets of {parts} and fits a simple straight-line model to how the "
        "output changes.",
    }
)
# Smallest and largest number of parts that can be wished for; other cuts follow from the case.
N_PARTS: Final[Mapping[PlayersId, tuple[int, int]]] = MappingProxyType(
    {"superpixels": (10, 120), "grid": (10, 120)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How one modality is spoken of.

    Attributes:
        case: One input, "film".
        cut: Label of the picker that says how a case is cut into parts.
        budgets: Model runs to choose from.
    """

    case: str
    cut: str
    budgets: tuple[int, ...]


TERMS: Final[Mapping[Modality, Terms]] = MappingProxyType(
    {
        "image": Terms(case="film", cut="Cut the film", budgets=(200, 500, 1000, 2000, 4000)),
        "tabular": Terms(
            case="record",
            cut="Take the features",
            budgets=(20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000),
        ),
        "text": Terms(case="text", cut="Cut the text", budgets=(200, 500, 1000, 2000, 4000)),
    }
)
