"""What an explainer may ask of a model: the seam between models and all that explains them."""

import threading
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from models.card import ModelCard
from models.case import Case, ImageFrame
from models.prediction import Prediction


class ModelAdapter(Protocol):
    """A model as every explainer sees it.

    `lock` is held around any pass that changes shared state of the network (hooks); plain forward
    passes and `torch.autograd.grad` on them need no lock.
    """

    @property
    def card(self) -> ModelCard:
        """Classes, head, shapes, provenance."""
        ...

    @property
    def device(self) -> torch.device:
        """Where inputs must live."""
        ...

    @property
    def lock(self) -> threading.RLock:
        """See the class docstring."""
        ...

    def encode(self, case: Case) -> Tensor:
        """(1, *input_shape) on `device`; float32 for images and tables, int64 for text."""
        ...

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, *input_shape) -> (n, K) float32, temperature-scaled.

        Pure: eval mode, no state; keeps autograd.
        """
        ...

    def predict(self, case: Case) -> Prediction:
        """Calibrated prediction with the input check."""
        ...


@runtime_checkable
class HasFeatureMaps(Protocol):
    """A model that can be cut at its last spatial feature maps (capability "feature_maps")."""

    def feature_maps(self, inputs: Tensor) -> Tensor:
        """(n, *input_shape) -> (n, C, h, w)."""
        ...

    def logits_from_maps(self, maps: Tensor) -> Tensor:
        """Finish the pass: maps (n, C, h, w) -> (n, K), equal to `logits` of the inputs behind."""
        ...


@runtime_checkable
class HasImageFrame(Protocol):
    """An image model whose encoded input shows a part of the film."""

    def frame(self, case: Case) -> ImageFrame:
        """Which rectangle of the film the encoded input covers."""
        ...
