"""The model card: what a model is for, what it was made of, how well it works. No torch.

A card is a YAML file beside the weights. Its fixed part (`ModelCard`) is what the program needs;
everything else stays in `document` as plain data for the models page.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from models.case import Modality, digest_of
from models.prediction import Head, Prediction

Capability: TypeAlias = Literal["gradient", "feature_maps", "attention", "linear", "trees"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelCard:
    """The part of a card that the program relies on.

    Attributes:
        id: Short name used on the page, the command line and in reports.
        title: Name shown to users.
        modality: Which cases it takes.
        classes: (K,) class names, in output order.
        head: "softmax" for exclusive classes, "sigmoid" for independent findings.
        input_shape: Shape of one encoded input without the batch axis.
        weights_sha256: Hex digest of the weights file; other bytes refuse to load.
        capabilities: Declared optional powers.
        default_target: Class explained unless the user chooses another.
        operating_point: Probability of `default_target` from which the model calls it present.
        intended_use: One sentence.
        limits: Known shortcuts and limits, a sentence each.
        document: The whole YAML document, plain data.
    """

    id: str
    title: str
    modality: Modality
    classes: tuple[str, ...]
    head: Head
    input_shape: tuple[int, ...]
    weights_sha256: str
    capabilities: frozenset[Capability]
    default_target: str
    operating_point: float
    intended_use: str
    limits: tuple[str, ...]
    document: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 hex of the document: another temperature or preprocessing, another model."""
        canonical = json.dumps(self.document, sort_keys=True, separators=(",", ":"), default=str)
        return digest_of(canonical.encode())

    def target_for(self, prediction: Prediction) -> str:
        """Class explained unless the user chooses: of independent findings the most probable."""
        if self.head == "softmax":
            return self.default_target
        return self.classes[int(prediction.probabilities.argmax())]
