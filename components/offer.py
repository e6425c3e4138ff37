"""What can be chosen when a model is asked. No streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from explainers.explanation import Family, MethodCard, MethodId
from explainers.maskers.names import BaselineId, PlayersId
from explainers.report import ConsultRequest
from models.card import Capability, ModelCard

MOST_PROBABLE: Final = "the most probable"
NEEDS: Final[Mapping[Capability, str]] = {
    "gradient": "gradients",
    "feature_maps": "feature maps",
    "attention": "attention",
    "linear": "a linear form",
    "trees": "trees",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What can be chosen when one model is asked, as plain data.

    Attributes:
        methods: Cards of all methods, in display order.
        model: The model that is asked.
        baselines: name -> what an absent part shows, in words.
        cuts: name -> how a case is cut into parts, in words.
        default: What is asked unless the user chooses otherwise.
    """

    methods: Sequence[MethodCard]
    model: ModelCard
    baselines: Mapping[BaselineId, str]
    cuts: Mapping[PlayersId, str]
    default: ConsultRequest

    def of_family(self, family: Family) -> list[MethodId]:
        """Methods of one family that this model can be explained with."""
        return [
            card.id
            for card in self.methods
            if card.family == family
            and self.model.modality in card.modalities
            and card.needs <= self.model.capabilities
        ]

    def left_out(self, family: Family) -> str:
        """Which methods of a family this model cannot be asked, and why; "" when all fit."""
        lacking = [
            f"{card.title} (needs {' and '.join(NEEDS[need] for need in sorted(missing))})"
            for card in self.methods
            if card.family == family and self.model.modality in card.modalities
            for missing in (card.needs - self.model.capabilities,)
            if missing
        ]
        return f"Not for this model: {', '.join(lacking)}." if lacking else ""

    @property
    def targets(self) -> list[str]:
        """What can be explained, the default first: a class, or of findings the most probable."""
        model = self.model
        if model.head == "sigmoid":
            return [MOST_PROBABLE, *model.classes]
        return sorted(model.classes, key=lambda name: name != model.default_target)

    def title(self, method: str) -> str:
        """Display name of a method."""
        return self.titles.get(method, method)

    @property
    def titles(self) -> dict[str, str]:
        """Method id -> display name."""
        return {card.id: card.title for card in self.methods}
