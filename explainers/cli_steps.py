"""The steps of one command line after its case is read, and what they add to the summary."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from explainers.cli_options import Options
from explainers.comparability import lines as alike_lines
from explainers.comparability import repairable
from explainers.compare_lines import compare_lines
from explainers.consult import CARDS, TITLES, Event, consult
from explainers.deciding import plan, plan_line
from explainers.faithfulness_wording import lines as faithfulness_lines
from explainers.memory import Memory
from explainers.naming import part_names, part_of, parts_of
from explainers.outlook import is_late, rule_for
from explainers.referee_choice import part_named
from explainers.referee_lines import lines as referee_lines
from explainers.referee_request import ask_about
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_other import OtherReport, read_other
from explainers.sampling_on import sample_on
from explainers.weighing import weigh
from models.adapter import ModelAdapter
from models.case import Case
from models.errors import InputError

NAMES = dict[str, str](TITLES.items())


def whole_report(
    case: Case,
    model: ModelAdapter,
    request: ConsultRequest,
    options: Options,
    on_event: Callable[[Event], None],
) -> EvidenceReport:
    """Ask the methods, sample on if wanted, and ask the model itself unless that is not wanted.

    Raises:
        ConsiliumError: see `consult` and `weigh`; a part that was named does not exist.
    """
    memory, rule = Memory(), rule_for(options.stop)
    report = consult(
        case,
        model,
        request,
        on_event=on_event,
        memory=memory,
        enough=rule,
        hurry=lambda: is_late(rule),
    )
    wanted = [part_named(name, report.players, case.payload) for name in options.ask]
    if options.decide and report.agreement is not None:
        report = sample_on(case, model, report, on_event=on_event, memory=memory)
    if not options.quick:
        report = weigh(case, model, report, memory=memory)
    if wanted:
        asked = ask_about(model, case, report.request, wanted)
        report = replace(report, referee=(*report.referee, *asked.parts))
    return report


def further_lines(
    report: EvidenceReport, case: Case, options: Options, other: OtherReport | None
) -> Iterator[str]:
    """What follows the summary: parts asked about, what is undecided, what else differs.

    Args:
        report: What was found.
        case: What it is about.
        options: Whether all of it is wanted, or what one screen holds.
        other: A report to compare it with.
    """
    cut = report.request.players
    if options.details and report.faithfulness is not None and report.consensus is not None:
        yield ""
        yield from faithfulness_lines(report.faithfulness, report.consensus, NAMES)
    told = report.referee if options.details else report.referee[-len(options.ask) :]
    if told and (options.details or options.ask):
        names = part_names(report.players, case.payload)
        yield ""
        yield from referee_lines(told, report, NAMES, names, part=part_of(cut), parts=parts_of(cut))
    step = plan(report)
    if step is not None:
        yield f"Undecided   {plan_line(step, parts_of(cut))}"
    if len(report.explanations) > 1:
        causes = report.comparability
        yield from alike_lines(causes if options.details else repairable(causes), report.request)
    if other is not None:
        yield ""
        yield from compare_lines(report, other, CARDS, titles=TITLES)


def other_report(path: Path | None) -> OtherReport | None:
    """Read the report to compare with, before anything is computed.

    Raises:
        InputError: it cannot be read, or is no report.
    """
    if path is None:
        return None
    try:
        return read_other(path.read_bytes())
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}.") from error
