"""What is known of a consultation so far: its events, folded; or its report. No streamlit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar, cast

from explainers.explanation import Explanation, MethodId
from explainers.outlook import Interim, Outlook
from explainers.players import Players
from explainers.report import EvidenceReport, MethodFailure
from models.case import ImageFrame
from models.prediction import Prediction

Kind = TypeVar("Kind")


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


NO_COUNTS = (Layout, Prediction, Explanation, Interim, Outlook, MethodFailure, EvidenceReport)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """What a consultation has found so far.

    Attributes:
        layout: None until the case is cut.
        prediction: None until the model has answered.
        progress: The latest count, None before the first.
        explanations: Methods that have answered, in the order they did.
        interim: What the others have said so far.
        outlook: What stopping now would leave open, None where that is not known.
        n_words: Interim answers so far; panels are drawn anew when this grows, but not at once.
        failures: Methods that could not.
        report: The comparison, None until every method has answered; later the whole.
        n_reports: How many there have been: a first one, and one that the model was asked for.
    """

    layout: Layout | None = None
    prediction: Prediction | None = None
    progress: RowCount | None = None
    explanations: tuple[Explanation, ...] = ()
    interim: tuple[Interim, ...] = ()
    outlook: Outlook | None = None
    n_words: int = 0
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
        seen = tuple(events)
        counts = [event for event in seen if not isinstance(event, NO_COUNTS)]
        progress = cast("RowCount", counts[-1]) if counts else None
        reports = _of(EvidenceReport, seen)
        if reports:
            whole = cls.of_report(reports[-1])
            return replace(whole, n_reports=len(reports), progress=progress)
        answers, words = _of(Explanation, seen), _of(Interim, seen)
        ended = {answer.method for answer in answers}
        so_far = {word.explanation.method: word for word in words}
        return cls(
            layout=_last(Layout, seen),
            prediction=_last(Prediction, seen),
            progress=progress,
            explanations=answers,
            interim=tuple(word for method, word in so_far.items() if method not in ended),
            outlook=_last(Outlook, seen),
            n_words=len(words),
            failures=_of(MethodFailure, seen),
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


def _of(kind: type[Kind], events: tuple[object, ...]) -> tuple[Kind, ...]:
    """Events of one kind, in order."""
    return tuple(event for event in events if isinstance(event, kind))


def _last(kind: type[Kind], events: tuple[object, ...]) -> Kind | None:
    """The latest event of one kind, None where there is none."""
    return next((event for event in reversed(events) if isinstance(event, kind)), None)
