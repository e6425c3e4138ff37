"""How many pairs of coalitions a Gaussian process is fitted to: by what a row costs, counted."""

import math
from typing import Final

from explainers.estimators import DEAR, MOST_CHEAP_PAIRS, MOST_PAIRS
from explainers.question import Question
from models.row_cost import operations

# A fit to n pairs takes about 2 n^3 operations (LIME's two halves of a game; each a factor and its
# inverse), their 2 n rows that many times what one costs: the fit is to take half as long at most.
OPERATIONS_A_ROW: Final = 2


def most_pairs(question: Question, n_pairs: int) -> int:
    """Pairs that a process is fitted to, of so many.

    So the time of a fit grows no faster than that of the rows, whatever the model.
    """
    if n_pairs <= MOST_CHEAP_PAIRS:
        return MOST_CHEAP_PAIRS
    cost = operations(question.model, question.inputs) * question.masker.n_draws
    if not cost:  # unknown
        return MOST_PAIRS if question.case.modality in DEAR else MOST_CHEAP_PAIRS
    return min(max(math.isqrt(cost // OPERATIONS_A_ROW), MOST_CHEAP_PAIRS), MOST_PAIRS)
