"""Methods take turns, a round each: every one has said something early, and is refined from there.

Who has spent fewest rows comes next. What a method answers does not depend on whose turn it was
before: each has random numbers of its own, and a set of coalitions is asked as a whole.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from explainers.engine import MaskedPredictor
from explainers.engine_checks import is_out_of_memory
from explainers.explanation import Explanation, MethodId
from explainers.methods.base import Method, Round
from explainers.outlook import Interim
from explainers.report import ConsultRequest, MethodFailure
from explainers.streams import generator_for
from models.errors import CancelledError, ConsiliumError, DeviceMemoryError

logger = logging.getLogger(__name__)
NO_MEMORY: Final = "There is not enough memory to work out values from the model's answers."
LESS: Final = "Allow fewer model runs, or cut the case into fewer parts."


class Ended(Exception):  # noqa: N818  # no error: somebody is content with what there is
    """Raised between two passes to leave a round under way; see `take_turns`."""


Answer: TypeAlias = Interim | Explanation | MethodFailure
Enough: TypeAlias = Callable[[Sequence[Explanation]], bool]


@dataclass(slots=True, kw_only=True)
class _Work:
    """One method under way.

    Attributes:
        method: Which.
        place: Its place among those that are equally far.
        stages: Rows by the end of each round.
        rounds: What is still to come.
        latest: What it said last.
    """

    method: Method
    place: int
    stages: tuple[int, ...]
    rounds: Iterator[Round]
    latest: Explanation | None = None

    @property
    def rows(self) -> int:
        """Spent so far, as far as is known."""
        return 0 if self.latest is None else self.latest.rows

    @property
    def next_end(self) -> int:
        """Rows by the end of the next round."""
        return next((stage for stage in self.stages if stage > self.rows), self.stages[-1])


def take_turns(
    methods: Sequence[Method],
    game: MaskedPredictor,
    request: ConsultRequest,
    *,
    on_turn: Callable[[MethodId], None] = lambda _: None,
    enough: Enough = lambda _: False,
) -> Iterator[Answer]:
    """Run methods in rounds.

    Args:
        methods: Who; of those that are equally far the first comes first.
        game: The question; shared.
        request: Budgets and seed.
        on_turn: Told whose turn begins.
        enough: Asked, once every method has said something, with what all have said last; True
            ends those that would go on, with what they have.

    Yields:
        Interim answers, and for every method one Explanation or MethodFailure. Expected failures
        of a method are its own, everything else propagates.

    A pass may raise `Ended` once every method has said something: the same as `enough`, in the
    middle of a round.

    Raises:
        CancelledError: the user cancelled.
    """
    ended: list[Explanation] = []
    works: list[_Work] = []
    for place, method in enumerate(methods):
        try:
            works.append(_begun(method, place, game, request))
        except ConsiliumError as error:
            yield _failure(method, error)
    while works:
        work = min(works, key=lambda w: (w.next_end, w.place))
        on_turn(work.method.card.id)
        try:
            answer = _turn(work)
        except Ended:
            yield from _latest(works)
            return
        if isinstance(answer, Interim):
            yield answer
        else:
            works.remove(work)
            yield answer
            if isinstance(answer, Explanation):
                ended.append(answer)
        latest = _latest(works)
        if latest and len(latest) == len(works) and enough([*ended, *latest]):
            yield from latest
            return


def _latest(works: Sequence[_Work]) -> list[Explanation]:
    """What the methods under way have said last."""
    return [work.latest for work in works if work.latest is not None]


def _begun(method: Method, place: int, game: MaskedPredictor, request: ConsultRequest) -> _Work:
    """A method before its first round; one that cannot answer is refused."""
    question, budget = game.question, request.budget_of(method.card.id)
    method.require(question, budget)
    return _Work(
        method=method,
        place=place,
        stages=method.stages(question, budget),
        rounds=method.rounds(
            game,
            budget=budget,
            generator=generator_for(request.seed, method.draws_as, question.case),
            seed=request.seed,
        ),
    )


def _turn(work: _Work) -> Answer:
    """One round of one method."""
    try:
        done = next(work.rounds)
    except CancelledError:
        raise
    except ConsiliumError as error:
        return _failure(work.method, error)
    except (RuntimeError, MemoryError) as error:  # passes are halved; what follows them cannot be
        if not is_out_of_memory(error):
            raise
        return _failure(work.method, DeviceMemoryError(NO_MEMORY, LESS))
    (found,) = done.explanations
    work.latest = found
    if not done.is_last:
        return Interim(explanation=found, planned=work.stages[-1])
    logger.info(
        "explained digest=%s method=%s rows=%d seconds=%.3f",
        found.case_digest,
        found.method,
        found.rows,
        found.seconds,
    )
    return found


def _failure(method: Method, error: ConsiliumError) -> MethodFailure:
    """An expected failure, for the report."""
    logger.info("failure method=%s kind=%s", method.card.id, type(error).__name__)
    return MethodFailure(method=method.card.id, reason=str(error))
