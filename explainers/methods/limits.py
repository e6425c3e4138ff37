"""What a method's answer is refused for, and what limits how it can be read."""

from dataclasses import replace

import numpy as np

from explainers.explanation import Explanation, MethodCard
from explainers.numerals import numeral
from explainers.question import Question
from models.errors import UnsupportedMethodError

GAP_ERRORS = 3.0  # standard errors that a gap may have by chance before it is remarked on
COMPLETENESS_TOLERANCE = 0.02  # of |value_full - value_empty|: below it nobody can see the gap


def require_path(card: MethodCard, question: Question) -> None:
    """Refuse to follow a path that does not exist."""
    if not question.masker.has_path:
        raise UnsupportedMethodError(
            f"{card.title} follows a straight path from the baseline to the case, and the baseline "
            f"“{question.masker.baseline.name}” offers none.",
            "Choose another baseline or another method.",
        )


def with_remarks(explanation: Explanation, card: MethodCard, noise: float) -> Explanation:
    """Say what limits the reading of the values: a broken sum, or nothing at all."""
    remarks = list(explanation.remarks)
    if not np.any(explanation.values):
        remarks.append(f"{card.title} found nothing that matters: every value is zero.")
    gap, empty = explanation.completeness_gap, explanation.value_empty
    if card.complete and gap is not None and empty is not None:
        effect = abs(explanation.value_full - empty)
        if abs(gap) > max(COMPLETENESS_TOLERANCE * effect, noise, 1e-6):
            left, whole = numeral(gap, "+.3g"), numeral(explanation.value_full - empty, "+.3g")
            remarks.append(
                f"{card.title} leaves {left} of the effect {whole} unexplained: its values do not "
                "add up here."
            )
    if len(remarks) == len(explanation.remarks):
        return explanation
    return replace(explanation, remarks=tuple(remarks))
