"""What an explainer may ask of a model: the seam between models and all that explains them."""

import threading
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.card import ModelCard
from models.case import Case, FloatArray, ImageFrame
from models.prediction import Prediction
from models.schema import TableSchema


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
class HasTwin(Protocol):
    """A model of layers, whose learned weights can be replaced by random ones."""

    @property
    def layers(self) -> Mapping[str, Tensor]:
        """Name -> weights of each layer, from the head down to the input; frozen."""
        ...

    def twin(self, depth: int, *, seed: int, reference: Tensor) -> "ModelAdapter":
        """The model with random weights in its first `depth` layers; see `models.twins`.

        Args:
            depth: In [1, number of layers].
            seed: Twins of one seed are a cascade: deeper ones begin with the same random layers.
            reference: (n, *input_shape) inputs on which statistics that belong to the randomised
                layers are taken anew, where the model has such.
        """
        ...


@runtime_checkable
class HasImageFrame(Protocol):
    """An image model whose encoded input shows a part of the film."""

    def frame(self, case: Case) -> ImageFrame:
        """Which rectangle of the film the encoded input covers."""
        ...


@runtime_checkable
class HasTable(Protocol):
    """A tabular model: encoded inputs are (n, E) float32, one or several elements a column."""

    @property
    def schema(self) -> TableSchema:
        """The (F,) columns of a record."""
        ...

    @property
    def element_columns(self) -> npt.NDArray[np.int32]:
        """(E,) column that each encoded element belongs to (one-hot and missing flags too)."""
        ...

    @property
    def sample(self) -> FloatArray:
        """(B, F) records drawn once from the training data, in random order; NaN = missing."""
        ...

    def encode_values(self, values: FloatArray) -> Tensor:
        """Records (n, F) -> (n, E) float32 on `device`."""
        ...


@runtime_checkable
class HasLinearForm(Protocol):
    """A model whose logits are linear in its encoded input (capability "linear")."""

    def linear_form(self) -> tuple[Tensor, Tensor]:
        """Weights (K, E) and bias (K,): logits(x) = x @ weights.T + bias."""
        ...


@runtime_checkable
class HasFirstLayer(Protocol):
    """A model whose first layer is linear in its encoded input (n, E)."""

    def first_layer(self) -> tuple[Tensor, Tensor]:
        """Weights (H, E) and bias (H,): hidden = x @ weights.T + bias, before it is bent."""
        ...

    def logits_from_first_layer(self, hidden: Tensor) -> Tensor:
        """Finish the pass: (n, H) -> (n, K), equal to `logits` of the inputs behind."""
        ...


@runtime_checkable
class HasTrees(Protocol):
    """A model that is an ensemble of trees over its encoded input (capability "trees")."""

    def trees(self) -> object:
        """What `shap.TreeExplainer` takes."""
        ...

    def margins_to_logits(self, margins: FloatArray) -> FloatArray:
        """Raw output of the ensemble (n,) or contributions to it -> the same of logits (n, K)."""
        ...


@runtime_checkable
class HasTokens(Protocol):
    """A text model: encoded inputs are (n, L) int64 token ids; padding is told by its id."""

    @property
    def mask_id(self) -> int:
        """Token that stands for an unknown one."""
        ...

    @property
    def pad_id(self) -> int:
        """Token that attention leaves out."""
        ...

    def token_words(self, case: Case) -> npt.NDArray[np.int32]:
        """(L,) word of the text that each token of `encode(case)` belongs to, -1 = none."""
        ...


@runtime_checkable
class HasEmbedding(Protocol):
    """A text model that can be entered behind its embedding (capability "gradient")."""

    def embed(self, inputs: Tensor) -> Tensor:
        """Token ids (n, L) -> (n, L, D) float32 token embeddings."""
        ...

    def logits_from_embedding(self, embedding: Tensor, inputs: Tensor) -> Tensor:
        """Finish the pass: (n, L, D) -> (n, K); attention leaves out where `inputs` pads."""
        ...


@runtime_checkable
class HasAttention(Protocol):
    """A text model that shows its attention (capability "attention")."""

    def attentions(self, inputs: Tensor) -> Tensor:
        """Token ids (n, L) -> (n, layers, heads, L, L); each row sums to 1."""
        ...
