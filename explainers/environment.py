"""Versions, device and number format: what another machine needs to reproduce the values."""

import platform
from functools import cache
from importlib import metadata
from typing import Final

import numpy as np

from models.adapter import ModelAdapter
from models.passes import name_of

PACKAGES: Final = ("torch", "numpy", "shap", "lime", "scikit-image", "streamlit")
TREES: Final = ("xgboost-cpu", "xgboost")  # where they are used
TEXTS: Final = ("transformers", "tokenizers")


def environment(model: ModelAdapter) -> dict[str, str]:
    """Versions, device and number format: what another machine needs to reproduce the values."""
    used = (*PACKAGES, *(TREES if "trees" in model.card.capabilities else ()))
    used += TEXTS if model.card.modality == "text" else ()
    versions = {name: version for name in used if (version := _version(name))}
    return {
        "python": platform.python_version(),
        **versions,
        "device": str(model.device),
        "dtype": name_of(model),
        "accumulation": np.dtype(np.float64).name,
    }


@cache
def _version(package: str) -> str | None:
    """Version of an installed distribution."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
