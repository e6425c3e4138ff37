"""One consultation: a case, a model and a request in; an EvidenceReport out.

Runs the requested methods on one Question and one engine, cheapest first, isolates failures, and
reports every step. The result depends on the request alone, never on order, chunk size or timing.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from explainers.agreement import Agreement, compare
from explainers.asking import ask as ask
from explainers.bank_remark import shared_bank
from explainers.comparability import in_report
from explainers.deciding import EARLY, level_of
from explainers.engine import MaskedPredictor, Runtime
from explainers.environment import environment
from explainers.explanation import Explanation, MethodId
from explainers.guard import nothing_to_explain
from explainers.memory import Memory
from explainers.methods import METHODS, methods_named
from explainers.methods.base import Method
from explainers.naming import parts_of
from explainers.outer_evidence import outer_remark
from explainers.outlook import Interim, Outlook, SoFar
from explainers.players import Players
from explainers.question import Question
from explainers.report import ConsultRequest, EvidenceReport, MethodFailure
from explainers.spending import cheapest_first, rows_saved
from explainers.streams import generator_for as generator_for
from explainers.turns import Ended, Enough, take_turns
from explainers.weight_structure import weight_structure
from models.adapter import HasImageFrame, ModelAdapter
from models.case import Case, ImagePayload, TextPayload
from models.devices import rows_per_pass
from models.errors import ConsiliumError, IncomparableError
from models.prediction import Prediction

logger = logging.getLogger(__name__)
CARDS = {method.card.id: method.card for method in METHODS}
TITLES = {method.card.id: method.card.title for method in METHODS}
SIDE_ASSUMED = (
    "The file does not state which side is which: region names assume the usual display, the "
    "patient's right on the image's left."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a consultation is.

    Attributes:
        rows: Forward rows spent.
        planned: Forward rows the whole request will take.
        method: The method now running, None before the first and after the last.
    """

    rows: int
    planned: int
    method: MethodId | None


Event: TypeAlias = Progress | Prediction | Interim | Outlook | Explanation | MethodFailure


def consult(
    case: Case,
    model: ModelAdapter,
    request: ConsultRequest,
    *,
    on_event: Callable[[Event], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    max_rows: int | None = None,
    gradient_rows: int | None = None,
    known: Sequence[Explanation] = (),
    memory: Memory | None = None,
    enough: Enough = lambda _: False,
    hurry: Callable[[], bool] = lambda: False,
) -> EvidenceReport:
    """Explain one case by every requested method and compare the answers.

    Args:
        case: The decoded input.
        model: The adapter asked.
        request: What to compute; decides the result together with case and weights.
        on_event: Receives the prediction, progress after every pass, each explanation or failure.
        cancelled: Asked after every pass.
        max_rows: Rows per pass; None takes the device's default. Does not change values.
        gradient_rows: The same at most where gradients are taken; None = as many.
        known: Answers of the same request that need not be computed again.
        memory: Takes the coalitions asked and their values, and saves asking them again.
        enough: Asked after every round with what the methods have said last, once all have said
            something; True ends the work there. The report is then that of a request for so many
            rows, judged as one that was stopped early (`deciding.EARLY`).
        hurry: The same, asked after every pass: a round under way is left with what was said
            before it.

    Raises:
        CancelledError: the user cancelled.
        ConsiliumError: the request does not fit the model or the case. A method that fails alone is
            recorded in the report instead.
    """
    prediction = model.predict(case)
    on_event(prediction)
    question = ask(case, model, request)
    outcomes: dict[MethodId, Explanation | MethodFailure] = {e.method: e for e in known}
    wanted = methods_named(m for m in dict.fromkeys(request.methods) if m not in outcomes)
    methods = cheapest_first(wanted, question, request)
    planned = 1 + question.masker.n_draws + _planned(methods, question, request)
    turn: list[MethodId] = []

    def on_rows(rows: int) -> None:
        method = turn[-1] if turn else None
        on_event(Progress(rows=rows, planned=max(planned, rows), method=method))

    so_far = SoFar(methods=len(methods))

    def interrupted() -> bool:
        if so_far.all_heard and hurry():
            raise Ended
        return cancelled()

    runtime = Runtime(
        max_rows=max_rows or rows_per_pass(model.device, case.modality),
        gradient_rows=gradient_rows,
        on_rows=on_rows,
        cancelled=interrupted,
    )
    game = MaskedPredictor(question, runtime, memory=memory or Memory())
    for answer in take_turns(methods, game, request, on_turn=turn.append, enough=enough):
        on_event(answer)
        if not isinstance(answer, Interim):
            outcomes[answer.method] = answer
        if (ahead := so_far.after(answer)) is not None:
            on_event(ahead)
    ordered = [outcomes[name] for name in dict.fromkeys(request.methods)]
    asked = _as_spent(request, so_far.stopped)
    report = _report(case, model, prediction, question, asked, ordered)
    logger.info("report digest=%s model=%s rows=%d", case.digest, model.card.id, game.rows)
    return report


def _as_spent(request: ConsultRequest, stopped: Mapping[MethodId, int]) -> ConsultRequest:
    """The request whose answer this is, where methods were stopped after so many rows."""
    if not stopped:
        return request
    merged = {**dict(request.budgets), **stopped}
    ordered = tuple((m, merged[m]) for m in dict.fromkeys(request.methods) if m in merged)
    return replace(request, budgets=ordered, look=EARLY)


def _planned(methods: Sequence[Method], question: Question, request: ConsultRequest) -> int:
    """Rows that methods will spend together: those that share coalitions ask them once."""
    willing = []
    for method in methods:
        budget = request.budget_of(method.card.id)
        try:
            method.require(question, budget)
        except ConsiliumError:
            continue  # it will refuse
        willing.append((method, budget))
    rows = sum(method.rows_needed(question, budget) for method, budget in willing)
    return rows - rows_saved(willing, question)


def _report(
    case: Case,
    model: ModelAdapter,
    prediction: Prediction,
    question: Question,
    request: ConsultRequest,
    outcomes: list[Explanation | MethodFailure],
) -> EvidenceReport:
    """Compare what succeeded and put everything into one report."""
    explanations = tuple(o for o in outcomes if isinstance(o, Explanation))
    remarks = [*case.remarks, *_reading(case, question.players)]
    reasons = nothing_to_explain(
        explanations,
        prediction=prediction,
        target=question.targets[0],
        scale=request.scale,
        parts=parts_of(request.players),
        structure=weight_structure(model),
    )
    agreement, why_not = (None, []) if reasons else _compared(explanations, request.look)
    remarks += why_not
    on_a_film = case.modality == "image" and not reasons
    if agreement is not None and (shared := shared_bank(explanations, TITLES)):
        remarks.append(shared)
    if on_a_film and (at_the_edge := outer_remark(explanations, TITLES)):
        remarks.append(at_the_edge)
    frame = model.frame(case) if isinstance(model, HasImageFrame) else None
    report = EvidenceReport(
        case_digest=case.digest,
        modality=case.modality,
        model=model.card,
        prediction=prediction,
        request=request,
        target=question.targets[0],
        baseline=question.masker.baseline,
        players=question.players,
        frame=frame,
        explanations=explanations,
        failures=tuple(o for o in outcomes if isinstance(o, MethodFailure)),
        agreement=agreement,
        nothing_to_explain=reasons,
        remarks=tuple(remarks),
        environment=environment(model),
    )
    return replace(report, comparability=in_report(report, CARDS, titles=TITLES))


def _compared(found: Sequence[Explanation], look: int) -> tuple[Agreement | None, list[str]]:
    """The comparison of two or more answers, and why there is none where they do not fit."""
    if len(found) < 2:
        return None, []
    try:
        return compare(found, titles=TITLES, level=level_of(look)), []
    except IncomparableError as error:
        return None, [str(error)]


def _reading(case: Case, players: Players) -> Iterator[str]:
    """What was assumed about the case, and which part of it the model reads."""
    payload = case.payload
    if isinstance(payload, ImagePayload) and payload.row_direction is None:
        yield SIDE_ASSUMED
    if isinstance(payload, TextPayload):
        start, stop = players.word_spans[0][0], players.word_spans[-1][1]
        if stop - start < len(payload.words):
            yield (
                f"The model reads words {start + 1:,} to {stop:,} of {len(payload.words):,}, not "
                "the others: choose another first word to have them read."
            )
