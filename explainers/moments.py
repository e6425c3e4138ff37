"""Running mean and standard error of independent attribution maps, pooled onto players."""

import numpy as np
from torch import Tensor

from explainers.players import Players
from models.case import FloatArray


class SampleMoments:
    """Accumulates samples without holding them.

    The standard error is that of the player sums themselves (pixels of one sample are dependent, so
    pixel errors could not be combined afterwards).
    """

    def __init__(self, players: Players) -> None:
        self._players = players
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
        """(T, P) sample standard deviation over the root of the number of samples."""
        samples = np.concatenate(self._samples)
        return np.asarray(samples.std(axis=0, ddof=1) / np.sqrt(len(samples)))

    @property
    def total_error(self) -> FloatArray:
        """(T,) standard error of the sum over players, who depend on each other in every sample."""
        totals = np.concatenate(self._samples).sum(axis=-1)
        return np.asarray(totals.std(axis=0, ddof=1) / np.sqrt(len(totals)))

    @property
    def element_mean(self) -> FloatArray:
        """(T, E) mean map."""
        if self._map is None:
            raise ValueError("no samples were added")
        return np.asarray(self._map / self._count)
