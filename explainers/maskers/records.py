"""What stands in for absent features of a record, by name."""

import numpy as np
from torch import Tensor

from explainers.explanation import Baseline
from explainers.maskers.background import BackgroundMasker
from explainers.maskers.base import Masker
from explainers.maskers.conditional import conditional_masker
from explainers.maskers.names import BASELINES_OF, N_BACKGROUND, TableBaseline
from explainers.players import Players
from models.adapter import HasTable
from models.case import FloatArray


def record_masker(
    model: HasTable, inputs: Tensor, *, kind: TableBaseline, players: Players
) -> Masker:
    """Make the masker of (1, E) encoded `inputs`.

    "background" and "average" are interventional: absent features do not know what stays, so that
    records no patient has can arise. "conditional" avoids them as far as its neighbours reach.
    """
    baseline = Baseline(name=kind, description=BASELINES_OF["tabular"][kind])
    if kind == "conditional":
        return conditional_masker(model, inputs, baseline=baseline, players=players)
    records = model.sample[:N_BACKGROUND] if kind == "background" else average_record(model)[None]
    background = model.encode_values(records)
    return BackgroundMasker(inputs, background, baseline=baseline, players=players)


def average_record(model: HasTable) -> FloatArray:
    """(F,) median of each number, most frequent category of each other column."""
    columns = []
    for column, values in zip(model.schema.columns, model.sample.T, strict=True):
        known = values[~np.isnan(values)]
        if known.size == 0:
            columns.append(np.nan)
        elif column.kind == "number":
            columns.append(float(np.median(known)))
        else:
            names, counts = np.unique(known, return_counts=True)
            columns.append(float(names[counts.argmax()]))
    return np.asarray(columns)
