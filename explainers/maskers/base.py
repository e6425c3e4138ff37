"""The masker protocol."""

from typing import Protocol, TypeAlias

from torch import Tensor

from explainers.explanation import Baseline
from explainers.players import Players

PlayerMasks: TypeAlias = Tensor  # (n, P), 1 = present


class Masker(Protocol):
    """Replaces absent players by a baseline."""

    @property
    def players(self) -> Players:
        """The players whose masks `apply` takes."""
        ...

    @property
    def n_draws(self) -> int:
        """R, baseline contents averaged over for each mask."""
        ...

    @property
    def soft(self) -> bool:
        """Whether values strictly between 0 and 1 are defined."""
        ...

    @property
    def baseline(self) -> Baseline:
        """Name and description of what stands in for absent players."""
        ...

    @property
    def has_path(self) -> bool:
        """Whether what stands in lies in the place of what is absent, whatever else is present.

        Only then is there a straight path from `empty()` to the input for gradients to follow.
        """
        ...

    def apply(self, masks: PlayerMasks) -> Tensor:
        """Masks (n, P) -> (n, R, *input_shape) on the device. `apply(ones)` is the input."""
        ...

    def empty(self) -> Tensor:
        """(R, *input_shape): the inputs with every player absent."""
        ...

    def with_players(self, players: Players) -> "Masker":
        """The same input and baseline, cut into other players of the same elements."""
        ...
