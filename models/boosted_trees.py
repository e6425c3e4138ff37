"""Boosted trees: their adapter, and xgboost's own JSON on disk, never a pickle.

Imported only for models of this kind: xgboost brings scikit-learn and pandas with it.
"""

import json
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
import xgboost
from torch import Tensor

from models.case import FloatArray
from models.errors import WeightsError
from models.tabular_adapters import TableParts, TabularClassifier
from models.weights import read_verified

TREES_NAME: Final = "model.json"
MAX_THREADS: Final = 2  # a consultation asks for some ten thousand rows at a time


def load_trees(path: Path, sha256: str) -> xgboost.Booster:
    """Read an ensemble.

    JSON, not UBJ, and parsed in Python first: on a cut UBJ file xgboost 3.2 asks for all memory
    there is, on an empty one it aborts the process.

    Raises:
        WeightsError: missing, other bytes than the card names, or no ensemble.
    """
    content = read_verified(path, sha256)
    try:
        json.loads(content)
        booster = xgboost.Booster(model_file=bytearray(content))
        booster.set_param({"nthread": MAX_THREADS})
    except (ValueError, xgboost.core.XGBoostError) as error:
        raise WeightsError(f"{path.name} is not a readable ensemble of xgboost.") from error
    return booster


def margins_of(
    booster: xgboost.Booster, inputs: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Log-odds (n,) of encoded inputs (n, E); safe to call from several threads."""
    return np.asarray(booster.inplace_predict(inputs, predict_type="margin"), dtype=np.float32)


class TreesTable(TabularClassifier):
    """An ensemble of boosted trees, without gradients: HasTrees.

    Args:
        parts: See TableParts.
        booster: The trained ensemble.
    """

    def __init__(self, parts: TableParts, booster: xgboost.Booster) -> None:
        super().__init__(parts)
        self._booster = booster

    def margins(self, inputs: Tensor) -> Tensor:
        """(n, E) -> (n,) log-odds, always computed on the CPU; no autograd."""
        margins = margins_of(self._booster, inputs.detach().cpu().numpy())
        return torch.from_numpy(margins).to(inputs.device)

    def trees(self) -> xgboost.Booster:
        """The ensemble over the (E,) elements: what `shap.TreeExplainer` takes."""
        return self._booster

    def margins_to_logits(self, margins: FloatArray) -> FloatArray:
        """Margins (n,) of the ensemble, or contributions to them -> the same of logits (n, 2)."""
        return np.asarray(np.stack([-margins / 2, margins / 2], axis=1) / self.temperature)
