"""Running mean and standard error of attribution maps, pooled onto players."""

import numpy as np
from torch import Tensor

from explainers.players import Players
from explainers.student import widening
from models.case import FloatArray


class SampleMoments:
    """Accumulates samples without holding them.

    The standard error is that of the player sums themselves (pixels of one sample are dependent, so
    pixel errors could not be combined afterwards).

    Args:
        players: Whose sums.
        group: Consecutive samples that were drawn together; groups are independent, at least two.
    """

    def __init__(self, players: Players, group: int = 1) -> None:
        self._players, self._group = players, group
        self._count = 0
        self._map: FloatArray | None = None
        self._samples: list[FloatArray] = []

    def add(self, products: Tensor) -> None:
        """Add (m, T, E) samples."""
        flat = products.numpy()
        self._count += len(flat)
        total = flat.sum(axis=0)
        self._map = total if self._map is None else self._map + total
        self._samples.append(self._players.pool(flat, how="sum"))

    @property
    def count(self) -> int:
        """Samples so far."""
        return self._count

    @property
    def mean(self) -> FloatArray:
        """(T, P) mean over samples."""
        return np.asarray(np.concatenate(self._samples).mean(axis=0))

    @property
    def std_error(self) -> FloatArray:
        """(T, P) so that value ± 1.96 of it is a 95 % interval with few groups, too."""
        return self._error_of(np.concatenate(self._samples))

    @property
    def total_error(self) -> FloatArray:
        """(T,) standard error of the sum over players, who depend on each other in every sample."""
        return self._error_of(np.concatenate(self._samples).sum(axis=-1))

    def _error_of(self, samples: FloatArray) -> FloatArray:
        """Standard error of the mean of (n, ...) samples over their groups."""
        groups = samples.reshape(-1, self._group, *samples.shape[1:]).mean(axis=1)
        spread = groups.std(axis=0, ddof=1) / np.sqrt(len(groups))
        return np.asarray(widening(len(groups)) * spread)

    @property
    def element_mean(self) -> FloatArray:
        """(T, E) mean map."""
        if self._map is None:
            raise ValueError("no samples were added")
        return np.asarray(self._map / self._count)
