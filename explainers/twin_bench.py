"""A model with its randomised twins, and methods asked about all of them in the same way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from explainers.asking import ask
from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Explanation
from explainers.methods.base import Method
from explainers.question import Question
from explainers.rank_similarity import unit_ranks
from explainers.report import ConsultRequest, default_request
from explainers.sanity_report import BUDGET, MOST_TIMES, N_PARTS, Depth
from models.adapter import HasTwin, ModelAdapter
from models.case import Case, FloatArray, digest_of
from models.errors import UnsupportedMethodError


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinBench:
    """A model with its twins; made by `twin_bench`.

    Attributes:
        model: The model itself.
        depths: (D,) from little to everything.
        twins: (D, K).
        runtime: How to compute.
    """

    model: ModelAdapter
    depths: tuple[Depth, ...]
    twins: tuple[tuple[ModelAdapter, ...], ...]
    runtime: Runtime

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
        found = ranks_of_maps(self.explained(method, model, cases, target=target))
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
        question = ask(case, model, replace(request, target=named))
        game, budget = MaskedPredictor(question, self.runtime), budget_for(method, question)
        draw = generator_for(seed, method.draws_as, case)
        yield from method.explain(game, budget=budget, generator=draw, seed=seed)


def twin_bench(
    model: ModelAdapter, reference: Sequence[Case], runtime: Runtime, *, n_twins: int
) -> TwinBench:
    """Make the twins, K at each depth; seeded by the model's weights.

    Raises:
        UnsupportedMethodError: the model has no weights to randomise.
    """
    if not isinstance(model, HasTwin):
        raise UnsupportedMethodError(
            f"{model.card.title} has no weights that could be replaced by random ones."
        )
    inputs = torch.zeros(0)
    if model.card.modality == "image":
        inputs = torch.cat([model.encode(case) for case in reference])
    depths = depths_of(model)
    twins = tuple(
        tuple(
            model.twin(depth.layers, seed=_twin_seed(model, k), reference=inputs)
            for k in range(n_twins)
        )
        for depth in depths
    )
    return TwinBench(model=model, depths=depths, twins=twins, runtime=runtime)


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


def budget_for(method: Method, question: Question) -> int:
    """Rows of one map: more where the method needs them, as for texts of many words."""
    usual = BUDGET[question.case.modality]
    return max(usual, min(method.least_budget(question), MOST_TIMES * usual))


def on_pixels(explanation: Explanation) -> bool:
    """Whether a method has a map finer than the parts of a film."""
    return explanation.element_map is not None and explanation.players.kind == "grid cell"


def ranks_of_maps(explanations: Sequence[Explanation]) -> list[FloatArray]:
    """Unit ranks of the |values| of each: of pixels, or of parts."""
    return [
        unit_ranks(np.abs(_finest(explanation))[None])[0].astype(np.float32)
        for explanation in explanations
    ]


def _finest(explanation: Explanation) -> FloatArray:
    """The map that is compared."""
    fine = explanation.element_map
    return fine if fine is not None and on_pixels(explanation) else explanation.values


def _most_probable(model: ModelAdapter, case: Case) -> str:
    """The class explained of a reference case: of an answer that a model gives there are maps."""
    return model.card.classes[int(model.predict(case).probabilities.argmax())]


def _twin_seed(model: ModelAdapter, index: int) -> int:
    """Seed of a twin: fixed by the model's weights."""
    told = digest_of(b"twin", model.card.weights_sha256.encode(), str(index).encode())
    return int(told[:8], 16)
