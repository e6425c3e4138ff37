"""What a modality brings to the shared flow: words, and functions that take in and draw a case.

The flow itself (`_consultation`, `_intake`, `_results`) knows no modality. One file a modality
(`_image_view.py`, `_tabular_view.py`, `_text_view.py`) makes the one `ModalityView` of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from components.downloads import Download
from components.scene import Scene
from components.state import Arrival, ConsultState
from explainers.naming import part_names
from explainers.players import Players
from explainers.report import EvidenceReport
from models.card import ModelCard
from models.case import Case, Modality


def _nothing(_: ConsultState, __: Case) -> Arrival | None:
    """Nothing to draw, nothing comes in."""
    return None


def _nothing_more(_: ConsultState, __: Scene, ___: EvidenceReport) -> Arrival | None:
    """Nothing to draw, nothing comes in."""
    return None


def _every_model(_: ModelCard, __: Case) -> bool:
    """Every model of the modality can be asked about every case."""
    return True


def _names(case: Case, players: Players) -> tuple[str, ...]:
    """(P,) names that the players carry; the words of a text stand beside theirs."""
    return part_names(players, case.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalityView:
    """One modality of the page.

    Functions that return an `Arrival` draw widgets and return a case to open in the run in which
    the user asked for it, None in all others. They are told the state to read from
    (`state.model_id`, `state.n_opened` for widget keys); only the flow changes it.

    Attributes:
        modality: Which cases.
        title: Heading of the first view.
        welcome: What this page does, a paragraph under it.
        take: Draws what takes a case in: uploader, form, box to paste into. On the first view and
            again under "Another film", never both in one run.
        facts: The few facts that stand beside the name of the open case.
        samples: Draws cases to try, on the first view; None where there are none.
        details: Draws everything known about the open case, with what can be changed in how it was
            read (window, row).
        draw: Draws the results so far; returns the part that was picked in this run, -1 for none
            any more, None for no change. Called before the first result, too.
        files: Writes what can be taken away; called off the page's thread, so it draws nothing.
        names: (P,) names of the parts as shown; text parts are named from the case.
        fits: Whether a model can be asked about an open case.
        more: Draws what follows the comparison of a finished report, such as what-if.
    """

    modality: Modality
    title: str
    welcome: str
    take: Callable[[ConsultState], Arrival | None]
    facts: Callable[[Case], Sequence[str]]
    samples: Callable[[ConsultState], Arrival | None] | None = None
    details: Callable[[ConsultState, Case], Arrival | None] = _nothing
    draw: Callable[[Scene], int | None]
    files: Callable[[Scene, EvidenceReport], tuple[Download, ...]]
    names: Callable[[Case, Players], tuple[str, ...]] = _names
    fits: Callable[[ModelCard, Case], bool] = _every_model
    more: Callable[[ConsultState, Scene, EvidenceReport], Arrival | None] = _nothing_more
