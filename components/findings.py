"""What is known of a consultation so far: its events, folded; or its report. No streamlit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, cast

from explainers.explanation import Explanation, MethodId
from explainers.players import Players
from explainers.report import EvidenceReport, MethodFailure
from models.case import ImageFrame
from models.prediction import Prediction


class RowCount(Protocol):
    """How far a consultation is (`explainers.consult.Progress`, which this side may not import).

    Attributes:
        rows: Model runs spent.
        planned: Model runs the whole request will take.
        method: The method now running.
    """

    @property
    def rows(self) -> int:
        """Spent."""
        ...

    @property
    def planned(self) -> int:
        """Of the whole request."""
        ...

    @property
    def method(self) -> MethodId | None:
        """Running now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """Where the model looked and how the case was cut: enough to draw empty panels.

    Attributes:
        players: The parts.
        frame: Rectangle of the film that the model saw; None where the case is no film.
    """

    players: Players
    frame: ImageFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """What a consultation has found so far.

    Attributes:
        layout: None until the case is cut.
        prediction: None until the model has answered.
        progress: The latest count, None before the first.
        explanations: Methods that have answered, in the order they did.
        failures: Methods that could not.
        report: The comparison, None until every method has answered; later the whole.
        n_reports: How many there have been: a first one, and one that the model was asked for.
    """

    layout: Layout | None = None
    prediction: Prediction | None = None
    progress: RowCount | None = None
    explanations: tuple[Explanation, ...] = ()
    failures: tuple[MethodFailure, ...] = ()
    report: EvidenceReport | None = None
    n_reports: int = 0

    @property
    def n_outcomes(self) -> int:
        """How many steps have ended: the page redraws its panels when this grows."""
        begun = (self.layout is not None) + (self.prediction is not None)
        return begun + len(self.explanations) + len(self.failures) + self.n_reports

    @classmethod
    def of_events(cls, events: Iterable[object]) -> "Findings":
        """Fold the events of `explainers.consult.consult` and the reports that come last."""
        layout: Layout | None = None
        prediction: Prediction | None = None
        progress: RowCount | None = None
        explanations: list[Explanation] = []
        failures: list[MethodFailure] = []
        reports: list[EvidenceReport] = []
        for event in events:
            match event:
                case Layout():
                    layout = event
                case Prediction():
                    prediction = event
                case Explanation():
                    explanations.append(event)
                case MethodFailure():
                    failures.append(event)
                case EvidenceReport():
                    reports.append(event)
                case _:
                    progress = cast("RowCount", event)
        if reports:
            whole = cls.of_report(reports[-1])
            return replace(whole, n_reports=len(reports), progress=progress)
        return cls(
            layout=layout,
            prediction=prediction,
            progress=progress,
            explanations=tuple(explanations),
            failures=tuple(failures),
        )

    @classmethod
    def of_report(cls, report: EvidenceReport) -> "Findings":
        """Everything, from a report made before."""
        return cls(
            layout=Layout(players=report.players, frame=report.frame),
            prediction=report.prediction,
            explanations=report.explanations,
            failures=report.failures,
            report=report,
        )
