"""What a tabular model relies on as a whole: three answers over the training sample, compared.

Local explanations say why this record got this answer; these say what the model's answers rest on
over many records, and where the three ways of asking part. No labels are needed: the model is
described, not its errors.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.stats import spearmanr

from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Baseline
from explainers.feature_players import feature_players
from explainers.maskers.background import BackgroundMasker
from explainers.methods.base import Method
from explainers.methods.exact_shapley import ExactShapley
from explainers.methods.kernel_shap import KernelShap
from explainers.question import Question, target_named
from explainers.report import EXACT_PLAYERS
from explainers.surrogate_tree import fit_surrogate_tree
from explainers.table_views import MEASURES, Measure, Overview
from models.adapter import HasTable, ModelAdapter
from models.case import Case, FloatArray, TabularPayload
from models.devices import rows_per_pass
from models.errors import UnsupportedMethodError

RECORDS: Final = 100  # explained
DRAWS: Final = 25  # records of the background where every coalition is asked with all of them
JOINT_DRAWS: Final = 100  # where each is asked with one: more of them cost next to nothing
REPEATS: Final = 10  # shuffles of each column
MASKS: Final = 500  # coalitions of one record where there are too many to ask all
SEED: Final = 0


def overview(
    model: ModelAdapter,
    *,
    on_rows: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Overview:
    """Explain the model as a whole on its own training sample.

    Reference:
        Lundberg et al., Nat. Mach. Intell. 2020 (mean |SHAP|, beeswarm); Fisher, Rudin & Dominici,
        JMLR 2019, arXiv:1801.01489 (permutation importance; here the change of the output itself
        instead of the loss); Craven & Shavlik, NIPS 1996 (tree surrogate).

    Raises:
        UnsupportedMethodError: the model does not take records.
        CancelledError: asked to stop.
    """
    if not isinstance(model, HasTable):
        raise UnsupportedMethodError(f"{model.card.title} does not take records.")
    runtime = Runtime(
        max_rows=rows_per_pass(model.device, "tabular"), on_rows=on_rows, cancelled=cancelled
    )
    records = model.sample[:RECORDS]
    shap, title = _shap_values(model, records, runtime)
    game = MaskedPredictor(_question(model, records[0]), runtime)
    changes = _shuffled(model, model.sample, game)
    tree = fit_surrogate_tree(
        model.sample, answers(model, model.sample, game), columns=model.schema.columns
    )
    importance: dict[Measure, FloatArray] = {
        "shap": np.abs(shap).mean(axis=0),
        "permutation": changes.mean(axis=0),
        "tree": tree.importance,
    }
    ranks = np.stack([_ranks(importance[measure]) for measure in MEASURES])
    return Overview(
        names=tuple(column.title for column in model.schema.columns),
        method=title,
        records=np.array(records),
        shap=shap,
        importance=importance,
        error={
            "shap": np.abs(shap).std(axis=0, ddof=1) / np.sqrt(len(shap)),
            "permutation": changes.std(axis=0, ddof=1) / np.sqrt(len(changes)),
            "tree": np.zeros(shap.shape[1]),
        },
        tree=tree,
        rank_correlation=_correlations(importance),
        parted=ranks.max(axis=0) - ranks.min(axis=0),
    )


def answers(model: HasTable, records: FloatArray, game: MaskedPredictor) -> FloatArray:
    """(n,) explained value of raw records (n, F)."""
    return np.asarray(game.evaluate(model.encode_values(records))[:, 0].numpy())


def _shap_values(
    model: ModelAdapter, records: FloatArray, runtime: Runtime
) -> tuple[FloatArray, str]:
    """(B, P) SHAP values of many records, and the title of the method: exact where it can be."""
    count = records.shape[1]
    method, n_draws = _method(model, count)
    budget = DRAWS * (2**count if count <= EXACT_PLAYERS else MASKS)
    found = []
    for record in records:
        question = _question(model, record, n_draws)
        generator = generator_for(SEED, method.card.id, question.case)
        game = MaskedPredictor(question, runtime)
        (explanation,) = method.explain(game, budget=budget, generator=generator, seed=SEED)
        found.append(explanation.values)
    return np.stack(found), method.card.title


def _method(model: ModelAdapter, count: int) -> tuple[Method, int]:
    """How SHAP values of so many features are had, and against how many records."""
    if count <= EXACT_PLAYERS:
        return ExactShapley(), DRAWS
    if "gradient" in model.card.capabilities:
        return KernelShap(estimator="joint design"), JOINT_DRAWS
    return KernelShap(), DRAWS


def _question(model: ModelAdapter, record: FloatArray, n_draws: int = DRAWS) -> Question:
    """The Question about one record of the sample, against so many others."""
    if not isinstance(model, HasTable):
        raise UnsupportedMethodError(f"{model.card.title} does not take records.")
    card, inputs = model.card, model.encode_values(record[None])
    masker = BackgroundMasker(
        inputs,
        model.encode_values(model.sample[:n_draws]),
        baseline=Baseline(name="background", description=f"{n_draws} training records"),
        players=feature_players(model, kind="features"),
    )
    payload = TabularPayload(values=record, schema=model.schema)
    case = Case(digest=payload.content_digest(), name="training record", payload=payload)
    return Question(
        model=model,
        case=case,
        inputs=inputs,
        targets=(target_named(card, card.default_target),),
        scale="logit",
        masker=masker,
    )


def _shuffled(model: HasTable, sample: FloatArray, game: MaskedPredictor) -> FloatArray:
    """(REPEATS, P) mean |change of the value| when one column is shuffled between records."""
    draw = np.random.default_rng(SEED)
    before = answers(model, sample, game)
    changes = np.empty((REPEATS, sample.shape[1]))
    for repeat in range(REPEATS):
        for column in range(sample.shape[1]):
            mixed = sample.copy()
            mixed[:, column] = draw.permutation(mixed[:, column])
            changes[repeat, column] = np.abs(answers(model, mixed, game) - before).mean()
    return changes


def _ranks(values: FloatArray) -> FloatArray:
    """Average ranks by size, 1 = largest."""
    order = np.array([(values > v).sum() + ((values == v).sum() + 1) / 2 for v in values])
    return np.asarray(order)


def _correlations(importance: dict[Measure, FloatArray]) -> FloatArray:
    """(3, 3) Spearman between measures; NaN against a constant one."""
    matrix = np.eye(len(MEASURES))
    for i, one in enumerate(MEASURES):
        for j, two in enumerate(MEASURES[:i]):
            flat = np.ptp(importance[one]) == 0 or np.ptp(importance[two]) == 0
            rho = np.nan if flat else float(spearmanr(importance[one], importance[two]).statistic)
            matrix[i, j] = matrix[j, i] = rho
    return matrix
