"""What LIME for tables knows of a value beside its level, so that it does not count as noise.

LIME asks what it changes that a value is at the case's level. How far within its level it lies, and
at which of the others, moves the model, too: noise to a surrogate that does not see it. The model's
own encoded elements do. Less their means, at the case's level and at the others, they say nothing
about what LIME asks (columns are drawn independently, and the kernel weighs a record by how many of
its values are at the case's level). So they can be fitted beside LIME's columns, or subtracted once
their coefficients are known: either way the surrogate is the same on average, with less noise.

Reference:
    Lin, Annals of Applied Statistics 2013 (regression adjustment of experiments).
"""

from typing import Final

import numpy as np
from scipy.linalg.lapack import dposv

from explainers.block_regression import RIDGE, Control
from explainers.encoded_points import Elements, EncodedPoints
from explainers.neighbourhood import Neighbourhood
from explainers.regression import too_few
from models.case import FloatArray

EACH: Final = 16  # records a column tell coefficients well enough
FEW: Final = 4 * EACH  # records a column; of more, those that tell are a small part


def are_few(around: Neighbourhood) -> bool:
    """Whether all records are needed to know the coefficients: then they are fitted beside."""
    n, n_columns = around.design.shape
    return bool(n <= FEW * n_columns)


def beside(around: Neighbourhood, encoded: EncodedPoints, elements: Elements) -> FloatArray:
    """(1 + n, V) what varies of elements (E, n), less its means at each value's level.

    The case itself, first, is taken for the mean of its levels: 0.
    """
    within, beyond = (mean[:, None] for mean in encoded.means(around))
    own = around.design.T[encoded.columns] != 0
    found = np.zeros((len(encoded.varying), 1 + elements.shape[1]))
    np.subtract(elements[encoded.varying], np.where(own, within, beyond), out=found[:, 1:])
    return found.T


def known_from_some(
    around: Neighbourhood,
    encoded: EncodedPoints,
    elements: Elements,
    goals: FloatArray,
    weights: FloatArray,
) -> Control:
    """What elements account for, as the first records tell.

    Args:
        around: n records, which are not few.
        encoded: What the model reads of their points.
        elements: (E, n) what it reads of them.
        goals: (1 + n, T) the model's values, the case's first.
        weights: (1 + n,) proximity to the case.

    Raises:
        BudgetError: the records do not determine it.
    """
    d, n_varying = around.design.shape[1], len(encoded.varying)
    some, first = EACH * d, EACH * d + 1
    within, beyond = encoded.means(around)
    rows = np.ones((d + 1 + n_varying, first))
    rows[:d, 1:] = around.design[:some].T
    rows[d + 1 :, 0] = within  # as in `beside`; what is left to subtract the columns account for
    rows[d + 1 :, 1:] = elements[:, :some][encoded.varying]
    weighed = rows * weights[:first]
    gram = weighed @ rows.T
    diagonal = gram.reshape(-1)[:: len(gram) + 1]
    diagonal += RIDGE
    diagonal[d] -= RIDGE
    _, fitted, info = dposv(gram, weighed @ (goals[:first] - goals[0]))
    if info != 0:
        raise too_few()
    slopes = fitted[d + 1 :]  # (V, T)
    given = np.zeros((d + 1, goals.shape[1]))
    np.add.at(given, encoded.columns, (within - beyond)[:, None] * slopes)
    given[-1] = beyond @ slopes
    each = np.zeros((len(elements), goals.shape[1]), dtype=np.float32)
    each[encoded.varying] = slopes
    return Control(taken=elements.T @ each, given=given)
