"""The lime package's image explainer on the same Question and the same masks as ours."""

import contextlib
import io
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

from explainers.coalitions import antithetic_pairs
from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import Paired
from models.case import FloatArray


class _GivenMasks(np.random.RandomState):
    """A random state whose coin throws are masks chosen beforehand."""

    def __init__(self, masks: npt.NDArray[np.int64]) -> None:
        super().__init__(0)
        self._masks = masks

    def randint(self, low: int, high: int, size: int) -> npt.NDArray[np.int64]:  # type: ignore[override]  # lime asks in this one form
        """The masks, where lime throws its coins.

        Raises:
            ValueError: lime asked for something else: another version of the package.
        """
        if (low, high, size) != (0, 2, self._masks.size):
            raise ValueError(f"lime drew {size} numbers in [{low}, {high}), not its masks")
        return self._masks.reshape(-1)


@dataclass(frozen=True, kw_only=True)
class ReferenceLime(Paired):
    """Cross-check: `LimeImageExplainer`, its own kernel, ridge and selection, given our masks.

    It explains an image of one pixel a player, 1 where the player is present and 0 where hidden;
    its classifier looks the coalition up in that image and asks the game.
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
            "masks": "Coalitions asked, at most; the same ones as LIME's.",
            "kernel_width": "Width of the exponential kernel on cosine distance.",
        },
    )
    kernel_width: float = 0.25

    @property
    def draws_as(self) -> str:
        """Take the random numbers of the method that is cross-checked."""
        return "lime"

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        from lime.lime_image import LimeImageExplainer  # imports matplotlib: only when asked for

        count = game.n_players
        coins = antithetic_pairs(count, self.n_pairs(game.question, budget), generator)
        pairs = torch.stack([coins, 1 - coins], dim=1).flatten(0, 1)
        masks = torch.cat([pairs.new_ones(1, count), pairs]).long().numpy()

        def answers(images: FloatArray) -> FloatArray:
            values: FloatArray = game(torch.from_numpy(images[:, 0, :, 0])).numpy()
            return values

        explainer = LimeImageExplainer(
            kernel_width=self.kernel_width, random_state=_GivenMasks(masks)
        )
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
        values = np.zeros((len(game.question.targets), count))
        for target, weights in found.local_exp.items():
            for player, weight in weights:
                values[target, player] = weight
        return Attribution(values=values, settings={"masks": len(masks) - 1})
