"""What if one value were another: the ICE curve of one feature of one record."""

from typing import Final

import numpy as np
import torch

from explainers.question import Question
from explainers.table_views import IceCurve
from models.adapter import HasTable
from models.case import FloatArray
from models.errors import UnsupportedMethodError

GRID_POINTS: Final = 60


def ice_curve(question: Question, column: int) -> IceCurve:
    """Vary one column over its training range.

    Reference:
        Goldstein, Kapelner, Bleich & Pitkin, J. Comput. Graph. Stat. 2015, arXiv:1309.6392: one
        line of their plot, for the case at hand.

    Raises:
        UnsupportedMethodError: the model does not take records.
    """
    model, record = question.model, question.case.record
    if not isinstance(model, HasTable):
        raise UnsupportedMethodError(f"{model.card.title} does not take records.")
    at = float(record.values[column])
    grid = grid_of(question, column)
    rows = np.repeat(record.values[None], len(grid) + 2, axis=0)
    rows[:-2, column] = grid
    rows[-2, column] = np.nan
    with torch.inference_mode():
        logits = model.logits(model.encode_values(rows)).cpu().double()
        values = question.explained(logits)[:, 0].numpy()
    return IceCurve(
        column=column,
        grid=grid,
        values=values[:-2],
        at=at,
        value=float(values[-1]),
        missing=float(values[-2]),
        scale=question.scale,
    )


def grid_of(question: Question, column: int) -> FloatArray:
    """(G,) values to try: all categories, all whole numbers of a short range, or even steps.

    The grid covers the training range and the record's own value, which is always a point of it.
    """
    asked, at = question.case.record.schema.columns[column], question.case.record.values[column]
    if asked.kind == "category":
        return np.arange(len(asked.categories), dtype=np.float64)
    low, high = asked.low, asked.high
    if not np.isnan(at):
        low, high = min(low, at), max(high, at)
    if asked.whole and high - low < GRID_POINTS:
        grid = np.arange(low, high + 1)
    else:
        # Half of the points where the records are (percentiles), half evenly over the range.
        dense = np.interp(np.linspace(0, 100, GRID_POINTS // 2), np.arange(101), asked.percentiles)
        grid = np.concatenate([dense, np.linspace(low, high, GRID_POINTS // 2)])
    own = grid if np.isnan(at) else np.append(grid, at)
    return np.unique(own)
