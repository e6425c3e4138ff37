"""What the model itself answers when a part is hidden, and what each method foretold. numpy only.

Nothing here says which method is to be believed: it holds a measured change, what hiding other
parts of the same size does, and how far each method's number is from the measurement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from explainers.explanation import Explanation, MethodId, Scale, Target
from explainers.placebo import PlaceboKind
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
        part: Players hidden together.
        target: The class explained.
        scale: "logit" (log-odds) or "probability".
        baselines: (B,) names of what stood in for what was hidden.
        value_full: Value of the case itself.
        hiding: (B,) value_full - value with the part hidden.
        keeping: (B,) value with only this part - value with nothing.
        effects: (B,) value_full - value with nothing.
        placebos: (M, B) as `hiding`, of the placebo parts.
        placebo_kind: What these are.
        n_possible: Placebo parts there are to draw from.
        overlap: Largest share of its area that a placebo has on another one.
        rows: Forward rows spent.
        seconds: Wall time.
        seed: The request's.
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

    @property
    def change(self) -> float:
        """The measured change: mean over baselines of hiding the part."""
        return float(self.hiding.mean())

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
        """(M,) mean over baselines of hiding each placebo part."""
        return np.asarray(self.placebos.mean(axis=1))

    @property
    def n_as_large(self) -> int:
        """Placebo parts that change the value, in either direction, as much as the part or more."""
        return int((np.abs(self.placebo_changes) >= abs(self.change) - NEGLIGIBLE).sum())

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
    """

    method: MethodId
    rule: Rule
    change: float
    error: float
    own_error: float


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
    inside, values = list(found.part), explanation.values
    if explanation.kind == "density":
        values = values * explanation.players.sizes  # per element: sum over each player's elements
    rule: Rule = "share of the effect"
    if explanation.signed and explanation.kind == "additive":
        rule, change = "sum", float(values[inside].sum())
    else:
        total = float(np.abs(values).sum())
        change = float(values[inside].sum()) / total * found.effect if total else float("nan")
    own = [] if explanation.baseline is None else [explanation.baseline.name]
    like = [c for name, c in zip(found.baselines, found.hiding, strict=True) if name in own]
    return Foretold(
        method=explanation.method,
        rule=rule,
        change=change,
        error=abs(change - found.change),
        own_error=abs(change - float(like[0])) if like else float("nan"),
    )


def by_error(explanations: Sequence[Explanation], found: RefereeReport) -> tuple[Foretold, ...]:
    """What every method foretold, the nearest to the measurement first, undefined ones last."""
    answers = [foretold_by(explanation, found) for explanation in explanations]
    return tuple(sorted(answers, key=lambda a: (np.isnan(a.error), a.error)))
