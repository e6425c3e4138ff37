"""A whole consultation without page or command line, to compare theirs with."""

from typing import Any

from explainers.consult import consult
from explainers.memory import Memory
from explainers.report import ConsultRequest, EvidenceReport
from explainers.weighing import weigh
from models.adapter import ModelAdapter
from models.case import Case


def whole(case: Case, model: ModelAdapter, request: ConsultRequest) -> EvidenceReport:
    """The methods, their comparison, and what the model bears out."""
    memory = Memory()
    return weigh(case, model, consult(case, model, request, memory=memory), memory=memory)


def timeless(document: Any) -> Any:  # noqa: ANN401 - JSON
    """A report without the times it took."""
    if isinstance(document, dict):
        return {key: timeless(part) for key, part in document.items() if key != "seconds"}
    return [timeless(part) for part in document] if isinstance(document, list) else document
