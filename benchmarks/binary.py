"""What the networks of benchmarks and tests share: "absent" or "present", never trained."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Set as AbstractSet

import torch
from torch import Tensor

from models.card import Capability, ModelCard
from models.case import Case, Modality
from models.prediction import Prediction, probabilities_of


class BinaryModel(ABC):
    """An adapter on the CPU for a network that was never trained; subclasses encode and answer.

    Args:
        title: Name shown.
        modality: Which cases it takes.
        input_shape: Shape of one encoded case.
        capabilities: What the network offers.
        weights_sha256: Tells networks of one kind apart.
    """

    def __init__(
        self,
        *,
        title: str,
        modality: Modality,
        input_shape: tuple[int, ...],
        capabilities: AbstractSet[Capability] = frozenset({"gradient"}),
        weights_sha256: str = "0" * 64,
    ) -> None:
        self.lock = threading.RLock()
        self.device = torch.device("cpu")
        self.card = ModelCard(
            id="toy",
            title=title,
            modality=modality,
            classes=("absent", "present"),
            head="softmax",
            input_shape=input_shape,
            weights_sha256=weights_sha256,
            capabilities=frozenset(capabilities),
            default_target="present",
            operating_point=0.5,
            intended_use="Tests and benchmarks.",
            limits=(),
        )

    @abstractmethod
    def encode(self, case: Case) -> Tensor:
        """(1, *input_shape)."""

    @abstractmethod
    def logits(self, inputs: Tensor) -> Tensor:
        """(n, *input_shape) -> (n, 2)."""

    def predict(self, case: Case) -> Prediction:
        """Uncalibrated: nothing was trained."""
        logits = self.logits(self.encode(case))[0].detach().double().numpy()
        return Prediction(
            classes=self.card.classes,
            logits=logits,
            probabilities=probabilities_of(logits, "softmax"),
        )


class BinaryImageModel(BinaryModel, ABC):
    """A network of square grey images.

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
        super().__init__(
            title=title,
            modality="image",
            input_shape=(1, side, side),
            capabilities=capabilities,
            weights_sha256=weights_sha256,
        )

    def encode(self, case: Case) -> Tensor:
        """(1, 1, side, side): the film as it is."""
        return torch.tensor(case.film.pixels)[None, None]
