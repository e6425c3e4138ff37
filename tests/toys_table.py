"""Toy models of records whose right explanations are known in closed form.

A record has three numbers (`size` and `nodes` go together), a category, and a number that may be
missing. A number is encoded as its standardised value and a missing flag, a category as one-hot
places and a missing flag: (n, 12) elements in five columns.
"""

import threading
from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
import xgboost
from torch import Tensor

from explainers.explanation import Baseline, Scale, Target
from explainers.feature_players import feature_players
from explainers.maskers.background import BackgroundMasker
from explainers.players import Players
from explainers.question import Question
from models.card import Capability, ModelCard
from models.case import Case, FloatArray, TabularPayload
from models.prediction import Prediction, probabilities_of
from models.schema import Column, TableSchema
from tests.toys import two_logits

N_RECORDS = 400
N_DRAWS = 10  # records of the background of `table_question_for`
KINDS: dict[str, Literal["number", "category"]] = {
    "age": "number",
    "size": "number",
    "nodes": "number",
    "grade": "category",
    "marker": "number",
}
GRADES = ("low", "middle", "high")
RECORD = np.array([71.0, 38.0, 6.0, 2.0, 11.5])
Score = Callable[[Tensor], Tensor]


def toy_sample(seed: int = 0, *, n_records: int = N_RECORDS) -> FloatArray:
    """(n_records, 5) raw records; a fifth of the markers is missing."""
    rng = np.random.default_rng(seed)
    age = rng.normal(60, 10, n_records)
    size = rng.normal(25, 8, n_records)
    nodes = np.clip(np.round(0.2 * (size - 15) + rng.normal(1, 0.8, n_records)), 0, None)
    grade = rng.choice(3, n_records, p=[0.2, 0.5, 0.3]).astype(float)
    marker = np.where(rng.random(n_records) < 0.2, np.nan, rng.gamma(4, 2, n_records))
    return np.stack([age, size, nodes, grade, marker], axis=1)


def toy_schema(sample: FloatArray) -> TableSchema:
    """The five columns with the percentiles of a sample."""
    columns = []
    for (name, kind), values in zip(KINDS.items(), sample.T, strict=True):
        ranks = np.nanpercentile(values, np.arange(101)) if kind == "number" else ()
        columns.append(
            Column(
                name=name,
                title=name.capitalize(),
                kind=kind,
                categories=GRADES if kind == "category" else (),
                whole=name == "nodes",
                percentiles=tuple(float(rank) for rank in ranks),
            )
        )
    return TableSchema(columns=tuple(columns))


class ToyTableModel:
    """An adapter around `score`: encoded records (n, 12) -> (n,) log-odds of "present".

    Logits are (-score / 2, score / 2), so softmax gives sigmoid(score).
    """

    def __init__(
        self,
        score: Score,
        *,
        sample: FloatArray | None = None,
        capabilities: frozenset[Capability] = frozenset({"gradient"}),
        weights_sha256: str = "0" * 64,
    ) -> None:
        self.score = score
        self.sample = toy_sample() if sample is None else sample
        self.schema = toy_schema(self.sample)
        widths = [1 + max(1, len(column.categories)) for column in self.schema.columns]
        self.element_columns = np.repeat(np.arange(len(widths), dtype=np.int32), widths)
        self.centre = np.nanmean(self.sample, axis=0)
        self.spread = np.nanstd(self.sample, axis=0)
        self.lock = threading.RLock()
        self.device = torch.device("cpu")
        self.passes: list[int] = []
        self.card = ModelCard(
            id="toy-table",
            title="Toy table model",
            modality="tabular",
            classes=("absent", "present"),
            head="softmax",
            input_shape=(len(self.element_columns),),
            weights_sha256=weights_sha256,
            capabilities=capabilities,
            default_target="present",
            operating_point=0.5,
            intended_use="Tests.",
            limits=(),
        )

    def encode_values(self, values: FloatArray) -> Tensor:
        parts = []
        for index, column in enumerate(self.schema.columns):
            missing = np.isnan(values[:, index])
            if column.kind == "category":
                places = values[:, index, None] == np.arange(len(column.categories))
            else:
                standard = (values[:, index] - self.centre[index]) / self.spread[index]
                places = np.where(missing, 0.0, standard)[:, None]
            parts += [places, missing[:, None]]
        return torch.from_numpy(np.concatenate(parts, axis=1).astype(np.float32))

    def encode(self, case: Case) -> Tensor:
        return self.encode_values(case.record.values[None])

    def logits(self, inputs: Tensor) -> Tensor:
        self.passes.append(len(inputs))
        return two_logits(self.score(inputs))

    def predict(self, case: Case) -> Prediction:
        logits = self.logits(self.encode(case))[0].double().numpy()
        return Prediction(
            classes=self.card.classes,
            logits=logits,
            probabilities=probabilities_of(logits, "softmax"),
        )


class LinearTableModel(ToyTableModel):
    """Score = bias + weights . elements, and says so."""

    def __init__(
        self, weights: Tensor, *, bias: float = 0.0, sample: FloatArray | None = None
    ) -> None:
        self.weights, self.bias = weights, bias
        super().__init__(
            lambda x: bias + x @ weights.to(x.dtype),
            sample=sample,
            capabilities=frozenset({"gradient", "linear"}),
        )

    def linear_form(self) -> tuple[Tensor, Tensor]:
        half, shift = self.weights / 2, torch.tensor(self.bias / 2)
        return torch.stack([-half, half]), torch.stack([-shift, shift])


class LayeredTableModel(ToyTableModel):
    """The same score behind a linear layer that only turns the twelve elements: HasFirstLayer."""

    def __init__(self, score: Score) -> None:
        super().__init__(score)
        generator = torch.Generator().manual_seed(5)
        self.turn = torch.linalg.qr(torch.randn(12, 12, generator=generator, dtype=torch.float64))[
            0
        ]
        self.shift = torch.randn(12, generator=generator)

    def first_layer(self) -> tuple[Tensor, Tensor]:
        return self.turn.float(), self.shift

    def logits_from_first_layer(self, hidden: Tensor) -> Tensor:
        return self.logits((hidden - self.shift).double() @ self.turn)


class TreesTableModel(ToyTableModel):
    """A boosted ensemble that imitates `score` on the sample: no gradient, reads what it reads."""

    def __init__(self, score: Score, *, sample: FloatArray | None = None, rounds: int = 30) -> None:
        super().__init__(self._margins, sample=sample, capabilities=frozenset({"trees"}))
        inputs = self.encode_values(self.sample).requires_grad_()
        goals = score(inputs)
        read = torch.autograd.grad(goals.sum(), inputs)[0].abs().sum(dim=0) > 0
        shown = (inputs.detach() * read).numpy()  # a constant element is never split on
        settings = {"max_depth": 3, "nthread": 1, "base_score": 0.0, "seed": 0}
        data = xgboost.DMatrix(shown, label=goals.detach().numpy())
        self.booster = xgboost.train(settings, data, num_boost_round=rounds)

    def _margins(self, inputs: Tensor) -> Tensor:
        found = self.booster.inplace_predict(inputs.numpy(force=True), predict_type="margin")
        return torch.from_numpy(np.asarray(found, dtype=np.float32))

    def trees(self) -> object:
        return self.booster

    def margins_to_logits(self, margins: FloatArray) -> FloatArray:
        return np.stack([-margins / 2, margins / 2], axis=1)


def linear_table_model(seed: int = 0) -> LinearTableModel:
    """Random weights on all twelve elements."""
    weights = torch.randn(12, generator=torch.Generator().manual_seed(seed))
    return LinearTableModel(weights, bias=0.3)


def smooth_score(inputs: Tensor) -> Tensor:
    """A curved score with interactions that reads every column."""
    x = inputs.double()
    grade = x[:, 6] * 0.2 + x[:, 7] * 0.5 + x[:, 8] * 1.1 - x[:, 9]
    mixed = x[:, 0] * x[:, 2] * 0.5 + grade * x[:, 4] + x[:, 10] - 0.5 * x[:, 11]
    return 2 * torch.tanh(0.3 * x[:, 0] + 0.4 * x[:, 2] + 0.5 * mixed)


def product_score(inputs: Tensor) -> Tensor:
    """Standardised age times standardised size: the smallest interaction."""
    return inputs[:, 0].double() * inputs[:, 2].double()


def planted_score(column: str) -> Score:
    """Reads one number only: three times its standardised value."""
    element = 2 * list(KINDS).index(column) if KINDS[column] == "number" else -1
    if column == "marker":
        element = 10
    if element < 0:
        raise ValueError(f"{column} is no number")
    return lambda x: 3 * x[:, element].double()


def table_case(values: FloatArray = RECORD, *, name: str = "toy record") -> Case:
    """One record: by default an old patient with a large tumour and a high marker."""
    payload = TabularPayload(values=values, schema=toy_schema(toy_sample()))
    return Case(digest=payload.content_digest(), name=name, payload=payload)


def table_question_for(
    model: ToyTableModel,
    case: Case,
    *,
    players: Players | None = None,
    scale: Scale = "logit",
    background: Tensor | None = None,
    targets: tuple[Target, ...] = (Target(index=1, name="present"),),
) -> Question:
    """A Question on five features against ten records of the sample, unless told otherwise."""
    inputs = model.encode(case)
    draws = model.encode_values(model.sample[:N_DRAWS]) if background is None else background
    masker = BackgroundMasker(
        inputs,
        draws,
        baseline=Baseline(name="background", description="ten records"),
        players=players or feature_players(model, kind="features"),
    )
    return Question(
        model=model, case=case, inputs=inputs, targets=targets, scale=scale, masker=masker
    )
