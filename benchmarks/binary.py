"""What the networks of benchmarks and tests share: square grey images, "absent" or "present"."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Set as AbstractSet

import torch
from torch import Tensor

from models.card import Capability, ModelCard
from models.case import Case
from models.prediction import Prediction, probabilities_of


class BinaryImageModel(ABC):
    """An adapter on the CPU for a network that was never trained; subclasses give the logits.

    Args:
        title: Name shown.
        side: Rows and columns of the image.
        capabilities: What the network offers.
        weights_sha256: Tells networks of one kind apart.
    """

    def __init__(
        self,
        *,
        title: str,
        side: int,
        capabilities: AbstractSet[Capability] = frozenset({"gradient"}),
        weights_sha256: str = "0" * 64,
    ) -> None:
        self.lock = threading.RLock()
        self.device = torch.device("cpu")
        self.card = ModelCard(
            id="toy",
            title=title,
            modality="image",
            classes=("absent", "present"),
            head="softmax",
            input_shape=(1, side, side),
            weights_sha256=weights_sha256,
            capabilities=frozenset(capabilities),
            default_target="present",
            operating_point=0.5,
            intended_use="Tests and benchmarks.",
            limits=(),
        )

    @abstractmethod
    def logits(self, inputs: Tensor) -> Tensor:
        """(n, 1, side, side) -> (n, 2)."""

    def encode(self, case: Case) -> Tensor:
        """(1, 1, side, side): the film as it is."""
        return torch.tensor(case.film.pixels)[None, None]

    def predict(self, case: Case) -> Prediction:
        """Uncalibrated: nothing was trained."""
        logits = self.logits(self.encode(case))[0].double().numpy()
        return Prediction(
            classes=self.card.classes,
            logits=logits,
            probabilities=probabilities_of(logits, "softmax"),
        )
