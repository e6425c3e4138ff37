"""What goes into the engine, and what comes out of the model, is checked here."""

import math

import torch
from torch import Tensor

from explainers.maskers.base import Masker, PlayerMasks
from models.errors import MaskError, NonFiniteError

# How allocators without an exception of their own say it: the CPU, MPS, cuBLAS and cuDNN.
OUT_OF_MEMORY = ("can't allocate memory", "out of memory", "ALLOC_FAILED", "Invalid buffer size")


def check_masks(masks: PlayerMasks, masker: Masker) -> None:
    """Refuse masks of the wrong width or range.

    Raises:
        MaskError: the masks do not fit the masker.
    """
    if masks.ndim != 2 or masks.shape[1] != masker.players.count or len(masks) == 0:
        raise MaskError(
            f"Masks of shape {tuple(masks.shape)} do not fit {masker.players.count} players."
        )
    if not masker.soft and not bool(((masks == 0) | (masks == 1)).all()):
        raise MaskError("This masker takes masks of 0 and 1 only.")
    low, high = masks.aminmax()
    if not (low >= 0 and high <= 1):  # neither is so of what is not a number
        raise MaskError("Masks must lie between 0 (absent) and 1 (present).")


def finite(values: Tensor) -> Tensor:
    """The tensor itself, unless the model returned something that is not a number.

    Raises:
        NonFiniteError: it did.
    """
    # In one look; where a sum is not finite, its parts may be.
    if not math.isfinite(values.sum().item()) and not bool(torch.isfinite(values).all()):
        raise NonFiniteError(
            "The model returned a value that is not a finite number.",
            "Check the model's weights and the input's range.",
        )
    return values


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocator gave up: CUDA raises a type, MPS and the CPU only say so in words."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return any(word in str(error) for word in OUT_OF_MEMORY)
