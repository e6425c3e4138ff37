"""Has anything been learned? Trained weights hold order that the same numbers shuffled do not.

A network of random weights still reacts to its input, with honest explanations of arbitrary
answers. What tells it from a trained one is in the weights themselves: training turns the rows of
a layer in common directions, which shows in the layer's largest singular value (Martin & Mahoney,
JMLR 2021). If a layer's entries are independent draws, the layer and its shuffled copies have the
same distribution, so the comparison is a permutation test that needs no data and no model run.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import numpy as np
from torch import Tensor

from explainers.guard import WeightStructure
from models.adapter import HasTwin, ModelAdapter
from models.case import FloatArray

N_SHUFFLES: Final = 40
MOST_ROWS: Final = 128  # a part of a large layer is enough, and takes milliseconds
MOST_COLUMNS: Final = 256
LEAST_ROWS: Final = 2  # a single row has no directions to compare
HIGHEST: Final = 10.0  # no layer alone speaks for more: two mirrored rows are order by design
N_FINGERPRINT: Final = 64  # numbers a layer by which weights are recognised
N_CACHED: Final = 32
_CACHE: Final[dict[str, WeightStructure | None]] = {}


def weight_structure(model: ModelAdapter) -> WeightStructure | None:
    """How much order a model's weights hold; None where that says nothing. Costs no model rows.

    Taken once for each set of weights and kept: weights changed in place are seen.

    Args:
        model: Any; ensembles of trees and models with a single row of weights have no layers to
            look at.
    """
    if not isinstance(model, HasTwin):
        return None
    layers = model.layers
    key = _fingerprint(layers)
    if key not in _CACHE:
        while len(_CACHE) >= N_CACHED:
            _CACHE.pop(next(iter(_CACHE)), None)
        _CACHE[key] = structure_of(layers)
    return _CACHE[key]


def structure_of(layers: Mapping[str, Tensor]) -> WeightStructure | None:
    """Compare every layer with shuffled copies of itself; None where no layer can be."""
    rng = np.random.default_rng(0)
    scores = [
        _score(matrix, rng)
        for weights in layers.values()
        if (matrix := _matrix(weights)) is not None
    ]
    if not scores:
        return None
    # Stouffer's sum of standard scores: standard normal when every layer is random.
    together = float(np.sum(scores) / np.sqrt(len(scores)))
    return WeightStructure(score=together, n_layers=len(scores))


def _matrix(weights: Tensor) -> FloatArray | None:
    """(rows, columns) of a layer, outputs as rows; None where there is no order to look for."""
    if weights.ndim < LEAST_ROWS or len(weights) < LEAST_ROWS:
        return None
    rows = weights.detach().flatten(1)[:MOST_ROWS, :MOST_COLUMNS].double().cpu().numpy()
    rows = rows[rows.std(axis=1) > 0]  # rows of zeros are identities, not learned
    return rows / np.linalg.norm(rows, axis=1)[:, None] if len(rows) >= LEAST_ROWS else None


def _score(rows: FloatArray, rng: np.random.Generator) -> float:
    """Standard score of the largest singular value among those of shuffled copies.

    Entries change places within their row, and rows have unit length: their sizes, which folded
    normalisations leave different, are no order.
    """
    shuffled = [_largest(rng.permuted(rows, axis=1)) for _ in range(N_SHUFFLES)]
    spread = max(float(np.std(shuffled, ddof=1)), np.finfo(np.float64).tiny)
    score = (_largest(rows) - float(np.mean(shuffled))) / spread
    return float(np.clip(score, -HIGHEST, HIGHEST))


def _largest(rows: FloatArray) -> float:
    """Logarithm of the largest singular value, squared."""
    gram = rows @ rows.T if len(rows) <= rows.shape[1] else rows.T @ rows
    return float(np.log(np.linalg.eigvalsh(gram)[-1]))


def _fingerprint(layers: Mapping[str, Tensor]) -> str:
    """SHA-256 over some numbers of every layer."""
    hasher = hashlib.sha256()
    for name, weights in layers.items():
        flat = weights.detach().flatten()
        step = max(1, len(flat) // N_FINGERPRINT)
        hasher.update(name.encode() + flat[::step].double().cpu().numpy().tobytes())
    return hasher.hexdigest()
