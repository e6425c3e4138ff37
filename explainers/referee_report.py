"""What the model itself answers when a part is hidden, and what each method foretold. numpy only.

Nothing here says which method is to be believed: it holds a measured change, what hiding other
parts of the same size does, and how far each method's number is from the measurement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np

from explainers.explanation import Explanation, MethodId, Scale, Target
from explainers.metrics import BoolArray
from explainers.placebo import Alike, PlaceboKind
from models.case import FloatArray
from models.errors import IncomparableError

NEGLIGIBLE: Final = 1e-6  # changes closer than this are equal: float32 differs between passes
Rule: TypeAlias = Literal["sum", "share of the effect"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RefereeReport:
    """One part of one case, hidden and kept alone under B baselines, beside M placebo parts.

    Changes are in the unit of `scale`; positive: the value falls when the part is hidden.

    Attributes:
        case_digest: The case.
        players_digest: The cut that `part` belongs to.
        part: Players hidden together; of a shape on the film, those it touches.
        target: The class explained.
        scale: "logit" (log-odds) or "probability".
        baselines: (B,) names of what stood in for what was hidden.
        value_full: Value of the case itself.
        hiding: (B,) value_full - value with the part hidden.
        keeping: (B,) value with only this part - value with nothing.
        effects: (B,) value_full - value with nothing.
        placebos: (M, B) as `hiding`, of the placebo parts; (M, 1) under `placebo_baseline` alone.
        placebo_kind: What these are.
        n_possible: Placebo parts there are to draw from.
        overlap: Largest share of its area that a placebo has on another one.
        rows: Forward rows spent; what an earlier part of the same batch asked counts there.
        seconds: Wall time, by rows.
        seed: The request's.
        coverage: Share of each player of `part` that is hidden; empty: all of each.
        area: Share of the film that the part covers, None where not a film.
        elements: (E,) pixels of a shape, None for whole players. Kept out of every file.
        alike: In what the places of moved shapes are like that of the part.
        own_draws: (D,) as `hiding`, with the values of D random training records one at a time;
            empty where not a record.
        other_draws: (M, D) the same of the placebo parts.
        placebo_baseline: The only baseline under which placebo parts were hidden; None: under all.
    """

    case_digest: str
    players_digest: str
    part: tuple[int, ...]
    target: Target
    scale: Scale
    baselines: tuple[str, ...]
    value_full: float
    hiding: FloatArray
    keeping: FloatArray
    effects: FloatArray
    placebos: FloatArray
    placebo_kind: PlaceboKind
    n_possible: int
    overlap: float
    rows: int
    seconds: float
    seed: int
    coverage: tuple[float, ...] = ()
    area: float | None = None
    elements: BoolArray | None = None
    alike: Alike = "nothing"
    own_draws: FloatArray = field(default_factory=lambda: np.empty(0))
    other_draws: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    placebo_baseline: str | None = None

    @property
    def is_shape(self) -> bool:
        """Whether players are hidden in part: a shape on the film."""
        return any(share < 1 for share in self.coverage)

    @property
    def n_random(self) -> int:
        """Times that a placebo part took the values of a random record; 0 where not a record."""
        return int(self.other_draws.size)

    @property
    def n_random_as_large(self) -> int:
        """How many of these changed the value as much as hiding the part, or more."""
        return int((np.abs(self.other_draws) >= abs(self.change) - NEGLIGIBLE).sum())

    @property
    def change(self) -> float:
        """The measured change: mean over baselines of hiding the part."""
        return float(self.hiding.mean())

    @property
    def compared(self) -> float:
        """The change that placebo parts are compared with: of hiding the part as they were."""
        if self.placebo_baseline is None:
            return self.change
        return float(self.hiding[self.baselines.index(self.placebo_baseline)])

    @property
    def kept(self) -> float:
        """Mean over baselines of keeping only the part."""
        return float(self.keeping.mean())

    @property
    def effect(self) -> float:
        """Mean over baselines of hiding everything."""
        return float(self.effects.mean())

    @property
    def placebo_changes(self) -> FloatArray:
        """(M,) mean over the baselines they were hidden under, of hiding each placebo part."""
        return np.asarray(self.placebos.mean(axis=1))

    @property
    def n_as_large(self) -> int:
        """Placebo parts that change the value, in either direction, as much as the part or more."""
        return int((np.abs(self.placebo_changes) >= abs(self.compared) - NEGLIGIBLE).sum())

    @property
    def p_value(self) -> float:
        """(1 + n_as_large) / (1 + M); NaN without placebo parts.

        Reference:
            Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 2010: p-values of
            permutations are never 0.
        """
        count = len(self.placebos)
        return (1 + self.n_as_large) / (1 + count) if count else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What one method's values say about hiding the part.

    Attributes:
        method: Which.
        rule: "sum" of the values over the part (signed, additive methods); else its "share of the
            effect": the part's share of all values times the measured change of hiding everything.
        change: The change foretold, in the unit of the scale; NaN where every value is 0 and a
            share is therefore undefined.
        error: |foretold - measured change|, the mean over baselines.
        own_error: The same against the change under the method's own baseline; NaN without one.
        own_change: That change; NaN without one.
    """

    method: MethodId
    rule: Rule
    change: float
    error: float
    own_error: float
    own_change: float = float("nan")


def foretold_by(explanation: Explanation, found: RefereeReport) -> Foretold:
    """What one method's values say about hiding the part.

    Raises:
        IncomparableError: the explanation is about another case, cut, class or scale.
    """
    asked = (found.case_digest, found.players_digest, found.target, found.scale)
    about = (
        explanation.case_digest,
        explanation.players.digest(),
        explanation.target,
        explanation.scale,
    )
    if asked != about:
        raise IncomparableError("The explanation is about another question than the measurement.")
    inside, total = _within(explanation, found)
    rule: Rule = "share of the effect"
    if explanation.signed and explanation.kind == "additive":
        rule, change = "sum", inside
    else:
        change = inside / total * found.effect if total else float("nan")
    own = [] if explanation.baseline is None else [explanation.baseline.name]
    like = [c for name, c in zip(found.baselines, found.hiding, strict=True) if name in own]
    own_change = float(like[0]) if like else float("nan")
    return Foretold(
        method=explanation.method,
        rule=rule,
        change=change,
        error=abs(change - found.change),
        own_error=abs(change - own_change),
        own_change=own_change,
    )


def _within(explanation: Explanation, found: RefereeReport) -> tuple[float, float]:
    """Sum of a method's values over the part, and of all absolute values.

    Of a shape: of the method's finer map where there is one, else of each player's value as far as
    the shape covers it.
    """
    players, finer = explanation.players, explanation.element_map
    if found.elements is not None and finer is not None:
        flat = np.where(players.membership >= 0, finer.reshape(-1), 0.0)
        return float(flat[found.elements].sum()), float(np.abs(flat).sum())
    values = explanation.values
    if explanation.kind == "density":
        values = values * players.sizes  # per element: sum over each player's elements
    coverage = np.array(found.coverage or (1.0,) * len(found.part))
    return float((values[list(found.part)] * coverage).sum()), float(np.abs(values).sum())


def by_error(explanations: Sequence[Explanation], found: RefereeReport) -> tuple[Foretold, ...]:
    """What every method foretold, the nearest to the measurement first, undefined ones last."""
    answers = [foretold_by(explanation, found) for explanation in explanations]
    return tuple(sorted(answers, key=lambda a: (np.isnan(a.error), a.error)))
