"""What every method shares: the template that checks, times and labels its result."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import Explanation, MethodCard, Setting
from explainers.methods.limits import GAP_ERRORS, require_path, with_remarks
from explainers.question import Question
from models.case import FloatArray
from models.errors import BudgetError, UnsupportedMethodError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attribution:
    """Raw result of a method, before it is labelled.

    Attributes:
        values: (T, P) float64.
        std_error: (T, P) or None.
        total_error: (T,) standard error of the sum of values; None when the sum is exact.
        element_map: (T, E) or None.
        diagnostics: Numbers about the run.
        settings: What the budget turned into (masks, steps, samples).
        remarks: Sentences for the user about these values.
    """

    values: FloatArray
    std_error: FloatArray | None = None
    total_error: FloatArray | None = None
    element_map: FloatArray | None = None
    diagnostics: tuple[Mapping[str, float], ...] | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Round:
    """What a method says after one of its rounds.

    Attributes:
        explanations: One a target, as `explain` returns them with a budget of so many rows.
        is_last: Whether this is the answer.
    """

    explanations: tuple[Explanation, ...]
    is_last: bool


@dataclass(frozen=True, kw_only=True)
class Method(ABC):
    """An explanation method. Its dataclass fields are its settings; it holds no other state."""

    card: ClassVar[MethodCard]

    @property
    def draws_as(self) -> str:
        """Method id that names this method's stream of random numbers."""
        return self.card.id

    @abstractmethod
    def rows_needed(self, question: Question, budget: int) -> int:
        """Forward rows that `explain` will spend, apart from the shared full and empty values."""

    @abstractmethod
    def least_budget(self, question: Question) -> int:
        """Smallest budget, in forward rows, that gives a result."""

    def stages(self, question: Question, budget: int) -> tuple[int, ...]:
        """Forward rows spent by the end of each round; the last are `rows_needed`."""
        return (self.rows_needed(question, budget),)

    def shares_rounds(self, question: Question, budget: int) -> bool:
        """Whether other methods that do ask the same rows in a round as long as one of this."""
        return False

    def _rounds(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Iterator[Callable[[], Attribution]]:
        """Spend the rows of one stage after the other; each time, what there is can be evaluated.

        A method writes this, or `_attribute` where it works in one go.
        """
        yield lambda: self._attribute(game, budget, generator)

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        """The method itself in one go; the public edge has checked everything."""
        raise NotImplementedError

    def explain(
        self, game: MaskedPredictor, *, budget: int, generator: torch.Generator, seed: int = 0
    ) -> tuple[Explanation, ...]:
        """Answer the game's Question.

        Args:
            game: The Question's masked predictor; shared between methods.
            budget: Forward rows allowed.
            generator: CPU generator, the only source of randomness.
            seed: Recorded in the result.

        Returns:
            One Explanation per target of the Question, in its order.

        Raises:
            UnsupportedMethodError: the model or modality lacks what the card needs.
            BudgetError: the budget is below `least_budget`.
            CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
        """
        (found,) = self.rounds(game, budget=budget, generator=generator, seed=seed, only_last=True)
        return found.explanations

    def rounds(
        self,
        game: MaskedPredictor,
        *,
        budget: int,
        generator: torch.Generator,
        seed: int = 0,
        only_last: bool = False,
    ) -> Iterator[Round]:
        """Answer in rounds: better and better Explanations, the last what `explain` returns.

        Rows are spent when the next one is asked for. Each is what `explain` returns with a budget
        of so many rows. A round with which no answer can be had yet is passed over.

        Args:
            game: As for `explain`.
            budget: As for `explain`.
            generator: As for `explain`.
            seed: As for `explain`.
            only_last: Leave out all but the last.

        Raises:
            As `explain`.
        """
        self.require(game.question, budget)
        self._shared(game)
        work = self._rounds(game, budget, generator)
        rows, seconds, n_stages = 0, 0.0, len(self.stages(game.question, budget))
        for stage in range(n_stages):
            before, started = game.answered, time.perf_counter()
            evaluate, is_last = next(work), stage == n_stages - 1
            try:
                result = evaluate() if is_last or not only_last else None
            except BudgetError:
                if is_last:
                    raise
                result = None
            rows, seconds = rows + game.answered - before, seconds + time.perf_counter() - started
            if result is not None:
                found = tuple(
                    self._labelled(game, result, t, seed=seed, rows=rows, seconds=seconds)
                    for t in range(len(game.question.targets))
                )
                yield Round(explanations=found, is_last=is_last)

    def _shared(self, game: MaskedPredictor) -> None:
        """Compute the values that all methods share, so that they are on nobody's bill."""
        if self.card.uses_baseline:
            _ = game.value_empty
        _ = game.value_full

    def require(self, question: Question, budget: int) -> None:
        """Refuse what this method cannot do, before anything is computed."""
        model = question.model.card
        if question.case.modality not in self.card.modalities:
            raise UnsupportedMethodError(
                f"{self.card.title} does not explain {question.case.modality} cases."
            )
        missing = sorted(self.card.needs - model.capabilities)
        if missing:
            raise UnsupportedMethodError(
                f"{self.card.title} needs a model with {' and '.join(missing)}, "
                f"which {model.title} does not offer.",
                "Occlusion needs nothing but the model's output.",
            )
        if "gradient" in self.card.needs and self.card.uses_baseline:
            require_path(self.card, question)
        least = self.least_budget(question)
        if budget < least:
            raise BudgetError(
                f"{self.card.title} needs at least {least} model runs for "
                f"{question.players.count} players; the budget is {budget}.",
                "Raise the budget, or cut the case into fewer parts.",
            )

    def _labelled(
        self,
        game: MaskedPredictor,
        result: Attribution,
        t: int,
        *,
        seed: int,
        rows: int,
        seconds: float,
    ) -> Explanation:
        """Attach what the Question and the card know to one target's values."""
        question, card = game.question, self.card
        empty = float(game.value_empty[t]) if card.uses_baseline else None
        explanation = Explanation(
            method=card.id,
            case_digest=question.case.digest,
            model_id=question.model.card.id,
            weights_sha256=question.model.card.weights_sha256,
            players=question.players,
            values=result.values[t],
            std_error=None if result.std_error is None else result.std_error[t],
            element_map=None if result.element_map is None else result.element_map[t],
            signed=card.signed,
            kind=card.kind,
            target=question.targets[t],
            scale=question.scale,
            baseline=question.masker.baseline if card.uses_baseline else None,
            value_full=float(game.value_full[t]),
            value_empty=empty,
            settings={f.name: getattr(self, f.name) for f in fields(self)} | dict(result.settings),
            diagnostics={} if result.diagnostics is None else result.diagnostics[t],
            seed=seed,
            rows=rows,
            seconds=seconds,
            device=str(question.model.device),
            remarks=result.remarks,
        )
        noise = 0.0 if result.total_error is None else GAP_ERRORS * float(result.total_error[t])
        return with_remarks(explanation, card, noise)
