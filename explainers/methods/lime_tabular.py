"""LIME for tables: the weighted ridge regression over records drawn around the case."""

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import ClassVar, Final, cast
from weakref import WeakKeyDictionary, WeakSet

import numpy as np
import torch

from explainers.block_regression import Columns, fit_blocks
from explainers.control_variate import are_few, beside, known_from_some
from explainers.encoded_points import Elements, EncodedPoints, encoded_points
from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.feature_players import column_players
from explainers.levels import Levels, fit_levels
from explainers.local_surrogate import Surrogate
from explainers.methods.base import Attribution, Method
from explainers.methods.budgets import MASKS_A_PLAYER
from explainers.neighbourhood import Neighbourhood, draw_neighbourhood
from explainers.players import Players
from explainers.question import Question
from models.adapter import HasTable, ModelAdapter
from models.case import FloatArray
from models.errors import UnsupportedMethodError
from models.schema import TableSchema

# Statistics of a model's sample by `discretise`: they cost as much as drawing a thousand records.
_FITTED: Final[WeakKeyDictionary[HasTable, dict[bool, Levels]]] = WeakKeyDictionary()
# Models that were seen to be of records: to look takes as long as to draw five hundred of them.
_KNOWN: Final[WeakSet[ModelAdapter]] = WeakSet()
USUAL = 0.5  # share of records at the case's own level beyond which LIME says twice what SHAP says


@dataclass(frozen=True, kw_only=True)
class LimeTabular(Method):
    """Fit a local linear surrogate over features, as LimeTabularExplainer does.

    Discretised, a value is the coefficient of "this feature is where it is in the case" (in the
    same quartile bin, of the same category, missing as well). Undiscretised, a number's value is
    its slope times the case's distance from the training mean.

    Reference:
        Ribeiro, Singh & Guestrin, KDD 2016, arXiv:1602.04938, and the authors' package: sampling,
        exponential kernel on Euclidean distance, ridge. Differs: the scale is the Question's,
        log-odds by default; all features stay in the fit; undiscretised, contributions are
        reported instead of slopes; missing values are a level of their own; noise is taken out by
        a control variate (`explainers/control_variate.py`), the same values on average.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="lime_tabular",
        title="LIME for tables",
        family="lime",
        modalities=frozenset({"tabular"}),
        signed=True,
        complete=False,
        stochastic=True,
        kind="additive",
        uses_baseline=False,
        assumption="Near this case the model is close to linear in the features, and records in "
        "which they vary independently of each other are meaningful.",
        reference="Ribeiro, Singh & Guestrin, KDD 2016, arXiv:1602.04938",
        settings={
            "samples": "Records drawn around the case, at most; the budget may allow fewer.",
            "discretise": "Whether numbers are compared by quartile bins instead of by value.",
            "kernel_width": "Width of the exponential kernel on Euclidean distance, times the root "
            "of the number of features.",
            "penalty": "Ridge penalty on the coefficients (not on the intercept).",
            "control_variate": "Whether what the encoded record explains beside the bins, which is "
            "noise otherwise, is taken out. Only with bins.",
        },
    )
    samples: int = 5000
    discretise: bool = True
    kernel_width: float = 0.75
    penalty: float = 1.0
    control_variate: bool = True

    def least_budget(self, question: Question) -> int:
        """Four records a feature and four more."""
        return MASKS_A_PLAYER * (len(_table(question).schema.columns) + 1)

    def rows_needed(self, question: Question, budget: int) -> int:
        """One row a record."""
        return min(max(self.samples, self.least_budget(question)), budget)

    @torch.inference_mode()  # nothing is differentiated: a tenth less time
    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        question = game.question
        model, record = _table(question), question.case.record
        around = draw_neighbourhood(
            record.values,
            _levels(model, discretise=self.discretise),
            count=self.rows_needed(question, budget),
            generator=generator,
        )
        encoded = encoded_points(model, around.points)
        elements = encoded.at(around.places)
        values = game.evaluate(torch.from_numpy(elements).T.to(question.model.device))
        goals = np.concatenate([game.value_full.numpy()[None], values.numpy()])
        combine = _contributions(question.players, model, around.case)
        fit = self._fit(around, encoded, elements, goals, combine)
        return Attribution(
            values=fit.values,
            std_error=fit.std_error,
            diagnostics=tuple({"surrogate_r2": float(r2)} for r2 in fit.r2),
            settings={"samples": len(values), "training_records": len(model.sample)},
            remarks=_usual(model.schema, around) if self.discretise else (),
        )

    def _fit(
        self,
        around: Neighbourhood,
        encoded: EncodedPoints,
        elements: Elements,
        goals: FloatArray,
        combine: FloatArray | None,
    ) -> Surrogate[FloatArray]:
        """The surrogate of goals (1 + n, T)."""
        design = around.whole
        weights = kernel(design, self.kernel_width)
        fit = partial(fit_blocks, goals=goals, weights=weights, penalty=self.penalty)
        if not (self.control_variate and self.discretise):
            return fit(design, combine=combine)
        if are_few(around):
            return fit(design, beside=beside(around, encoded, elements), combine=combine)
        control = known_from_some(around, encoded, elements, goals, weights)
        return fit(design, control=control, combine=combine)


def kernel(design: Columns, width: float) -> FloatArray:
    """Proximity (n,) of rows (n, F) to the first: sqrt(exp(-d^2 / w^2)) with w = width * sqrt F."""
    scale, columns = -0.5 / (width**2 * design.shape[1]), design.T
    if design.dtype == np.bool_:
        apart = (columns != columns[:, :1]).view(np.uint8)
        differ = np.add.reduce(apart, axis=0, dtype=np.min_scalar_type(len(columns)))
        return np.asarray(_nearness(len(columns), scale).take(differ))
    squares = np.add.reduce((columns - columns[:, :1]) ** 2, axis=0)
    return np.asarray(np.exp(squares * scale))


@lru_cache(maxsize=8)
def _nearness(n_columns: int, scale: float) -> FloatArray:
    """(n_columns + 1,) proximity of rows by the number of columns in which they differ."""
    found: FloatArray = np.exp(np.arange(n_columns + 1) * scale)
    found.setflags(write=False)
    return found


def _usual(schema: TableSchema, around: Neighbourhood) -> tuple[str, ...]:
    """Warns of values at a level that most records share: at share p, LIME says 1 / (1 - p) times.

    A coefficient is the whole way from the feature's other levels to the case's own; a SHAP value
    over a background starts from the average, which already lies most of that way.
    """
    often = np.flatnonzero(around.share_of_own > USUAL)
    if not often.size:
        return ()
    names = ", ".join(schema.columns[f].title for f in often)
    return (
        "LIME for tables compares a value with the other values of its feature, other methods with "
        "the records as they are: a value that most records have gets more from it than from "
        f"them. Here: {names}.",
    )


def _contributions(players: Players, model: HasTable, case: Columns) -> FloatArray | None:
    """(F, P) what a coefficient adds to each player: its own feature's term at the case (F,).

    A group of features gets the sum over its features; features of nobody (-1) are left out. None
    where every coefficient is a player's value as it is.
    """
    own, columns = players.membership, model.element_columns
    if case.dtype == np.bool_ and len(own) == len(columns) and bool((own == columns).all()):
        return None
    owners, everyone = column_players(players, model), np.arange(players.count)
    return np.asarray(case.astype(np.float64)[:, None] * (owners[:, None] == everyone))


def _levels(model: HasTable, *, discretise: bool) -> Levels:
    """Statistics of the model's sample, which never changes; computed once."""
    fitted = _FITTED.setdefault(model, {})
    if discretise not in fitted:
        fitted[discretise] = fit_levels(model.sample, model.schema, discretise=discretise)
    return fitted[discretise]


def _table(question: Question) -> HasTable:
    """The model, when it says which columns it reads."""
    model = question.model
    if model in _KNOWN or isinstance(model, HasTable):
        _KNOWN.add(model)
        return cast("HasTable", model)
    raise UnsupportedMethodError(f"{model.card.title} does not say which columns it reads.")
