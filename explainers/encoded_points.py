"""What a table model reads of every value a column can be drawn as: looked up, not computed."""

from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from explainers.neighbourhood import Neighbourhood
from explainers.points import POINTS, Points
from models.adapter import HasTable
from models.case import FloatArray

Elements = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EncodedPoints:
    """The encoded input of all points of F columns.

    Attributes:
        constant: (C,) the elements that are the same everywhere, and (C, 1) their values.
        tables: Of each column, its other elements and their values (POINTS,).
        varying: (V,) the latter elements of all columns.
        columns: (V,) the column of each of them.
        sums: (V, L) sums of their values over the points of each level.
        counts: (V, L) how many points those are.
    """

    constant: tuple[npt.NDArray[np.int64], Elements]
    tables: list[list[tuple[int, Elements]]]
    varying: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    sums: FloatArray
    counts: npt.NDArray[np.int64]

    def at(self, places: npt.NDArray[np.uint16]) -> Elements:
        """The encoded input (E, n) at places (F, n)."""
        n_elements = len(self.constant[0]) + len(self.varying)
        found = np.empty((n_elements, places.shape[1]), dtype=np.float32)
        elements, values = self.constant
        found[elements] = values
        for own, tables in zip(places, self.tables, strict=True):
            indices = own.astype(np.intp)  # once; every `take` would do so
            for element, table in tables:
                table.take(indices, out=found[element], mode="clip")  # "raise" would take a copy
        return found

    def means(self, around: Neighbourhood) -> tuple[FloatArray, FloatArray]:
        """(V,) mean of what varies at the case's own level, and at all others; 0 without points."""
        at = np.arange(len(self.columns)), around.own[self.columns]
        within, count = self.sums[at], self.counts[at]
        beyond = np.add.reduce(self.sums, axis=1) - within
        return within / np.maximum(count, 1), beyond / np.maximum(POINTS - count, 1)


# They cost as much as encoding four thousand records.
_KNOWN: Final[WeakKeyDictionary[HasTable, WeakKeyDictionary[Points, EncodedPoints]]] = (
    WeakKeyDictionary()
)


def encoded_points(model: HasTable, points: Points) -> EncodedPoints:
    """All points of all columns as the model reads them; computed once."""
    known = _KNOWN.get(model)
    if known is None:
        known = _KNOWN.setdefault(model, WeakKeyDictionary())
    found = known.get(points)
    if found is None:
        found = known[points] = _encoded(model, points)
    return found


def _encoded(model: HasTable, points: Points) -> EncodedPoints:
    """An element belongs to one column, so the columns' points can be encoded side by side."""
    elements = model.encode_values(np.array(points.values).T).cpu().numpy().T
    differs = np.ptp(elements, axis=1) > 0
    varying = np.flatnonzero(differs)
    columns = model.element_columns[varying].astype(np.int64)
    tables: list[list[tuple[int, Elements]]] = [[] for _ in points.values]
    for element, column in zip(varying.tolist(), columns.tolist(), strict=True):
        tables[column].append((element, elements[element].copy()))
    upto = np.zeros((len(varying), POINTS + 1))
    np.cumsum(elements[varying], axis=1, out=upto[:, 1:], dtype=np.float64)
    firsts = points.firsts[columns].astype(np.int64)
    constant = np.flatnonzero(~differs)
    return EncodedPoints(
        constant=(constant, elements[constant, :1].copy()),
        tables=tables,
        varying=varying,
        columns=columns,
        sums=np.diff(np.take_along_axis(upto, firsts, axis=1), axis=1),
        counts=np.diff(firsts, axis=1),
    )
