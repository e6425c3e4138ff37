"""How the tabular models are trained: a small network, boosted trees, a logistic regression.

All three see the same records in the same encoding, and all three meet missing values: each value
is left out with the same chance, anew in every pass (the network) or in every copy of the training
records (the others).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
import xgboost
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional

from models.builtin.table_data import Cohort
from models.case import FloatArray
from models.table_encoding import TableEncoding
from models.tabular_networks import MarginNetwork

DROP: Final = 0.1
COPIES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRecipe:
    """How the network is trained."""

    hidden: tuple[int, ...] = (32, 16)
    epochs: int = 60
    batch_size: int = 64
    learning_rate: float = 0.003
    weight_decay: float = 0.05
    seed: int = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class TreesRecipe:
    """How the trees are grown."""

    max_depth: int = 3
    learning_rate: float = 0.05
    rounds: int = 100
    subsample: float = 0.5
    min_child_weight: float = 20.0
    seed: int = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticRecipe:
    """How the logistic regression is fitted; `penalty` is scikit-learn's C."""

    penalty: float = 1.0
    seed: int = 2026


def with_missing(values: FloatArray, generator: np.random.Generator) -> FloatArray:
    """The records (n, F) with each value left out with the chance `DROP`."""
    return np.where(generator.random(values.shape) < DROP, np.nan, values)


def _copies(train: Cohort, encoding: TableEncoding, seed: int) -> tuple[FloatArray, FloatArray]:
    """Encoded (COPIES * N, E) training records with missing values, and their labels."""
    generator = np.random.default_rng(seed)
    records = [with_missing(train.values, generator) for _ in range(COPIES)]
    encoded = encoding.encode(np.concatenate(records)).astype(np.float64)
    return encoded, np.tile(train.labels, COPIES)


def train_network(train: Cohort, encoding: TableEncoding, recipe: NetworkRecipe) -> MarginNetwork:
    """Train by AdamW with a falling learning rate."""
    generator = np.random.default_rng(recipe.seed)
    network = _initialised(len(encoding.element_columns), recipe)
    optimiser = torch.optim.AdamW(
        network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    steps = recipe.epochs * -(-len(train) // recipe.batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(recipe.epochs):
        order = generator.permutation(len(train))
        records = encoding.encode(with_missing(train.values, generator))
        for start in range(0, len(order), recipe.batch_size):
            chosen = order[start : start + recipe.batch_size]
            loss = _loss(network, torch.from_numpy(records[chosen]), train.labels[chosen])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
    return network


def _initialised(n_elements: int, recipe: NetworkRecipe) -> MarginNetwork:
    """A network drawn from its own generator, never from the global random state."""
    generator = torch.Generator()
    generator.manual_seed(recipe.seed)
    with torch.device("meta"):
        network = MarginNetwork(n_elements, recipe.hidden)
    network = network.to_empty(device="cpu")
    for module in network.modules():
        if isinstance(module, torch.nn.Linear):
            torch.nn.init.kaiming_uniform_(module.weight, a=5**0.5, generator=generator)
            torch.nn.init.zeros_(module.bias)
    return network


def _loss(network: MarginNetwork, inputs: Tensor, labels: FloatArray) -> Tensor:
    """Mean cross-entropy."""
    truth = torch.from_numpy(labels).float()
    return functional.binary_cross_entropy_with_logits(network(inputs), truth)


def train_logistic(train: Cohort, encoding: TableEncoding, recipe: LogisticRecipe) -> MarginNetwork:
    """Fit by maximum likelihood with a light ridge penalty."""
    inputs, labels = _copies(train, encoding, recipe.seed)
    weights = np.full(len(labels), 1 / COPIES)
    fitted = LogisticRegression(C=recipe.penalty, max_iter=1000, tol=1e-8)
    fitted.fit(inputs, labels, sample_weight=weights)
    with torch.device("meta"):
        network = MarginNetwork(inputs.shape[1])
    state: dict[str, Any] = {
        "layers.0.weight": torch.from_numpy(fitted.coef_).float(),
        "layers.0.bias": torch.from_numpy(fitted.intercept_).float(),
    }
    network.load_state_dict(state, assign=True)
    return network


def train_trees(train: Cohort, encoding: TableEncoding, recipe: TreesRecipe) -> xgboost.Booster:
    """Grow boosted trees."""
    inputs, labels = _copies(train, encoding, recipe.seed)
    weights = np.full(len(labels), 1 / COPIES)
    parameters = {
        "objective": "binary:logistic",
        "max_depth": recipe.max_depth,
        "eta": recipe.learning_rate,
        "subsample": recipe.subsample,
        "min_child_weight": recipe.min_child_weight,
        "seed": recipe.seed,
        "nthread": 1,
    }
    records = xgboost.DMatrix(inputs.astype(np.float32), label=labels, weight=weights)
    return xgboost.train(parameters, records, recipe.rounds)
