"""Answers of a model to coalitions, kept for whoever asks the same question again."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from torch import Tensor

from explainers.maskers.base import PlayerMasks

CAPACITY: Final = 16  # a thousand coalitions of a long text take 0.3 MB


class Memory:
    """Sets of masks with the values they were given, by question (`Question.key`).

    Only a whole set, in its order, is known again: what was computed in one pass with others may
    differ in its last digit, and a method's values must not depend on its company. Holds numbers
    and coalitions, nothing of the case.

    Args:
        capacity: Questions kept; what was asked least lately goes first.
        behind: The memory that many consultations share. One of them has a memory of its own before
            it: what others asked saves asking, but `all_of` tells of nothing that this one did not
            ask itself, and nothing of it is forgotten while it goes on. So a report does not
            depend on who else is there.
    """

    def __init__(self, capacity: int = CAPACITY, *, behind: "Memory | None" = None) -> None:
        self._capacity, self._behind = capacity, behind
        self._sets: OrderedDict[str, dict[str, tuple[PlayerMasks, Tensor]]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, question: str, masks: PlayerMasks) -> Tensor | None:
        """Values (n, T) of a set (n, P) that was asked before; None where it was not."""
        with self._lock:
            found = self._sets.get(question, {}).get(_name(masks))
            if found is not None:
                self._sets.move_to_end(question)
                return found[1].clone()
        values = None if self._behind is None else self._behind.get(question, masks)
        if values is not None:
            self._keep(question, masks, values)
        return values

    def put(self, question: str, masks: PlayerMasks, values: Tensor) -> None:
        """Keep the values (n, T) of a set (n, P)."""
        self._keep(question, masks, values)
        if self._behind is not None:
            self._behind.put(question, masks, values)

    def _keep(self, question: str, masks: PlayerMasks, values: Tensor) -> None:
        """Keep them here."""
        with self._lock:
            # Present or absent: one byte a player is enough.
            self._sets.setdefault(question, {})[_name(masks)] = masks.bool(), values.clone()
            self._sets.move_to_end(question)
            while len(self._sets) > self._capacity:
                self._sets.popitem(last=False)

    def all_of(self, question: str) -> Iterator[tuple[PlayerMasks, Tensor]]:
        """Every set of a question with its values, in the order they were asked."""
        with self._lock:
            found = list(self._sets.get(question, {}).values())
        for masks, values in found:
            yield masks.double(), values


def _name(masks: PlayerMasks) -> str:
    """Name of a set of masks, in their order."""
    return hashlib.sha256(repr(masks.shape).encode() + masks.numpy().tobytes()).hexdigest()
