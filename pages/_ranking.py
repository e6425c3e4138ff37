"""The ranking on the Methods page: one long job a model, kept for everybody."""

from typing import TYPE_CHECKING, TypeAlias

import streamlit as st

from components import long_job, ranking_panel
from components.jobs import Job
from explainers.explanation import MethodCard, MethodId
from explainers.ranking import BUDGET, N_CASES, MethodRanking
from models.card import ModelCard
from pages import _cases, _wiring

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explainers.engine import Runtime
    from explainers.explanation import Explanation
    from explainers.question import Question

Asked: TypeAlias = tuple[str, tuple[MethodId, ...], bool]


def show() -> None:
    """Draw the pickers, the button and what was found."""
    cards = _wiring.methods()
    model, methods, own = ranking_panel.choices(
        cards, _wiring.cards(), has_folder=bool(_cases.folder()), key="ranking"
    )
    if len(methods) < 2:
        st.caption("Choose two methods or more.")
        return
    ids = tuple(card.id for card in methods)
    asked = (model.weights_sha256, ids, own)
    known = None if own else _known().get(asked)
    found = known or long_job.result_of(
        lambda: _start(model, asked),
        button="Rank these methods",
        words=f"Asking {model.title}.",
        planned=_at_most(model, methods),
        key=f"ranking.{asked}",
        speed=_wiring.speed_of(model.id),
    )
    if isinstance(found, MethodRanking):
        ranking_panel.show(found, {card.id: card.title for card in cards})


@st.cache_resource(show_spinner=False)
def _known() -> dict[Asked, MethodRanking]:
    """What was found over samples: nothing of any case of a user."""
    return {}


def _at_most(model: ModelCard, methods: tuple[MethodCard, ...]) -> int:
    """Model rows, before the model is asked how many it takes; the curves are less than three."""
    return N_CASES * (len(methods) + 3) * BUDGET[model.modality]


def _start(model: ModelCard, asked: Asked) -> Job:
    """Queue the work."""
    desk = _wiring.desk(model.id)

    def work(job: Job) -> None:
        from explainers.method_scores import method_scores, rows_of_curves, rows_of_scores
        from explainers.reference_cases import reference_cases

        _, methods, own = asked
        cases = reference_cases(desk.model, N_CASES, own=own)
        job.emit(long_job.Plan(rows_of_scores(desk.model, cases, methods, rows_of_curves)))
        runtime = desk.runtime(job)
        found = method_scores(desk.model, cases, methods, _faithful, runtime=runtime)
        if not own:
            _known()[asked] = found
        job.emit(found)

    return desk.shared.start(f"ranking.{asked}", lambda: desk.queue.submit(work, weight=10.0))


def _faithful(
    question: "Question", answers: "Sequence[Explanation]", runtime: "Runtime"
) -> "Mapping[MethodId, float]":
    """Mean of the deletion and insertion scores of each method."""
    from explainers.faithfulness import faithfulness

    found = faithfulness(question, answers, runtime=runtime)
    return {curves.method: found.mean_score(curves) for curves in found.methods}
