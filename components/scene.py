"""What a modality's view of the results is drawn from. No streamlit."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.figures.panels import Panel
from components.findings import Layout
from components.kept import Kept
from explainers.agreement import Agreement
from explainers.naming import part_of, parts_of
from explainers.report import ConsultRequest, EvidenceReport
from models.case import Case
from models.prediction import Prediction


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """One case and everything that is known about it so far.

    Attributes:
        case: What is asked about; a view may show its content.
        request: What was asked.
        layout: How it was cut, None before the model has been asked.
        prediction: None until the model has answered.
        panels: One a method, in display order; a panel without an answer says why.
        report: The whole, None until everything is done; with what the reader asked since.
        names: (P,) names of the parts as this view shows them; empty without a layout.
        titles: Method id -> display name.
        selected: The part that is marked everywhere, None for none.
        pictures: For a view to keep what it has drawn of this case; dropped with the case.
        key: One view a case: prefix of widget keys that stays as long as the case is open.
    """

    case: Case
    request: ConsultRequest
    layout: Layout | None
    prediction: Prediction | None
    panels: tuple[Panel, ...]
    report: EvidenceReport | None
    names: tuple[str, ...]
    titles: Mapping[str, str]
    selected: int | None
    pictures: Kept
    key: str

    @property
    def part(self) -> str:
        """What one part is called: "region", "feature", "word"."""
        return part_of(self.request.players)

    @property
    def parts(self) -> str:
        """What several are called."""
        return parts_of(self.request.players)

    @property
    def agreement(self) -> Agreement | None:
        """The comparison, None until there is something to compare."""
        return self.report.agreement if self.report is not None else None
