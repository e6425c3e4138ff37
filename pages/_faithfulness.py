"""Faithfulness on the page: computed after a report, or by a job of its own where it was not."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from components import faithfulness_panel, waiting
from components.jobs import Job
from components.scene import Scene
from components.state import ConsultState
from explainers.consensus_report import Consensus
from explainers.faithfulness_report import Faithfulness
from explainers.report import EvidenceReport
from models.case import Case
from pages import _wiring

if TYPE_CHECKING:
    from models.adapter import ModelAdapter

Examined: TypeAlias = tuple[Faithfulness, Consensus]


def ask_default(
    model: "ModelAdapter", case: Case, report: EvidenceReport, cancelled: Callable[[], bool]
) -> Examined:
    """Draw the curves of a report's methods; on the worker, after a consultation."""
    from explainers.consensus import examine
    from explainers.engine import Runtime
    from models.devices import rows_per_pass

    max_rows = rows_per_pass(model.device, case.modality)
    return examine(case, model, report, runtime=Runtime(max_rows=max_rows, cancelled=cancelled))


def show(
    state: ConsultState, scene: Scene, report: EvidenceReport, examined: Examined | None = None
) -> None:
    """Draw the section; computes it when nobody has.

    Args:
        state: Whose model is asked.
        scene: What parts and methods are called.
        report: The finished consultation.
        examined: What `ask_default` found.
    """
    if not report.explanations:
        return
    key = f"{scene.key}.faithfulness.{report.request.key(scene.case, report.model)}"
    found = examined or _result(state, scene, report, key=key)
    if isinstance(found, tuple):
        curves, combined = found
        faithfulness_panel.show(curves, combined, report, scene, key=f"{scene.key}.faithfulness")


def _result(
    state: ConsultState, scene: Scene, report: EvidenceReport, *, key: str
) -> object | None:
    """What a job of its own found; None while it runs."""
    desk = _wiring.desk(state.model_id)

    def work(job: Job) -> None:
        job.emit(ask_default(desk.model, scene.case, report, job.is_cancelled))

    words = f"Hiding {scene.parts} in the order of each method, and in random orders..."
    return waiting.result_of(lambda: desk.queue.submit(work), words=words, key=key)
