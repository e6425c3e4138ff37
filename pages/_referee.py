"""The referee on the page: one job for the marked part, its answer kept with the session."""

from components import referee_panel, waiting
from components.scene import Scene
from components.state import ConsultState
from explainers.referee_report import RefereeReport
from explainers.report import EvidenceReport
from pages import _wiring


def show(state: ConsultState, scene: Scene, report: EvidenceReport) -> None:
    """Draw the section; asks the model when its button is pressed."""
    question = report.request.key(scene.case, report.model)
    key = f"{scene.key}.referee.{question}.{scene.selected}"
    if not referee_panel.asks(scene, key=key) or scene.selected is None:
        return
    part = (scene.selected,)
    desk = _wiring.desk(state.model_id)
    found = waiting.result_of(
        lambda: desk.referee(scene.case, report.request, part),
        words=f"Hiding this {scene.part} and others...",
        key=key,
    )
    if isinstance(found, RefereeReport):
        referee_panel.show(found, report, scene, key=key)
