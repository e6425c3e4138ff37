"""Sample until decided: ask the model again where verdicts are undecided, in planned rounds."""

from collections.abc import Callable

from explainers.consult import Event, consult
from explainers.deciding import plan
from explainers.memory import Memory
from explainers.report import EvidenceReport
from models.adapter import ModelAdapter
from models.case import Case


def sample_on(
    case: Case,
    model: ModelAdapter,
    report: EvidenceReport,
    *,
    on_event: Callable[[Event], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    max_rows: int | None = None,
    gradient_rows: int | None = None,
    memory: Memory | None = None,
) -> EvidenceReport:
    """Spend more where it decides something, until nothing is undecided or no round is left.

    A method that is asked again goes on with a larger budget; the answers of others are taken over.
    So every report on the way is what `consult` returns for its request, and going on from any of
    them ends at the same one.

    Args:
        case: The decoded input the report is about.
        model: The adapter asked.
        report: Where to go on from.
        on_event: As for `consult`, once a round.
        cancelled: Asked after every pass.
        max_rows: Rows per pass; does not change values.
        gradient_rows: The same at most where gradients are taken; None = as many.
        memory: Coalitions asked before, which need not be asked again.

    Raises:
        CancelledError: the user cancelled.
        ConsiliumError: the report is about another case or model.
    """
    while (step := plan(report)) is not None and step.request is not None:
        request = step.request
        same = [
            e
            for e in report.explanations
            if request.budget_of(e.method) == report.request.budget_of(e.method)
        ]
        report = consult(
            case,
            model,
            request,
            on_event=on_event,
            cancelled=cancelled,
            max_rows=max_rows,
            gradient_rows=gradient_rows,
            known=same,
            memory=memory,
        )
    return report
