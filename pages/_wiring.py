"""The composition root: hands models, samples and methods to components as plain data. No torch."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from components import progress
from components.controls import Choice
from components.jobs import Job, JobQueue
from components.offer import Offer
from components.state import ConsultState, state_of
from explainers.explanation import MethodCard
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.outlook import SECONDS
from explainers.report import BUDGET_OF, EXACT_PLAYERS, ConsultRequest, default_request
from explainers.table_views import Overview
from models.card import ModelCard
from models.case import Case, Modality
from models.catalog import catalog
from models.errors import ModelError
from pages._desk import LAST, MEASURED, Desk, this_session

if TYPE_CHECKING:
    from explainers.methods.base import Method
    from models.adapter import ModelAdapter
    from models.throughput import Throughput

SHARING: Final = ("kernel_shap", "lime")  # one bank of coalitions
GRADIENT_RUNS: Final = 3  # model runs that take as long as one with its gradient, about


def models_of(modality: Modality) -> tuple[ModelCard, ...]:
    """Cards of the models that take cases of one modality, the default first.

    Raises:
        ModelError: there is none.
    """
    found = tuple(card for card in catalog().values() if card.modality == modality)
    if not found:
        raise ModelError(f"No model for cases of the kind {modality!r} is installed.")
    return found


def state(modality: Modality) -> ConsultState:
    """This session's state of one modality; it begins with the default model and request."""

    def make() -> ConsultState:
        card = models_of(modality)[0]
        return ConsultState(model_id=card.id, request=default_request(card))

    return state_of(modality, make)


@st.cache_resource(show_spinner=False)
def desk(model_id: str) -> Desk:
    """The desk of one model, made once a server; its model starts loading at once."""
    made = Desk(model_id)
    made.warm_up()
    return made


def cost_of(choice: Choice) -> str:
    """How long a consultation takes about, in a sentence; "" where the model's speed is not known.

    As long as the last one with the model, its methods times how much more is asked. Before the
    first has ended, as long as its model runs at the speed measured when the model was loaded.
    """
    if not choice.request.methods:
        return ""
    modality, last = catalog()[choice.model_id].modality, LAST.get(choice.model_id)
    wanted = _asked_by(choice.request, modality)
    if last is not None:
        asking, after = last.asking * wanted / max(1, _asked_by(last.request, modality)), last.after
    elif speed := speed_of(choice.model_id):
        from explainers.weighing import ABOUT_ROWS

        asking, after = wanted / speed, ABOUT_ROWS[modality] / speed
    else:
        return ""
    asking = min(asking, SECONDS.get(choice.stop, math.inf))
    # The model itself is asked only where there are answers to compare.
    total = asking + (after if len(choice.request.methods) > 1 else 0)
    return progress.cost_line(total, is_estimate=last is None)


def speed_of(model_id: str) -> float | None:
    """Model runs a second as measured, for each of those who share the model now.

    None until it is loaded, and for records, whose rows cost next to nothing.
    """
    found = throughput(model_id)
    return None if found is None else found.rows_per_second / max(1, desk(model_id).queue.n_people)


def _asked_by(request: ConsultRequest, modality: Modality) -> int:
    """About so many model runs its methods take together: a bank of coalitions is asked once."""
    from explainers.methods import methods_named

    rows = {m.card.id: _rows_of(m, request, modality) for m in methods_named(request.methods)}
    shared = [rows.pop(name) for name in SHARING if name in rows]
    every = 1 << request.n_players  # coalitions of so many parts; there are no more to ask
    return sum(rows.values()) + min(max(shared, default=0), every)


def _rows_of(method: "Method", request: ConsultRequest, modality: Modality) -> int:
    """About so many model runs one method takes; a gradient counts as the runs it costs.

    Without the case, whose parts and draws would tell exactly.
    """
    budget, n_parts = request.budget_of(method.card.id), request.n_players
    if method.card.id == "exact_shapley":
        return 1 << n_parts if n_parts <= EXACT_PLAYERS else 1  # it refuses more
    if hasattr(method, "masks"):
        return budget  # coalitions: as many as allowed, or nearly
    if not method.card.needs:
        return n_parts
    more = max(1.0, budget / BUDGET_OF[modality])  # what samples asks so many times as much
    once = getattr(method, "samples", 0) * more or getattr(method, "steps", 1)
    return GRADIENT_RUNS * min(math.ceil(once), budget)


@st.cache_resource(show_spinner=False)
def clerk() -> JobQueue:
    """Writes files for all sessions."""
    return JobQueue(slots=2, name="clerk", who=this_session)


@st.cache_resource(show_spinner="Loading the explanation methods...")
def methods() -> tuple[MethodCard, ...]:
    """Cards of all methods. Waits for torch, whose import a worker has begun."""
    from explainers.methods import METHODS

    return tuple(method.card for method in METHODS)


def offer(model_id: str) -> Offer:
    """What can be chosen when a model is asked."""
    card = catalog()[model_id]
    return Offer(
        methods=methods(),
        model=card,
        baselines=BASELINES_OF[card.modality],
        cuts=PLAYERS_OF[card.modality],
        default=default_request(card),
    )


def card(model_id: str) -> ModelCard:
    """The card of one model."""
    return catalog()[model_id]


def cards() -> tuple[ModelCard, ...]:
    """All models' cards."""
    return tuple(catalog().values())


def ice_curves(model_id: str, case: Case, target: str) -> Job:
    """Ask for the curve of every feature of a record, as probabilities of one class."""

    def work(model: "ModelAdapter") -> object:
        from explainers.asking import ask
        from explainers.ice import ice_curve

        question = ask(case, model, replace(default_request(model.card), target=target))
        return tuple(ice_curve(question, c) for c in range(len(case.record.values)))

    return desk(model_id).compute(work)


def overview(model_id: str) -> Job:
    """Ask what a tabular model relies on as a whole; the first answer serves everybody."""
    found = _overviews().get(model_id)
    if found is not None:
        return Job.finished(found)

    asked = desk(model_id)

    def work(job: Job) -> None:
        from explainers.overview import overview as over_all

        _overviews()[model_id] = made = over_all(asked.model, cancelled=job.is_cancelled)
        job.emit(made)

    return asked.queue.submit(work)


@st.cache_resource(show_spinner=False)
def _overviews() -> dict[str, Overview]:
    """What was found about models: nothing of any case of a user."""
    return {}


def throughput(model_id: str) -> "Throughput | None":
    """How fast a model was found to run here; None until it is loaded."""
    return MEASURED.get(model_id)


@st.cache_resource(show_spinner="Looking for a graphics processor...")
def device() -> str:
    """Where models run on this machine."""
    from models.devices import choose_device

    return str(choose_device())
