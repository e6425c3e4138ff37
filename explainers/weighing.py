"""What the model itself bears out: the second half of a consultation.

The methods have answered and were compared. Now the model is asked along every method's order, and
about the parts they dispute; the report comes back with what it did.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from explainers.asking import ask
from explainers.coalition_values import CoalitionValues
from explainers.consensus import examine
from explainers.engine import MaskedPredictor, Runtime
from explainers.memory import Memory
from explainers.referee import ask_model
from explainers.referee_choice import contested_parts
from explainers.report import EvidenceReport
from models.adapter import ModelAdapter
from models.case import Case, Modality
from models.devices import rows_per_pass

DISPUTED: Final = 2  # parts asked about beside what all methods name
FEWER_PLACEBOS: Final = 30  # of each: enough for a p-value of 0.03
# Forward rows that a default consultation takes here, for an estimate of the time; by far not
# exact: coalitions that repeat are asked once. `faithfulness.rows` and `referee[].rows` of a report
# hold what was spent.
ABOUT_ROWS: Final[Mapping[Modality, int]] = {"image": 200, "tabular": 10_000, "text": 200}


def asked_parts(report: EvidenceReport) -> tuple[tuple[int, ...], ...]:
    """What all methods name, hidden together, and the parts they dispute most, one by one."""
    agreement = report.agreement
    if agreement is None:
        return ()
    agreed = tuple(p for p, verdict in enumerate(agreement.verdicts) if verdict == "consensus")
    first = [agreed] if 0 < len(agreed) < report.players.count else []
    return tuple(dict.fromkeys([*first, *contested_parts(report, DISPUTED)]))


def weigh(
    case: Case,
    model: ModelAdapter,
    report: EvidenceReport,
    *,
    on_rows: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    max_rows: int | None = None,
    memory: Memory | None = None,
) -> EvidenceReport:
    """Add faithfulness, consensus and the referee's answers to a report.

    Args:
        case: What the report is about.
        model: The adapter asked.
        report: What `consult` returned. One without a comparison comes back as it is: there is
            nothing to weigh, or nothing to explain.
        on_rows: Told the forward rows spent here after every pass.
        cancelled: Asked after every pass.
        max_rows: Rows per pass; None takes the device's default. Does not change values.
        memory: What `consult` asked and was told: it is not asked again, and the best order known
            is looked for among it. Without it more is asked, and a worse order may be the best.

    Raises:
        IncomparableError: the report is about another case or model.
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
    """
    if report.agreement is None:
        return report
    rows = max_rows or rows_per_pass(model.device, case.modality)
    runtime = Runtime(max_rows=rows, on_rows=on_rows, cancelled=cancelled)
    question = ask(case, model, report.request)
    values = CoalitionValues(MaskedPredictor(question, runtime, memory=memory))
    found, together = examine(case, model, report, values=values)
    asked = ask_model(
        question,
        asked_parts(report),
        seed=report.request.seed,
        values=values,
        n_placebos=FEWER_PLACEBOS,
        own_baseline_only=True,
    )
    return replace(report, faithfulness=found, consensus=together, referee=asked.parts)
