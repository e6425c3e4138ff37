"""Rows of yes and no that are alike, counted once: all that a regression on them needs to know."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from models.case import FloatArray

FEWER: Final = 8  # rows for each kind of row that can be; where there are fewer, little is saved


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kinds:
    """Every kind of row that d columns of yes and no can make, in the order of binary numbers.

    Attributes:
        design: (2^d, d) bool, column 0 the highest digit.
        counts: (2^d,) float64, rows of each kind.
        means: (2^d, T) means of their goals, 0 where there is no row.
        within: (2^d, T) summed squares of their goals about these means.
    """

    design: npt.NDArray[np.bool_]
    counts: FloatArray
    means: FloatArray
    within: FloatArray

    @staticmethod
    def are_few(n_rows: int, n_columns: int) -> bool:
        """Whether kinds are so much fewer than rows that it pays to count."""
        return bool(n_rows >= FEWER * 2**n_columns)

    @classmethod
    def of(cls, design: npt.NDArray[np.bool_], goals: FloatArray) -> Self:
        """Count the rows of a design (n, d), whose columns lie together, with goals (n, T)."""
        n_kinds, targets = 2 ** design.shape[1], goals.T
        codes = design[:, 0].astype(np.min_scalar_type(n_kinds - 1))
        for column in design.T[1:]:
            codes += codes
            codes += column
        codes = codes.astype(np.intp)
        counts = np.bincount(codes, minlength=n_kinds).astype(np.float64)
        some = np.maximum(counts, 1.0)
        means = np.array([np.bincount(codes, goal, n_kinds) / some for goal in targets])
        apart = (goal - mean[codes] for goal, mean in zip(targets, means, strict=True))
        within = np.array([np.bincount(codes, a * a, n_kinds) for a in apart])
        return cls(design=_binary(design.shape[1]), counts=counts, means=means.T, within=within.T)


@lru_cache(maxsize=16)
def _binary(n_columns: int) -> npt.NDArray[np.bool_]:
    """(2^d, d) bool, the binary numbers from 0 on."""
    places = np.arange(n_columns - 1, -1, -1)
    return (np.arange(2**n_columns)[:, None] >> places & 1).astype(np.bool_)
