"""The referee: hide a part under every baseline and measure what the model does.

Methods say what a part is worth; here the model is asked. Beside the part, placebo parts of the
same size are hidden the same way: they tell a large change from what hiding anything would do.
All questions of one case are one batch on the engine: what several of them hide is asked once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from explainers.coalition_values import CoalitionValues
from explainers.engine import MaskedPredictor, Runtime
from explainers.question import Question
from explainers.referee_batch import Progress
from explainers.referee_part import Part, whole
from explainers.referee_plan import N_PLACEBOS, Plan
from explainers.referee_report import RefereeReport
from explainers.referee_sides import Sides, TwoSided
from models.errors import ExplainError

__all__ = ["N_PLACEBOS", "Answers", "ask_model", "referee"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What one batch found.

    Attributes:
        parts: One report a part, in order.
        sides: One comparison a pair of sides, in order.
    """

    parts: tuple[RefereeReport, ...]
    sides: tuple[TwoSided, ...]


def referee(
    question: Question,
    parts: Sequence[Part | tuple[int, ...]],
    *,
    seed: int = 0,
    runtime: Runtime | None = None,
) -> tuple[RefereeReport, ...]:
    """Ask the model about parts of a case; see `ask_model`."""
    return ask_model(question, parts, seed=seed, runtime=runtime).parts


def ask_model(
    question: Question,
    parts: Sequence[Part | tuple[int, ...]] = (),
    sides: Sequence[Sides] = (),
    *,
    seed: int = 0,
    runtime: Runtime | None = None,
    values: CoalitionValues | None = None,
    n_placebos: int = N_PLACEBOS,
    own_baseline_only: bool = False,
    progress: Progress = lambda _, __: None,
) -> Answers:
    """Ask the model about parts and pairs of parts of a case; for the question's first target.

    Args:
        question: What was explained; its own baseline is one of those used here.
        parts: Shapes on a film, or players to hide together, one tuple a part.
        sides: Pairs of parts to compare (`referee_sides.sides_of`).
        seed: Of the placebo parts.
        runtime: How to compute; None takes the device's default.
        values: What is known of the question, with its engine; it is not asked again.
        n_placebos: Placebo parts for each part and random pairs for each pair, where there are.
        own_baseline_only: Whether placebo parts are hidden under the question's baseline alone.
        progress: Told rows spent and rows in all, a pass at a time.

    Raises:
        ExplainError: a part is empty, names players that do not exist, or is a shape on no film.
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
    """
    plan = Plan(question, seed, n_placebos, everywhere=not own_baseline_only)
    finishers = [
        *(plan.plan_part(_part_of(question, part)) for part in parts),
        *(plan.plan_sides(pair) for pair in sides),
    ]
    game = MaskedPredictor(question, runtime) if values is None else values.game
    found = plan.ask(game, progress, values) if finishers else None
    results = [] if found is None else [finish(found) for finish in finishers]
    return Answers(
        parts=tuple(r for r in results if isinstance(r, RefereeReport)),
        sides=tuple(r for r in results if isinstance(r, TwoSided)),
    )


def _part_of(question: Question, part: Part | tuple[int, ...]) -> Part:
    """A part as it is hidden; only films have shapes on them."""
    if not isinstance(part, Part):
        return whole(question.players, part)
    if part.elements is not None and question.case.modality != "image":
        raise ExplainError("A shape can be hidden on a film only.", "Choose parts of the case.")
    return part
