"""What twins leave of one case's maps, on the scale of the reference cases. numpy only."""

from dataclasses import dataclass

import numpy as np

from explainers.explanation import MethodId
from explainers.rank_similarity import mean_of
from explainers.sanity_report import LEAST_ROOM, MethodSanity
from models.case import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSanity:
    """What survives of one method's map of one case.

    Attributes:
        method: Which.
        kept: (D,) as `MethodSanity.kept`, with the floor and the ceiling of the reference cases.
        own: (D,) mean similarity with the twins' maps of this case.
    """

    method: MethodId
    kept: tuple[float, ...]
    own: tuple[float, ...]


def case_sanity(found: MethodSanity, own: FloatArray) -> CaseSanity:
    """Place one case on the scale of the reference cases.

    Args:
        found: The method over the reference cases.
        own: (D, K) similarities of this case.
    """
    means, floors = mean_of(own, axis=(1,)), mean_of(found.other, axis=(1, 2))
    room = found.noise_ceiling - floors
    kept = np.where(room >= LEAST_ROOM, (means - floors) / np.where(room > 0, room, 1.0), np.nan)
    return CaseSanity(method=found.method, kept=tuple(kept.tolist()), own=tuple(means.tolist()))
