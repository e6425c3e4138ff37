"""Values of coalitions, each asked once: orders, their reverses and methods share many."""

from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from explainers.engine import MaskedPredictor
from explainers.faithfulness_report import Direction
from explainers.metrics import BoolArray
from explainers.orders import IntArray, chains
from models.case import FloatArray

FIRST: Final = 0  # curves are drawn for the question's first target


class CoalitionValues:
    """The game with a memory; for the question's first target.

    Args:
        game: Asked for what is not known yet; what it remembers is known.
    """

    def __init__(self, game: MaskedPredictor) -> None:
        self.game = game
        ends = np.array([[True], [False]]).repeat(game.n_players, axis=1)
        full, empty = float(game.value_full[FIRST]), float(game.value_empty[FIRST])
        keys = [packed.tobytes() for packed in np.packbits(ends, axis=1)]
        self._known = dict(zip(keys, (full, empty), strict=True))
        for masks, values in game.remembered():
            self._remember(masks.numpy(), values[:, FIRST].numpy())

    def __call__(self, masks: BoolArray) -> FloatArray:
        """Values (...) of masks (..., P), True = present.

        Raises:
            CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
        """
        flat = np.ascontiguousarray(masks.reshape(-1, masks.shape[-1]))
        packed, where = np.unique(np.packbits(flat, axis=1), axis=0, return_inverse=True)
        keys = [row.tobytes() for row in packed]
        unknown = [row for row, key in enumerate(keys) if key not in self._known]
        if unknown:
            asked = _unpacked(packed[unknown], masks.shape[-1])
            found = self.game(torch.from_numpy(asked).float())[:, FIRST].tolist()
            self._known.update(zip([keys[row] for row in unknown], found, strict=True))
        values = np.array([self._known[key] for key in keys])
        return np.asarray(values[where.reshape(-1)].reshape(masks.shape[:-1]))

    def known(self, masks: BoolArray) -> FloatArray:
        """Values (n,) of masks (n, P), NaN where they were not asked; asks nothing."""
        packed = np.packbits(masks, axis=1)
        return np.array([self._known.get(row.tobytes(), np.nan) for row in packed])

    def all_known(self) -> tuple[BoolArray, FloatArray]:
        """Every coalition asked so far, masks (n, P) and values (n,)."""
        rows = np.array([np.frombuffer(key, dtype=np.uint8) for key in self._known])
        return _unpacked(rows, self.game.n_players), np.array(list(self._known.values()))

    def _remember(self, masks: FloatArray, values: FloatArray) -> None:
        """Keep values (n,) of masks (n, P); those of soft masks are not those of coalitions."""
        hard = ((masks == 0) | (masks == 1)).all(axis=1)
        packed = np.packbits(masks[hard] == 1, axis=1)
        for row, value in zip(packed, values[hard].tolist(), strict=True):
            self._known.setdefault(row.tobytes(), value)


def curves_of(
    values: CoalitionValues, orders: IntArray, sizes: IntArray, direction: Direction
) -> FloatArray:
    """(n, G) values while orders (n, P) are hidden (deletion) or shown (insertion)."""
    if direction == "insertion":
        return values(chains(orders, sizes))
    return values(chains(orders[:, ::-1], sizes))[:, ::-1]


def _unpacked(packed: npt.NDArray[np.uint8], n_players: int) -> BoolArray:
    """(n, P) masks of packed rows."""
    return np.unpackbits(packed, axis=1, count=n_players).astype(np.bool_)
