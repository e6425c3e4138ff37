"""Reports with one planted cause each: what `benchmarks.injections` has the check find.

A real report of a small model; then one answer of it, or the whole, is replaced by one that was
really asked otherwise, in some flavours relabelled so that nothing but its numbers tells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, cast

import numpy as np
import torch
from torch import Tensor

from benchmarks.subjects import builtin
from benchmarks.toy import SIDE, ToyNetwork
from explainers.consult import consult
from explainers.explanation import MethodId
from explainers.maskers.names import BaselineId, PlayersId
from explainers.methods import METHODS
from explainers.report import ConsultRequest, EvidenceReport
from models.adapter import HasTable, ModelAdapter
from models.case import Case, Modality, image_case
from models.inputs.tabular import record_case
from models.inputs.text import text_case
from models.prediction import Prediction, probabilities_of
from models.samples import reports

CARDS: Final = {method.card.id: method.card for method in METHODS}
FIRST: Final[tuple[MethodId, ...]] = ("integrated_gradients", "kernel_shap", "lime")
BASE: Final[Mapping[Modality, ConsultRequest]] = {
    "image": ConsultRequest(
        methods=FIRST, budget=400, players="grid", n_players=16, baseline="black"
    ),
    "tabular": ConsultRequest(
        methods=FIRST, budget=20_000, players="features", baseline="background"
    ),
    "text": ConsultRequest(methods=FIRST, budget=200, players="words", baseline="mask"),
}
N_WORDS: Final = 60
OTHER_BASELINE: Final[Mapping[Modality, BaselineId]] = {
    "image": "mean",
    "tabular": "average",
    "text": "deletion",
}
OTHER_CUT: Final[Mapping[Modality, PlayersId]] = {
    "image": "superpixels",
    "tabular": "groups",
    "text": "sentences",
}
SENTENCES: Final = (
    "Small left pleural effusion. No pneumothorax. Heart size is normal.",
    "Right lower lobe opacity, likely pneumonia. Mild cardiomegaly. No effusion.",
    "Large right pneumothorax. The lungs are otherwise clear. No fracture.",
    "Enlarged heart with pulmonary edema. Bilateral effusions are present.",
)


def case_of(modality: Modality, seed: int, model: ModelAdapter) -> Case:
    """A smooth random film, a training record, a short text."""
    if modality == "image":
        noise = torch.rand(1, 1, 6, 6, generator=torch.Generator().manual_seed(seed))
        film = torch.nn.functional.interpolate(noise, size=(SIDE, SIDE), mode="bilinear")
        return image_case(film[0, 0].numpy(), name="planted")
    if modality == "text":
        return text_case(SENTENCES[seed % len(SENTENCES)], name="planted")
    if not isinstance(model, HasTable):
        raise TypeError("the record model does not say which columns it reads")
    values = [None if np.isnan(v) else float(v) for v in model.sample[17 * seed + 3]]
    return record_case(values, model.schema, name="planted")


@dataclass(frozen=True)
class Subject:
    """One case with its model, and what other questions about it gave.

    Attributes:
        modality: Kind of the case.
        seed: Which case, which network (films), which random numbers.
        model: Who is asked.
    """

    modality: Modality
    seed: int
    model: ModelAdapter

    @cached_property
    def request(self) -> ConsultRequest:
        """What is asked before anything is planted."""
        return replace(BASE[self.modality], seed=self.seed)

    @cached_property
    def case(self) -> Case:
        """What it is asked about."""
        return case_of(self.modality, self.seed, self.model)

    @cached_property
    def report(self) -> EvidenceReport:
        """The report before anything is planted."""
        return self.asked()

    def asked(
        self,
        request: ConsultRequest | None = None,
        *,
        case: Case | None = None,
        model: ModelAdapter | None = None,
    ) -> EvidenceReport:
        """A real report of another question."""
        return consult(case or self.case, model or self.model, request or self.request)

    @cached_property
    def hard_case(self) -> Case:
        """A case whose many parts take many model runs: of a text sixty words."""
        if self.modality != "text":
            return self.case
        document = reports.load("long").document
        start = 20 * self.seed % (len(document.words) - N_WORDS)
        first, last = document.words[start, 0], document.words[start + N_WORDS - 1, 1]
        return text_case(document.text[int(first) : int(last)] + ".", name="planted")

    @property
    def other_case(self) -> Case:
        """Another case of the kind."""
        return case_of(self.modality, self.seed + 1, self.model)

    @property
    def other_model(self) -> ModelAdapter:
        """Another model of the kind, with the same classes."""
        if self.modality == "image":
            return ToyNetwork(self.seed + 1)
        return cast("ModelAdapter", Blunted(self.model))  # passes the rest on


class Blunted:
    """The same model under other weights: all logits halved."""

    def __init__(self, model: ModelAdapter) -> None:
        self._model: Any = model
        self.card = replace(model.card, weights_sha256="b" * 64)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the model has
        """Everything else is the model's own."""
        return getattr(self._model, name)

    def predict(self, case: Case) -> Prediction:
        """The halved answer, with the model's own input check."""
        before: Prediction = self._model.predict(case)
        logits = before.logits / 2
        probabilities = probabilities_of(logits, self.card.head)
        return replace(before, logits=logits, probabilities=probabilities)

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, *input_shape) -> (n, K)."""
        logits: Tensor = self._model.logits(inputs)
        return logits / 2

    def logits_from_embedding(self, embedding: Tensor, inputs: Tensor) -> Tensor:
        """(n, L, D) -> (n, K)."""
        logits: Tensor = self._model.logits_from_embedding(embedding, inputs)
        return logits / 2


def subjects(modalities: tuple[Modality, ...], n_seeds: int) -> Iterator[Subject]:
    """Every modality under every seed."""
    for modality in modalities:
        model = {"tabular": "recurrence", "text": "report"}.get(modality)
        shared = None if model is None else builtin(model)
        for seed in range(n_seeds):
            yield Subject(modality, seed, ToyNetwork(seed) if shared is None else shared)
