"""The lime package's image and text explainers on the same Question and the same masks as ours."""

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from explainers.coalitions import antithetic_pairs
from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import Paired
from models.case import FloatArray

Coins: TypeAlias = npt.NDArray[np.int64]
Weights: TypeAlias = dict[int, list[tuple[int, float]]]  # target -> (player, coefficient)
PER_CENT = 100  # the text explainer multiplies cosine distances by it


class _GivenCoins(np.random.RandomState):
    """A random state whose coin throws are masks chosen beforehand (image explainer)."""

    def __init__(self, masks: Coins) -> None:
        super().__init__(0)
        self._masks = masks

    def randint(self, low: int, high: int, size: int) -> Coins:  # type: ignore[override]  # lime asks in this one form
        """The masks, where lime throws its coins.

        Raises:
            ValueError: lime asked for something else: another version of the package.
        """
        if (low, high, size) != (0, 2, self._masks.size):
            raise ValueError(f"lime drew {size} numbers in [{low}, {high}), not its masks")
        return self._masks.reshape(-1)


class _GivenAbsences(np.random.RandomState):
    """A random state that takes out the words absent from masks chosen beforehand."""

    def __init__(self, masks: Coins) -> None:
        super().__init__(0)
        self._masks = masks[1:]  # the first is the case itself, which lime does not draw
        self._absent: Iterator[Coins] = iter([np.flatnonzero(mask == 0) for mask in masks[1:]])

    def randint(self, low: int, high: int, size: int) -> Coins:  # type: ignore[override]  # lime asks in this one form
        """How many words to take out of each text.

        Raises:
            ValueError: lime asked for something else: another version of the package.
        """
        count, n_words = self._masks.shape
        if (low, high, size) != (1, n_words + 1, count):
            raise ValueError(f"lime drew {size} numbers in [{low}, {high}), not its masks")
        return np.asarray(n_words - self._masks.sum(axis=1))

    def choice(self, a: Sequence[int], size: int, replace: bool) -> Coins:  # type: ignore[override]  # noqa: FBT001  # lime's own call
        """Which words those are, text after text.

        Raises:
            ValueError: lime asked for something else: another version of the package.
        """
        chosen = next(self._absent)
        if (len(a), size, replace) != (self._masks.shape[1], len(chosen), False):
            raise ValueError(f"lime chose {size} of {len(a)} words, not those of its masks")
        return chosen


@dataclass(frozen=True, kw_only=True)
class ReferenceLime(Paired):
    """Cross-check: the package's own kernel, ridge and selection, given our masks.

    `LimeImageExplainer` explains an image of one pixel a player, 1 where the player is present and
    0 where hidden; `LimeTextExplainer` a text of one word a player. Their classifier looks the
    coalition up in that image or text and asks the game.
    """

    extra_masks: ClassVar[int] = 1  # the case, asked anew
    card: ClassVar[MethodCard] = MethodCard(
        id="reference_lime",
        title="lime package",
        family="lime",
        modalities=frozenset({"image", "text"}),
        signed=True,
        complete=False,
        stochastic=False,
        kind="additive",
        uses_baseline=True,
        assumption="As LIME; computed by the lime package as a cross-check.",
        reference="Ribeiro, Singh & Guestrin, KDD 2016, arXiv:1602.04938; package lime 0.2.0.1",
        settings={
            "masks": "Coalitions asked, at most; the same ones as LIME's for a regression.",
            "kernel_width": "Width of the exponential kernel on cosine distance.",
        },
    )
    kernel_width: float = 0.25

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        count = game.n_players
        coins = antithetic_pairs(count, self.n_pairs(game.question, budget), generator)
        pairs = torch.stack([coins, 1 - coins], dim=1).flatten(0, 1)
        masks = torch.cat([pairs.new_ones(1, count), pairs]).long().numpy()
        explain = _on_text if game.question.case.modality == "text" else _on_image
        found = explain(game, masks, self.kernel_width)
        values = np.zeros((len(game.question.targets), count))
        for target, weights in found.items():
            for player, weight in weights:
                values[target, player] = weight
        return Attribution(values=values, settings={"masks": len(masks) - 1})


def _on_image(game: MaskedPredictor, masks: Coins, kernel_width: float) -> Weights:
    """What the image explainer says."""
    from lime.lime_image import LimeImageExplainer  # imports matplotlib: only when asked for

    count = game.n_players

    def answers(images: FloatArray) -> FloatArray:
        return _values(game, images[:, 0, :, 0])

    explainer = LimeImageExplainer(kernel_width=kernel_width, random_state=_GivenCoins(masks))
    with contextlib.redirect_stderr(io.StringIO()):  # its progress bar cannot be switched off
        found = explainer.explain_instance(
            np.ones((1, count, 3)),
            answers,
            labels=range(len(game.question.targets)),
            hide_color=0,
            top_labels=None,
            num_features=count,
            num_samples=len(masks),
            batch_size=game.runtime.max_rows,
            segmentation_fn=lambda _: np.arange(count)[None],
            random_seed=0,
        )
    weights: Weights = found.local_exp
    return weights


def _on_text(game: MaskedPredictor, masks: Coins, kernel_width: float) -> Weights:
    """What the text explainer says."""
    from lime.lime_text import LimeTextExplainer  # imports matplotlib: only when asked for

    count = game.n_players

    def answers(texts: Sequence[str]) -> FloatArray:
        shown = np.zeros((len(texts), count))
        for row, text in enumerate(texts):
            shown[row, [int(word[1:]) for word in text.split()]] = 1.0
        return _values(game, shown)

    explainer = LimeTextExplainer(
        kernel_width=PER_CENT * kernel_width, random_state=_GivenAbsences(masks)
    )
    found = explainer.explain_instance(
        " ".join(f"w{player}" for player in range(count)),
        answers,
        labels=range(len(game.question.targets)),
        num_features=count,
        num_samples=len(masks),
    )
    weights: Weights = found.local_exp
    return weights


def _values(game: MaskedPredictor, masks: FloatArray) -> FloatArray:
    """(n, T) of masks (n, P)."""
    values: FloatArray = game(torch.from_numpy(masks)).numpy()
    return values
