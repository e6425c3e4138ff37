"""A record and a text made by hand, and reports about them, beside the film of tests/reports."""

import numpy as np

from explainers.agreement import compare
from explainers.explanation import Baseline, Explanation, MethodId, Target
from explainers.maskers.names import PlayersId
from explainers.players import PlayerKind, Players
from explainers.report import ConsultRequest, EvidenceReport
from models.card import ModelCard
from models.case import Case, Modality, TabularPayload, TextPayload
from models.prediction import Prediction
from models.schema import Column, TableSchema
from tests import reports

SCHEMA = TableSchema(
    columns=(
        Column(
            name="age",
            title="Age",
            kind="number",
            unit="years",
            whole=True,
            percentiles=tuple(float(v) for v in range(101)),
        ),
        Column(name="grade", title="Grade", kind="category", categories=("low", "high")),
        Column(
            name="nodes",
            title="Positive nodes <i>counted</i>",
            kind="number",
            whole=True,
            percentiles=(0.0,) * 60 + tuple(float(v) for v in range(41)),
        ),
    )
)
RECORD = TabularPayload(values=np.array([54.0, 1.0, np.nan]), schema=SCHEMA, row=2, n_rows=3)
TEXT = TextPayload(
    text="No effusion seen.\nHeart <b>large</b> & *wide*. Unread tail.",
    words=np.array(
        [[0, 2], [3, 11], [12, 16], [18, 23], [27, 32], [40, 44], [47, 53], [54, 58]], np.int32
    ),
    sentence_of=np.array([0, 0, 0, 1, 1, 1, 2, 2], np.int32),
)

BASELINE = Baseline(name="elsewhere", description="what others have")
TARGET = Target(index=1, name="sick")


def record_case(**changed: object) -> Case:
    """A woman of 54 with a high grade and no count of nodes."""
    fields: dict[str, object] = {"digest": RECORD.content_digest(), "payload": RECORD}
    return Case(**{**fields, "name": "Jane.csv", **changed})  # type: ignore[arg-type]


def text_case() -> Case:
    """Three sentences, of which a model reads the first two."""
    return Case(digest=TEXT.content_digest(), name="Jane.txt", payload=TEXT)


def record_report(**changed: object) -> EvidenceReport:
    """Three features, two methods that agree on the first and differ on the second."""
    players = Players(
        membership=np.array([0, 1, 1, 2, 2], dtype=np.int32),
        element_shape=(5,),
        kind="feature",
        names=tuple(column.title for column in SCHEMA.columns),
    )
    return _report("tabular", players, "features", **changed)


def text_report(kind: PlayerKind = "word", **changed: object) -> EvidenceReport:
    """The six words that the model reads, or their two sentences."""
    spans = {"word": [(i, i + 1) for i in range(6)], "sentence": [(0, 3), (3, 6)]}[kind]
    owner = [p for p, (start, stop) in enumerate(spans) for _ in range(start, stop)]
    players = Players(
        membership=np.array([-1, *owner, -1], dtype=np.int32),
        element_shape=(8,),
        kind=kind,
        names=tuple(f"{kind}, {start + 1} to {stop}" for start, stop in spans),
        word_spans=tuple(spans),
        groups=(0, 0, 0, 1, 1, 1) if kind == "word" else (0, 1),
    )
    cut: PlayersId = "words" if kind == "word" else "sentences"
    return _report("text", players, cut, **changed)


def _report(
    modality: Modality, players: Players, cut: PlayersId, **changed: object
) -> EvidenceReport:
    """Both methods see the first part; only LIME sees the second, at the same weight."""
    values = np.full(players.count, 0.001)
    values[0] = -1.0
    lime = values + np.eye(players.count)[1]
    answers = (
        _answer("kernel_shap", players, values),
        _answer("lime", players, lime, std_error=np.full(players.count, 0.01)),
    )
    fields: dict[str, object] = {
        "modality": modality,
        "model": _card(modality, players.element_shape),
        "prediction": Prediction(
            classes=("well", "sick"),
            logits=np.array([-0.7, 0.7]),
            probabilities=np.array([0.2, 0.8]),
        ),
        "request": ConsultRequest(
            methods=("kernel_shap", "lime"),
            players=cut,
            baseline="average" if modality == "tabular" else "mask",
        ),
        "target": TARGET,
        "baseline": BASELINE,
        "players": players,
        "frame": None,
        "explanations": answers,
        "failures": (),
        "agreement": compare(answers, titles={"kernel_shap": "SHAP", "lime": "LIME"}),
        "remarks": (),
    }
    return reports.report(**{**fields, **changed})


def _answer(
    method: MethodId, players: Players, values: np.ndarray, **changed: object
) -> Explanation:
    """One method's values."""
    fields: dict[str, object] = {
        "players": players,
        "values": values,
        "std_error": None,
        "element_map": None,
        "scale": "logit",
        "value_full": 3.0,
        "value_empty": 0.0,
        "baseline": BASELINE,
        "target": TARGET,
    }
    return reports.explanation(method, **{**fields, **changed})


def _card(modality: Modality, shape: tuple[int, ...]) -> ModelCard:
    """A model of this modality."""
    return ModelCard(
        id="hand",
        title="Hand-made model",
        modality=modality,
        classes=("well", "sick"),
        head="softmax",
        input_shape=shape,
        weights_sha256="a" * 64,
        capabilities=frozenset(),
        default_target="sick",
        operating_point=0.3,
        intended_use="Tests.",
        limits=("One.", "Another."),
    )
