"""The randomised-weights twin: does an explanation change when the model's learning is gone?

Cascading randomisation (Adebayo et al., NeurIPS 2018, arXiv:1810.03292, section 3.1): twins of the
model with random weights from the head down are explained as the model was, and the maps compared.
Differs: weights are shuffled within their layer (`models.twins`); similarity is measured between
two marks, the twin's maps of other cases below, the method's own re-run above; what decides is a
stated rule with an interval over cases and twins, not the eye.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from explainers.asking import ask
from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Explanation, MethodId
from explainers.methods import methods_named
from explainers.methods.base import Method
from explainers.rank_similarity import unit_ranks
from explainers.report import ConsultRequest, default_request
from explainers.sanity_report import (
    BUDGET,
    N_PARTS,
    N_TWINS,
    CaseSanity,
    Depth,
    MethodSanity,
    SanityReport,
    case_sanity,
)
from models.adapter import HasTwin, ModelAdapter
from models.case import Case, FloatArray, digest_of
from models.devices import rows_per_pass
from models.errors import CancelledError, ConsiliumError, UnsupportedMethodError


def sanity(
    model: ModelAdapter,
    cases: Sequence[Case],
    methods: Sequence[MethodId],
    *,
    runtime: Runtime | None = None,
) -> SanityReport:
    """Compare methods' maps of a model with those of its randomised twins.

    Args:
        model: The model; of several kinds only networks have a twin.
        cases: Two or more, of its modality.
        methods: Which to ask; those that cannot answer are named with the reason.
        runtime: How to compute; None takes the device's default.

    Raises:
        UnsupportedMethodError: the model has no weights to randomise.
        CancelledError: the user cancelled.
    """
    bench = _Bench(model, tuple(cases), runtime or _default_runtime(model))
    started, before = time.perf_counter(), bench.runtime.rows
    found, refused = [], {}
    for method in methods_named(dict.fromkeys(methods)):
        try:
            found.append(_examined(bench, method))
        except CancelledError:
            raise
        except ConsiliumError as error:
            refused[method.card.id] = str(error)
    return SanityReport(
        model_id=model.card.id,
        weights_sha256=model.card.weights_sha256,
        depths=bench.depths,
        n_cases=len(cases),
        n_twins=N_TWINS,
        methods=tuple(found),
        refused={str(name): why for name, why in refused.items()},
        rows=bench.runtime.rows - before,
        seconds=time.perf_counter() - started,
    )


def sanity_of_case(
    model: ModelAdapter,
    case: Case,
    found: SanityReport,
    reference: Sequence[Case],
    *,
    target: str | None = None,
    runtime: Runtime | None = None,
) -> tuple[CaseSanity, ...]:
    """What survives of each method's map of one case.

    Args:
        model: The model that `found` is about.
        case: The case.
        found: Over the reference cases: gives floors and ceilings.
        reference: The cases that `found` was made from: they make the same twins.
        target: Class explained; None takes the most probable.
        runtime: How to compute.

    Raises:
        ConsiliumError: see `sanity`.
    """
    bench = _Bench(model, tuple(reference), runtime or _default_runtime(model))
    answers = []
    for entry in found.methods:
        (method,) = methods_named([entry.method])
        (map_,) = bench.maps(method, model, [case], target=target)
        own = [
            [map_ @ bench.maps(method, twin, [case], target=target)[0] for twin in twins]
            for twins in bench.twins
        ]
        answers.append(case_sanity(entry, np.array(own)))
    return tuple(answers)


def rows_of_sanity(model: ModelAdapter, cases: Sequence[Case], methods: Sequence[MethodId]) -> int:
    """Model rows that `sanity` will spend, about."""
    if not isinstance(model, HasTwin):
        return 0
    total = 0
    question = ask(cases[0], model, request_for(model))
    for method in methods_named(dict.fromkeys(methods)):
        try:
            method.require(question, BUDGET[model.card.modality])
        except ConsiliumError:
            continue
        runs = 1 + len(depths_of(model)) * N_TWINS + method.card.stochastic
        shared = 1 + question.masker.n_draws
        total += runs * (shared + method.rows_needed(question, BUDGET[model.card.modality]))
    return total * len(cases)


def depths_of(model: HasTwin) -> tuple[Depth, ...]:
    """The head, the half of the layers nearest to it, everything; each once."""
    count = len(model.layers)
    wanted = {1: "the head", -(-count // 2): "the upper half of the layers", count: "all layers"}
    return tuple(
        Depth(name=name, layers=layers, share=layers / count)
        for layers, name in sorted(wanted.items())
    )


def request_for(model: ModelAdapter, *, seed: int = 0) -> ConsultRequest:
    """What is asked: as by default, on cells that are the same on every film."""
    request = replace(default_request(model.card), seed=seed)
    if model.card.modality == "image":
        return replace(request, players="grid", n_players=N_PARTS)
    return request


def _examined(bench: "_Bench", method: Method) -> MethodSanity:
    """One method over all cases and twins."""
    explained = bench.explained(method, bench.model, bench.cases)
    ours = _ranks(explained)
    ceiling = np.ones(len(ours))
    if method.card.stochastic:
        again = _ranks(bench.explained(method, bench.model, bench.cases, seed=1))
        ceiling = np.array([a @ b for a, b in zip(ours, again, strict=True)])
    own, other = [], []
    for twins in bench.twins:
        pairs = [_alike(ours, bench.maps(method, twin, bench.cases)) for twin in twins]
        own.append(np.stack([pair[0] for pair in pairs], axis=1))
        other.append(np.stack([pair[1] for pair in pairs], axis=1))
    return MethodSanity(
        method=method.card.id,
        level="pixels" if _on_pixels(explained[0]) else "parts",
        own=np.array(own),
        other=np.array(other),
        ceiling=ceiling,
    )


def _alike(ours: Sequence[FloatArray], twins: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
    """(C,) similarity with the twin's map of the same case, and mean with those of other cases."""
    if len({len(row) for row in ours}) > 1:  # texts: no word of one is a word of another
        same = np.array([a @ b for a, b in zip(ours, twins, strict=True)])
        return same, np.zeros_like(same)
    table = np.stack(ours) @ np.stack(twins).T
    own = np.diag(table)
    defined = np.isfinite(table) & ~np.eye(len(table), dtype=np.bool_)
    count = defined.sum(axis=1)
    total = np.where(defined, table, 0.0).sum(axis=1)
    return own, np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _on_pixels(explanation: Explanation) -> bool:
    """Whether a method has a map finer than the parts of a film."""
    return explanation.element_map is not None and explanation.players.kind == "grid cell"


def _ranks(explanations: Sequence[Explanation]) -> list[FloatArray]:
    """Unit ranks of the |values| of each: of pixels, or of parts."""
    return [
        unit_ranks(np.abs(_finest(explanation))[None])[0].astype(np.float32)
        for explanation in explanations
    ]


def _finest(explanation: Explanation) -> FloatArray:
    """The map that is compared."""
    fine = explanation.element_map
    return fine if fine is not None and _on_pixels(explanation) else explanation.values


def _default_runtime(model: ModelAdapter) -> Runtime:
    """As much at once as the device likes."""
    return Runtime(max_rows=rows_per_pass(model.device, model.card.modality))


@dataclass(frozen=True)
class _Bench:
    """A model with its twins, and cases to ask all of them about."""

    model: ModelAdapter
    cases: tuple[Case, ...]
    runtime: Runtime
    depths: tuple[Depth, ...] = ()
    twins: tuple[tuple[ModelAdapter, ...], ...] = ()

    def __post_init__(self) -> None:
        """Make the twins, K at each depth."""
        if not isinstance(self.model, HasTwin):
            raise UnsupportedMethodError(
                f"{self.model.card.title} has no weights that could be replaced by random ones."
            )
        reference = torch.zeros(0)
        if self.model.card.modality == "image":
            reference = torch.cat([self.model.encode(case) for case in self.cases])
        object.__setattr__(self, "depths", depths_of(self.model))
        made = tuple(
            tuple(
                self.model.twin(depth.layers, seed=twin_seed(self.model, k), reference=reference)
                for k in range(N_TWINS)
            )
            for depth in self.depths
        )
        object.__setattr__(self, "twins", made)

    def maps(
        self,
        method: Method,
        model: ModelAdapter,
        cases: Sequence[Case],
        *,
        target: str | None = None,
    ) -> list[FloatArray]:
        """Unit ranks of a method's map of each case; zeros for a twin's map that ranks nothing.

        Such a map keeps nothing of the model's: it is as far from it as from any other.
        """
        found = _ranks(self.explained(method, model, cases, target=target))
        return found if model is self.model else [np.nan_to_num(ranks) for ranks in found]

    def explained(
        self,
        method: Method,
        model: ModelAdapter,
        cases: Sequence[Case],
        *,
        seed: int = 0,
        target: str | None = None,
    ) -> list[Explanation]:
        """A method's answers about the model or a twin; about the same class in both."""
        return [answer for case in cases for answer in self._one(method, model, case, seed, target)]

    def _one(
        self, method: Method, model: ModelAdapter, case: Case, seed: int, target: str | None
    ) -> Iterator[Explanation]:
        request = request_for(model, seed=seed)
        named = target or _most_probable(self.model, case)
        game = MaskedPredictor(ask(case, model, replace(request, target=named)), self.runtime)
        budget = BUDGET[model.card.modality]
        draw = generator_for(seed, method.draws_as, case)
        yield from method.explain(game, budget=budget, generator=draw, seed=seed)


def _most_probable(model: ModelAdapter, case: Case) -> str:
    """The class explained of a reference case: of an answer that a model gives there are maps."""
    return model.card.classes[int(model.predict(case).probabilities.argmax())]


def twin_seed(model: ModelAdapter, index: int) -> int:
    """Seed of a twin: fixed by the model's weights."""
    told = digest_of(b"twin", model.card.weights_sha256.encode(), str(index).encode())
    return int(told[:8], 16)
