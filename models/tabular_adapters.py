"""The adapters of tabular models: a record in, log-odds out.

One class for each kind of model: `NetworkTable`, `LinearTable` and `boosted_trees.TreesTable`
differ in what they let an explainer ask.
"""

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.card import ModelCard
from models.case import Case, FloatArray, TabularPayload
from models.errors import InputError, SchemaError
from models.prediction import Prediction, probabilities_of
from models.schema import TableSchema
from models.table_check import check_record
from models.table_encoding import TableEncoding
from models.tabular_networks import MarginNetwork, halves
from models.twins import layers_of, randomised, twin_card


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableParts:
    """What every tabular model has beside the model itself.

    Attributes:
        card: Its card.
        encoding: How records become inputs; holds the schema.
        sample: (B, F) records of the training data in random order; frozen here.
        temperature: Positive; the model's log-odds are divided by it.
        missing_limit: Most missing values that are taken without a warning.
        device: Where inputs live.
    """

    card: ModelCard
    encoding: TableEncoding
    sample: FloatArray
    temperature: float
    missing_limit: int
    device: torch.device

    def __post_init__(self) -> None:
        """Copy and freeze the sample."""
        sample = np.array(self.sample, dtype=np.float64)
        sample.setflags(write=False)
        object.__setattr__(self, "sample", sample)


class TabularClassifier(ABC):
    """A classifier of records into two classes: ModelAdapter, HasTable.

    Forward passes are pure; threads may share one.

    Args:
        parts: See TableParts.
    """

    def __init__(self, parts: TableParts) -> None:
        self._parts = parts
        self._lock = threading.RLock()

    @property
    def card(self) -> ModelCard:
        """Classes, head, shapes, provenance."""
        return self._parts.card

    @property
    def device(self) -> torch.device:
        """Where inputs must live."""
        return self._parts.device

    @property
    def lock(self) -> threading.RLock:
        """Held around any pass that registers hooks."""
        return self._lock

    @property
    def schema(self) -> TableSchema:
        """The (F,) columns of a record."""
        return self.encoding.schema

    @property
    def encoding(self) -> TableEncoding:
        """How records become inputs, and back."""
        return self._parts.encoding

    @property
    def element_columns(self) -> npt.NDArray[np.int32]:
        """(E,) column that each encoded element belongs to."""
        return self.encoding.element_columns

    @property
    def sample(self) -> FloatArray:
        """(B, F) complete records drawn once from the training data, in random order; read-only."""
        return self._parts.sample

    @property
    def temperature(self) -> float:
        """What the log-odds are divided by."""
        return self._parts.temperature

    def encode(self, case: Case) -> Tensor:
        """(1, E) float32 on `device`.

        Raises:
            InputError: the case is no record.
            SchemaError: it is a record of other columns.
        """
        return self.encode_values(self._record(case)[None])

    def encode_values(self, values: FloatArray) -> Tensor:
        """Records (n, F), NaN = missing -> (n, E) float32 on `device`.

        Raises:
            SchemaError: other columns, infinite numbers, or a category that does not exist.
        """
        return torch.from_numpy(self.encoding.encode(values)).to(self.device)

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, E) -> (n, 2) float32: (-s / 2, s / 2) of the log-odds s, temperature-scaled."""
        return self._logits_of(self.margins(inputs))

    def _logits_of(self, margins: Tensor) -> Tensor:
        """(n,) log-odds before temperature scaling -> (n, 2)."""
        return halves(margins, self.temperature)

    @abstractmethod
    def margins(self, inputs: Tensor) -> Tensor:
        """(n, E) -> (n,) float32 log-odds of the second class before temperature scaling."""

    def predict(self, case: Case) -> Prediction:
        """Calibrated prediction, with a check against the training records.

        Raises:
            InputError: the case is no record.
            SchemaError: it is a record of other columns.
        """
        values = self._record(case)
        with torch.inference_mode():
            found = self.logits(self.encode_values(values[None]))[0]
        logits = found.cpu().double().numpy()
        return Prediction(
            classes=self.card.classes,
            logits=logits,
            probabilities=probabilities_of(logits, self.card.head),
            check=check_record(values, self.schema, missing_limit=self._parts.missing_limit),
        )

    def _record(self, case: Case) -> FloatArray:
        """(F,) values of a case with this model's columns."""
        if not isinstance(case.payload, TabularPayload):
            raise InputError(f"This model takes records of a table, not {case.modality} cases.")
        own, given = self.schema.columns, case.payload.schema.columns
        if [(c.name, c.categories) for c in own] != [(c.name, c.categories) for c in given]:
            raise SchemaError(
                "The record was read for a model with other columns.",
                f"This one has: {', '.join(self.schema.names)}.",
            )
        return case.payload.values


class NetworkTable(TabularClassifier):
    """A small neural network: differentiable, HasTwin, HasFirstLayer.

    Args:
        parts: See TableParts.
        network: The trained network; it is frozen and moved to the device here.
    """

    def __init__(self, parts: TableParts, network: MarginNetwork) -> None:
        super().__init__(parts)
        self._network = network.requires_grad_(requires_grad=False).eval().to(parts.device)

    def margins(self, inputs: Tensor) -> Tensor:
        """(n, E) -> (n,) log-odds; keeps autograd."""
        margins: Tensor = self._network(inputs)
        return margins

    def first_layer(self) -> tuple[Tensor, Tensor]:
        """Weights (H, E) and bias (H,) of the layer that reads the input."""
        return self._network.first.weight, self._network.first.bias

    def logits_from_first_layer(self, hidden: Tensor) -> Tensor:
        """(n, H) output of that layer -> (n, 2) float32."""
        return self._logits_of(self._network.after_first(hidden))

    @property
    def layers(self) -> dict[str, Tensor]:
        """Name -> weights of each layer, from the head down to the input."""
        return layers_of(self._network)

    def twin(self, depth: int, *, seed: int, reference: Tensor) -> Self:  # noqa: ARG002
        """The model with random weights in its first `depth` layers.

        Args:
            depth: In [1, number of layers].
            seed: Of the random weights.
            reference: Not read: there are no statistics.
        """
        card = twin_card(self.card, depth, seed)
        return type(self)(replace(self._parts, card=card), randomised(self._network, depth, seed))


class LinearTable(NetworkTable):
    """A logistic regression: differentiable, HasLinearForm."""

    def linear_form(self) -> tuple[Tensor, Tensor]:
        """Weights (2, E) and bias (2,): logits(x) = x @ weights.T + bias."""
        weights, bias = self._network.linear_form()
        signs = torch.tensor([-0.5, 0.5], device=self.device) / self.temperature
        return signs[:, None] * weights, signs * bias
