"""Boosted trees on disk and in memory: xgboost's own JSON, never a pickle."""

import json
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import xgboost

from models.errors import WeightsError
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
