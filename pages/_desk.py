"""One model with its queue and its finished reports: what all sessions share.

Only the worker runs the model. torch is imported inside functions that run on the worker: it takes
five seconds, and a page must not wait for it.
"""

import gc
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from streamlit.runtime.scriptrunner import get_script_run_ctx

from components.findings import Layout
from components.jobs import SLOTS, Job, JobQueue
from components.progress import Took
from components.report_store import ReportStore
from components.shared_jobs import SharedJobs
from explainers.estimators import DEAR
from explainers.outlook import Stop, is_late, rule_for
from explainers.report import ConsultRequest, EvidenceReport, default_request
from models.card import ModelCard
from models.case import Case
from models.catalog import catalog

if TYPE_CHECKING:
    from explainers.engine import Runtime
    from explainers.memory import Memory
    from models.adapter import ModelAdapter
    from models.throughput import Throughput

MEASURED_FOR: Final = 0.5  # seconds, before the first consultation
MEASURED: Final[dict[str, "Throughput"]] = {}  # of every model that was loaded, for its page
LAST: Final[dict[str, Took]] = {}  # by model, the last that asked enough to be told by
TELLING_ROWS: Final = 200
HOUSE: Final = "the house"  # whose our own work is


def this_session() -> str | None:
    """Who asks: the browser session whose page is being run, None outside one."""
    context = get_script_run_ctx(suppress_warning=True)
    return None if context is None else context.session_id


@dataclass
class Desk:
    """Takes consultations for one model. No patient content outlives its job here.

    Attributes:
        model_id: Which model of the catalog.
        queue: One worker, and those who wait for it.
        reports: What was found before.
        throughput: How fast the model runs here; None until it was measured, and for records,
            whose rows cost next to nothing.
        shared: Consultations under way, for those who ask the same.
    """

    model_id: str
    queue: JobQueue = field(default_factory=lambda: JobQueue(who=this_session))
    reports: ReportStore = field(default_factory=ReportStore)
    shared: SharedJobs = field(default_factory=SharedJobs)
    throughput: "Throughput | None" = None
    # What was asked for reports that still have to be weighed, by their keys.
    _asked: "OrderedDict[str, Memory]" = field(default_factory=OrderedDict)

    @property
    def card(self) -> ModelCard:
        """The model's card; needs no torch."""
        return catalog()[self.model_id]

    @cached_property
    def model(self) -> "ModelAdapter":
        """The loaded model; asked for on the worker only, so it is loaded once."""
        model = catalog().load(self.model_id)
        gc.collect()
        gc.freeze()  # half a million long-lived objects that no later collection need look at
        return model

    @cached_property
    def memory(self) -> "Memory":
        """Coalitions that were asked lately, by anybody; asked for on the worker only."""
        from explainers.memory import Memory

        return Memory()

    def start(self, case: Case, request: ConsultRequest, stop: Stop = "spent") -> Job:
        """Queue a consultation; a finished job when its report is there already.

        Args:
            case: What it is about.
            request: What to ask.
            stop: When to end before all planned model runs are spent.

        Raises:
            BusyError: too many wait.
        """
        key = self._key(case, request)
        report = self.reports.get(key)
        if report is not None and _is_whole(report):
            return Job.finished(report)
        return self.shared.start(
            f"{key}.{stop}",
            lambda: self.queue.submit(
                lambda job: self._consult(job, case, request, stop), weight=self._weight(request)
            ),
        )

    def compute(self, work: Callable[["ModelAdapter"], object]) -> Job:
        """Queue other questions to the model, such as what-if; the job emits what `work` returns.

        Raises:
            BusyError: too many wait.
        """
        return self.queue.submit(lambda job: job.emit(work(self.model)))

    def warm_up(self) -> Job:
        """Import and load everything before anybody asks."""
        return self.queue.submit(self._load, person=HOUSE, lease_seconds=math.inf)

    def _weight(self, request: ConsultRequest) -> float:
        """How much is asked for, in default consultations."""
        usual = default_request(self.card)
        planned = sum(request.budget_of(method) for method in request.methods)
        return planned / sum(usual.budget_of(method) for method in usual.methods)

    def _key(self, case: Case, request: ConsultRequest) -> str:
        """Key of a report in the store."""
        return request.key(case, self.card)

    def _load(self, job: Job) -> None:
        import explainers.consult  # noqa: F401
        from explainers.weight_structure import weight_structure
        from models.throughput import example_for, measure

        weight_structure(self.model)  # once a model, so that no case waits for it
        example = example_for(self.model)
        if example is not None:
            found = measure(self.model, example, seconds=MEASURED_FOR, cancelled=job.is_cancelled)
            self.throughput = MEASURED[self.model_id] = found

    def runtime(self, job: Job) -> "Runtime":
        """How a job asks: in passes as measured, counted for its page, until it is cancelled."""
        from explainers.engine import Runtime
        from models.devices import rows_per_pass

        return Runtime(
            max_rows=self.max_rows or rows_per_pass(self.model.device, self.card.modality),
            on_rows=job.emit,
            cancelled=job.is_cancelled,
            gradient_rows=self.gradient_rows,
        )

    @property
    def max_rows(self) -> int | None:
        """Rows a pass: as set, else as measured, else None for the device's default."""
        from models.devices import fixed_rows

        fixed = fixed_rows()
        return self.throughput.rows_per_pass if self.throughput and not fixed else fixed

    @property
    def gradient_rows(self) -> int | None:
        """Rows a pass with gradients at most, as measured; None = as many as others."""
        from models.devices import fixed_rows

        return None if fixed_rows() or not self.throughput else self.throughput.gradient_rows

    def _consult(self, job: Job, case: Case, request: ConsultRequest, stop: Stop) -> None:
        """The work of one job: where the model looks, then everything else, then the report."""
        from explainers.consult import Event, Progress, ask, consult
        from explainers.memory import Memory
        from explainers.weighing import ABOUT_ROWS
        from models.adapter import HasImageFrame

        key = self._key(case, request)
        known = self.reports.get(key)  # an equal request may have ended, or got half-way
        if known is not None and (_is_whole(known) or key in self._asked):
            job.emit(known)
            self._weigh(job, case, known, 0)
            return
        model, memory = self.model, Memory(behind=self.memory)
        frame = model.frame(case) if isinstance(model, HasImageFrame) else None
        job.emit(Layout(players=ask(case, model, request).players, frame=frame))
        about = ABOUT_ROWS[case.modality] if len(request.methods) > 1 else 0
        spent, rule = 0, rule_for(stop)

        def on_event(event: Event) -> None:
            nonlocal spent
            if isinstance(event, Progress):
                spent, event = event.rows, replace(event, planned=event.planned + about)
            job.emit(event)

        report = consult(
            case,
            model,
            request,
            on_event=on_event,
            cancelled=job.is_cancelled,
            max_rows=self.max_rows,
            gradient_rows=self.gradient_rows,
            memory=memory,
            enough=rule,
            hurry=lambda: job.is_enough or is_late(rule),
        )
        asking = job.seconds
        job.emit(report)
        if not report.failures:  # who changes a setting now need not have the methods run again
            self.reports.put(self._key(case, report.request), report)
        self._asked[self._key(case, report.request)] = memory
        while len(self._asked) > SLOTS:
            self._asked.popitem(last=False)
        self._weigh(job, case, report, spent)
        # What was stopped early, or known before, says less than what was asked.
        if spent >= TELLING_ROWS and case.modality in DEAR and report.request == request:
            LAST[self.model_id] = Took(request, asking, job.seconds - asking)

    def _weigh(self, job: Job, case: Case, report: EvidenceReport, spent: int) -> None:
        """Ask the model itself about what the methods said, unless that was done before."""
        if _is_whole(report):
            return
        from explainers.consult import Progress
        from explainers.weighing import ABOUT_ROWS, weigh

        about, key = ABOUT_ROWS[case.modality], self._key(case, report.request)

        def on_rows(rows: int) -> None:
            job.emit(Progress(rows=spent + rows, planned=spent + max(rows, about), method=None))

        whole = weigh(
            case,
            self.model,
            report,
            on_rows=on_rows,
            cancelled=job.is_cancelled,
            max_rows=self.max_rows,
            memory=self._asked.get(key),
        )
        job.emit(whole)
        if not whole.failures:  # it may be for lack of memory: the next try is a real one
            self.reports.put(key, whole)
        self._asked.pop(key, None)


def _is_whole(report: EvidenceReport) -> bool:
    """Whether nothing is left to ask: the model itself was asked, or there is nothing to ask."""
    return report.agreement is None or report.faithfulness is not None
