"""The EvidenceReport: the only thing views receive, and what is exported. numpy only.

Contains no pixels and no text of the case; a digest names it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from explainers.agreement import Agreement
from explainers.causes import Cause
from explainers.consensus_report import Consensus
from explainers.explanation import Baseline, Explanation, MethodId, Scale, Target
from explainers.faithfulness_report import Faithfulness
from explainers.guard import NothingToExplain
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF, BaselineId, PlayersId
from explainers.players import Players
from explainers.referee_report import RefereeReport
from explainers.referee_sides import TwoSided
from explainers.trials import NO_TRIALS, Trials
from models.card import ModelCard
from models.case import Case, FloatArray, ImageFrame, Modality, digest_of
from models.prediction import Prediction

SCHEMA_VERSION = "1.3"
EXACT_PLAYERS: Final = 12  # up to here all 2^P coalitions are asked
# Rows are cheap for tables: 2^12 coalitions of 100 draws are 409,600. KernelSHAP and LIME ask 1,000
# coalitions of a text; two thousand take Partition SHAP to the leaves of a report of 45 words.
BUDGET_OF: Final[Mapping[Modality, int]] = {"image": 1000, "tabular": 500_000, "text": 2000}
DEFAULT_METHODS: tuple[MethodId, ...] = ("grad_cam", "kernel_shap", "lime")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultRequest:
    """What is asked for; hashable. With case digest and weights hash it decides the result.

    Attributes:
        methods: Method ids, in display order.
        target: Class name, None for the model's default target (of findings: the most probable).
        contrast: Class to compare the target with, None for the target alone.
        budget: Forward rows allowed for each method.
        seed: The one seed; each method derives its own stream from it.
        scale: "logit" (log-odds) or "probability".
        baseline: What stands in for absent players; one of the modality's.
        players: How the input is cut; one of the modality's.
        n_players: About how many regions an image is cut into, or groups at most a record.
        budgets: Methods that may spend another number of rows than `budget`, each once.
        look: Which planned look at growing budgets this is; 0 for a report by itself. Verdicts are
            judged at that look's level (`verdicts.LEVELS`).
    """

    methods: tuple[MethodId, ...] = DEFAULT_METHODS
    target: str | None = None
    contrast: str | None = None
    budget: int = 1000
    seed: int = 0
    scale: Scale = "logit"
    baseline: BaselineId = "blur"
    players: PlayersId = "superpixels"
    n_players: int = 36
    budgets: tuple[tuple[MethodId, int], ...] = ()
    look: int = 0

    def budget_of(self, method: MethodId) -> int:
        """Forward rows allowed for one method."""
        return dict(self.budgets).get(method, self.budget)

    def key(self, case: Case, model: ModelCard) -> str:
        """Cache key: SHA-256 hex over everything that decides a report, the case's remarks too."""
        fields = [f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__]
        asked = (model.id, model.weights_sha256, model.digest, case.digest, *fields)
        return digest_of(*(part.encode() for part in (*asked, "remarks", *case.remarks)))


def default_request(card: ModelCard) -> ConsultRequest:
    """What is asked of a model unless the user chooses otherwise: one method of each family."""
    modality = card.modality
    gradient = "gradient" in card.capabilities
    methods: dict[Modality, tuple[MethodId, ...]] = {
        "image": DEFAULT_METHODS,
        "tabular": (
            "integrated_gradients" if gradient else "occlusion",
            "exact_shapley" if len(tabular_columns(card)) <= EXACT_PLAYERS else "kernel_shap",
            "lime_tabular",
        ),
        "text": ("integrated_gradients" if gradient else "occlusion", "kernel_shap", "lime"),
    }
    return ConsultRequest(
        methods=methods[modality],
        budget=BUDGET_OF[modality],
        baseline=next(iter(BASELINES_OF[modality])),
        players=next(iter(PLAYERS_OF[modality])),
    )


def tabular_columns(card: ModelCard) -> list[str]:
    """Names of a tabular model's columns; empty for other models."""
    return [str(column["name"]) for column in card.document.get("schema", [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFailure:
    """A method that could not answer, and why, in one or two sentences for the user."""

    method: MethodId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EvidenceReport:
    """Everything one consultation found.

    Attributes:
        case_digest: Names the case.
        modality: Its kind.
        model: Card of the model asked.
        prediction: What the model says, with the input check.
        request: What was asked.
        target: The class explained.
        baseline: What stood in for absent players.
        players: The parts of the input all values refer to.
        frame: Part of the film that the players cover, None where not an image.
        explanations: Answers, in request order.
        failures: Methods that could not answer.
        agreement: Comparison of the answers, None with fewer than two or nothing to explain.
        nothing_to_explain: Why answers are not compared and maps are drawn faintly; empty when
            there is something to explain.
        faithfulness: What the model does along each method's order, None before it was asked.
        consensus: The methods together, and what that hides; None as `faithfulness`.
        referee: What the model does when parts are hidden, in the order asked.
        comparability: What sets answers apart besides the methods; empty where nothing does.
        trials: How the methods stood two trials, as far as the reader asked for them.
        remarks: Sentences for the user.
        environment: Versions, device, dtype.
    """

    case_digest: str
    modality: Modality
    model: ModelCard
    prediction: Prediction
    request: ConsultRequest
    target: Target
    baseline: Baseline
    players: Players
    frame: ImageFrame | None
    explanations: tuple[Explanation, ...]
    failures: tuple[MethodFailure, ...]
    agreement: Agreement | None
    nothing_to_explain: tuple[NothingToExplain, ...] = ()
    faithfulness: Faithfulness | None = None
    consensus: Consensus | None = None
    referee: tuple[RefereeReport | TwoSided, ...] = ()
    comparability: tuple[Cause, ...] = ()
    trials: Trials = NO_TRIALS
    remarks: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def log_odds(self) -> FloatArray:
        """(K,) log-odds of each class, the number that the logit scale explains."""
        logits = self.prediction.logits
        if self.model.head == "sigmoid":
            return logits
        others = [np.logaddexp.reduce(np.delete(logits, k)) for k in range(len(logits))]
        return np.asarray(logits - others)
