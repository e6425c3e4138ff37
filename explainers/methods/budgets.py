"""How families of methods spend a budget: one pass, independent samples, pairs of coalitions."""

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar, Final

from explainers.coalitions import count_pairs
from explainers.estimators import DEAR, Choice, choose
from explainers.explanation import Setting
from explainers.fit_size import most_pairs
from explainers.methods.base import Attribution, Method
from explainers.moments import SampleMoments
from explainers.question import Question

ESTIMATOR_MEANS: Final = (
    "What turns answers into values: `auto` (chosen by modality, players and coalitions), "
    "`gaussian process` or `regression`, which is what the package does."
)

MASKS_A_PLAYER = 4
LEAST_GROUPS = 4  # of samples; fewer give no usable standard error
FIRST_GROUPS = 8  # after which a first estimate is shown
MOST_BANK = 50_000  # pairs, drawn in half a second and kept in 40 MB; millions tell no more
WHOLE_PASSES = 8  # pairs; a first round is a multiple of them, so that rounds part no pass


def doubling(first: int, last: int) -> tuple[int, ...]:
    """Ends of rounds: the first, twice as much, and so on; the last is whole.

    Each round costs as much as all before it, so that looking in between changes little; a round
    that would be followed by less than half of itself is left out.
    """
    stops = [last]
    stop = first
    while 3 * stop <= 2 * last:
        stops.insert(-1, stop)
        stop *= 2
    return tuple(stops)


def in_rounds(question: Question) -> bool:
    """Whether anybody would see the rounds: the rows of a record are there at once."""
    return question.case.modality in DEAR


@dataclass(frozen=True, kw_only=True)
class OnePass(Method, ABC):
    """Looks at the case once, forward and backward."""

    def least_budget(self, question: Question) -> int:  # the same for all
        """One row."""
        return 1

    def rows_needed(self, question: Question, budget: int) -> int:
        """One row."""
        return 1


@dataclass(frozen=True, kw_only=True)
class Sampled(Method, ABC):
    """Averages samples of one row each, drawn in independent groups.

    Attributes:
        samples: Samples wanted; the budget may allow fewer.
    """

    samples: int
    # Samples drawn together, so that their errors cancel in part.
    group: ClassVar[int]

    def least_budget(self, question: Question) -> int:  # the same for all
        """Four groups."""
        return LEAST_GROUPS * self.group

    def rows_needed(self, question: Question, budget: int) -> int:
        """One row a sample, in whole groups."""
        wanted = min(max(self.samples, LEAST_GROUPS * self.group), budget)
        return wanted // self.group * self.group

    def stages(self, question: Question, budget: int) -> tuple[int, ...]:
        """Twice as many samples each time."""
        count = self.rows_needed(question, budget)
        return doubling(FIRST_GROUPS * self.group, count) if in_rounds(question) else (count,)


@dataclass(frozen=True, kw_only=True)
class Paired(Method, ABC):
    """Asks pairs of complementary coalitions.

    Attributes:
        masks: Coalitions wanted; the budget may allow fewer.
    """

    masks: int = 1000
    # Whether a pair is asked once at most, so that there is an end to them.
    finite: ClassVar[bool] = False
    # Rows beside the masks that only this method asks (references do not share values).
    extra_masks: ClassVar[int] = 0

    @property
    def draws_as(self) -> str:
        """One stream for all that ask pairs, so that equal settings mean equal coalitions."""
        return "coalitions"

    def least_budget(self, question: Question) -> int:
        """Four masks a player and four more, or all there are.

        With half as many the regression was singular for up to a fifth of the seeds, and nominal
        95 % intervals held 76 to 87 %; from here on none was, and 92 % and more held.
        """
        least = MASKS_A_PLAYER * (question.players.count + 1)
        if self.finite:
            least = min(least, 2 * count_pairs(question.players.count))
        return least * question.masker.n_draws

    def rows_needed(self, question: Question, budget: int) -> int:
        """Masks times draws."""
        masks = 2 * self.n_pairs(question, budget) + self.extra_masks
        return masks * question.masker.n_draws

    def n_pairs(self, question: Question, budget: int) -> int:
        """Pairs that setting, budget and the number of players allow."""
        wanted = max(self.masks, MASKS_A_PLAYER * (question.players.count + 1))
        allowed = min(wanted, budget // question.masker.n_draws) // 2
        return min(allowed, count_pairs(question.players.count)) if self.finite else allowed


@dataclass(frozen=True, kw_only=True)
class Banked(Paired, ABC):
    """Asks pairs of its own for a regression, or the bank of pairs that all of its kind share.

    Attributes:
        estimator: One of `estimators.ESTIMATORS`.
    """

    estimator: str = "auto"

    def choice(self, question: Question, budget: int) -> Choice:
        """How values will be estimated."""
        n_pairs = super().n_pairs(question, budget)
        return choose(
            n_players=question.players.count,
            n_pairs=n_pairs,
            modality=question.case.modality,
            wanted=self.estimator,
            n_paths=self.n_paths(question),
            most=most_pairs(question, n_pairs),
        )

    def n_paths(self, question: Question) -> int:
        """Records from which gradients lead to the case, of which this method has no use."""
        return 0

    def shares_rounds(self, question: Question, budget: int) -> bool:
        """Unless it draws for itself."""
        return not self.choice(question, budget).draws_own

    def n_pairs(self, question: Question, budget: int) -> int:
        """Pairs that setting and budget allow; of the bank no more than there are."""
        allowed = super().n_pairs(question, budget)
        if self.choice(question, budget).name == "regression":
            return allowed
        return min(allowed, count_pairs(question.players.count), MOST_BANK)

    def stops(self, question: Question, budget: int) -> tuple[int, ...]:
        """Pairs asked by the end of each round: at first as many as error bars need to hold.

        With half as many, values were further from those of the end than nothing would have been
        (`python -m benchmarks rounds`): noise must not look like a first estimate.
        """
        n_pairs = self.n_pairs(question, budget)
        if not in_rounds(question):
            return (n_pairs,)
        enough = self.least_budget(question) // (2 * question.masker.n_draws)
        stops = doubling(-(-enough // WHOLE_PASSES) * WHOLE_PASSES, n_pairs)
        own = self.choice(question, budget).draws_own
        return tuple(n for n in stops if self.chosen_for(question, n).draws_own == own)

    def chosen_for(self, question: Question, n_pairs: int) -> Choice:
        """How values would be estimated if no more than so many pairs were asked."""
        return self.choice(question, 2 * n_pairs * question.masker.n_draws)

    def stages(self, question: Question, budget: int) -> tuple[int, ...]:
        """Two masks a pair."""
        draws = question.masker.n_draws
        return tuple(2 * pairs * draws for pairs in self.stops(question, budget))

    def told(self, choice: Choice, *, fitted: bool) -> dict[str, Setting]:
        """What was used and why, as settings of the result."""
        if choice.name != "gaussian process" or fitted:
            return {"estimator": choice.name, "estimator_reason": choice.reason}
        return {
            "estimator": "regression",
            "estimator_reason": "The Gaussian process could not be fitted to these answers.",
        }


def averaged(moments: SampleMoments) -> Attribution:
    """What the samples so far say."""
    return Attribution(
        values=moments.mean,
        std_error=moments.std_error,
        total_error=moments.total_error,
        element_map=moments.element_mean,
        settings={"samples": moments.count},
    )
