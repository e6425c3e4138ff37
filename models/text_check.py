"""Does this read like an English chest X-ray report? How surprising its words are to the model.

The surprise of a word is the sum over its tokens of minus the logarithm of the token's frequency
among the training reports: words of another language or subject fall apart into many rare pieces.
A text's mean is compared with that of training reports, allowing a short text more chance. Word
order plays no part. Limits are fitted by `builtin/report_check.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from models.card import ModelCard
from models.case import FloatArray
from models.errors import WeightsError
from models.prediction import InputCheck
from models.weights import load_weights

CHECK_NAME: Final = "check.safetensors"
TESTS: Final = ("surprise", "shortness")
UNLIKE: Final = (
    "This does not look like an English chest X-ray report like those the model was trained on: "
    "do not rely on the prediction."
)
SHORT: Final = (
    "This is shorter than the chest X-ray reports the model was trained on: "
    "do not rely on the prediction."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextCheck:
    """A fitted check.

    Attributes:
        surprises: (V,) float32 nats of each token of the vocabulary.
        mean: Of the surprise of a word, nats.
        between: Standard deviation of that mean between reports.
        within: Standard deviation between the words of one report.
        min_words: Fewer are no report.
        limits: Largest accepted value of each of TESTS.
    """

    surprises: npt.NDArray[np.float32]
    mean: float
    between: float
    within: float
    min_words: int
    limits: Mapping[str, float]

    def __call__(self, tokens: npt.NDArray[np.int64], words: npt.NDArray[np.int32]) -> InputCheck:
        """Check one text.

        Args:
            tokens: (L,) token ids.
            words: (L,) word of each, -1 = none; the others ascend.
        """
        values = self.scores(tokens, words)
        scores = tuple((n, v, self.limits[n]) for n, v in zip(TESTS, values, strict=True))
        fits = [value <= limit for _, value, limit in scores]
        message = "" if all(fits) else (SHORT if fits[0] else UNLIKE)
        return InputCheck(accepted=all(fits), message=message, scores=scores)

    def scores(
        self, tokens: npt.NDArray[np.int64], words: npt.NDArray[np.int32]
    ) -> tuple[float, float]:
        """Values of TESTS.

        Returns:
            Standard deviations by which the mean surprise exceeds that of reports of as many words
            (below 0: less surprising than most), and `min_words` per word of the text.
        """
        surprises = word_surprises(self.surprises, tokens, words)
        count = max(1, len(surprises))
        spread = np.sqrt(self.between**2 + self.within**2 / count)
        excess = float((surprises.mean() - self.mean) / spread) if len(surprises) else 0.0
        return excess, self.min_words / count


def word_surprises(
    surprises: npt.NDArray[np.float32],
    tokens: npt.NDArray[np.int64],
    words: npt.NDArray[np.int32],
) -> FloatArray:
    """(W,) nats of each word that has tokens: the sum over its tokens; see TextCheck.__call__."""
    belongs = words >= 0
    _, place = np.unique(words[belongs], return_inverse=True)
    weights = surprises[tokens[belongs]].astype(np.float64)
    return np.bincount(place, weights=weights).astype(np.float64)


def read_check(folder: Path, card: ModelCard) -> TextCheck | None:
    """The input check of a model's folder; None where its card describes none.

    Raises:
        WeightsError: the card's description is not usable, or `check.safetensors` is missing,
            damaged or not the one it names.
    """
    fitted = card.document.get("input_check")
    if fitted is None:
        return None
    try:
        tensors = load_weights(folder / CHECK_NAME, str(fitted["sha256"]))
        return TextCheck(
            surprises=tensors["surprises"].float().numpy(),
            mean=float(fitted["mean"]),
            between=float(fitted["between"]),
            within=float(fitted["within"]),
            min_words=int(fitted["min_words"]),
            limits={name: float(fitted["limits"][name]) for name in TESTS},
        )
    except KeyError as error:
        raise WeightsError(f"The input check of {card.id!r} lacks {error.args[0]!r}.") from error
    except (OverflowError, TypeError, ValueError) as error:
        raise WeightsError(f"The input check of {card.id!r} is not usable: {error}.") from error
