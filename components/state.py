"""All that one browser session keeps of one modality: a single typed object under a single key.

The decoded case lives here and nowhere else on the server; it goes when the session ends.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from components.jobs import Job
from components.kept import Kept
from components.notices import Notice
from explainers.outlook import Stop
from explainers.report import ConsultRequest
from models.case import Case, Modality


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file a case came from, kept so that another frame or window can be read from it.

    Attributes:
        name: As the user knows it.
        data: The whole file.
    """

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrival:
    """A case on its way in.

    Attributes:
        read: Makes the case; raises ConsiliumError with what is wrong.
        source: The file it is read from, None for a sample, a form or typed text.
    """

    read: Callable[[], Case]
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """A question to the model about a part of the open case.

    Attributes:
        model_id: Who was asked.
        job: Its last event is the answer.
    """

    model_id: str
    job: Job


@dataclass(slots=True, kw_only=True)
class ConsultState:
    """Where one consultation of this session stands.

    Attributes:
        model_id: The model that is asked, of those of the modality.
        request: What is asked, kept from case to case.
        stop: When to end before all of it was asked, kept from case to case.
        case: The decoded case, None on the first view.
        source: Its file, None for samples that are no file.
        tried: The file that was given last, readable or not: a rerun must not read it again.
        n_frames: Frames to choose from in `tried`; 0 when there is no such question.
        job: The work of this request, None when its report was there already.
        files: The work of writing the files of this request's report.
        held: What these files hold beyond the consultation; with more of it they are written anew.
        asked: What the reader asked about parts of the open case, in the order asked, by a key
            of each question.
        selected: The region that is outlined in every panel.
        notice: What the user must know about the last action.
        pictures: What was drawn of the open case; see `Scene.pictures`.
        n_opened: Counts opened cases; part of widget keys, so that an uploader starts empty again.
    """

    model_id: str
    request: ConsultRequest
    stop: Stop = "spent"
    case: Case | None = None
    source: Source | None = None
    tried: Source | None = None
    n_frames: int = 0
    job: Job | None = None
    files: Job | None = None
    held: tuple[object, ...] = ()
    asked: dict[str, Asked] = field(default_factory=dict, repr=False)
    selected: int | None = None
    notice: Notice | None = None
    pictures: Kept = field(default_factory=dict, repr=False)
    n_opened: int = 0

    def open(self, case: Case, source: Source | None) -> None:
        """Replace the case; the former one's work stops."""
        self.drop_job()
        self.case, self.source, self.pictures, self.asked = case, source, {}, {}
        self.n_frames, self.notice, self.selected = 0, None, None
        self.n_opened += 1

    def close(self) -> None:
        """Back to the first view; the request stays."""
        self.drop_job()
        self.case = self.source = self.tried = self.notice = None
        self.n_frames, self.pictures, self.asked = 0, {}, {}
        self.n_opened += 1

    def drop_job(self) -> None:
        """Stop the work that belongs to an earlier case or request."""
        for job in (self.job, self.files):
            if job is not None:
                job.cancel()
        self.job = self.files = None

    def ask(self, key: str, job: Job) -> Job:
        """Remember a question to the present model; the same one again takes its place."""
        self.asked[key] = Asked(model_id=self.model_id, job=job)
        return job

    @property
    def answers(self) -> tuple[object, ...]:
        """What the present model has answered, in the order asked."""
        return tuple(
            asked.job.events[-1]
            for asked in self.asked.values()
            if asked.model_id == self.model_id and asked.job.state == "done"
        )


def state_of(modality: Modality, make: Callable[[], ConsultState]) -> ConsultState:
    """This session's state of one modality; `make` is called on first use."""
    key = f"consult.{modality}"
    if key not in st.session_state:
        st.session_state[key] = make()
    state: ConsultState = st.session_state[key]
    return state
