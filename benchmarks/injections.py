"""How often fake disagreement is named: `python -m benchmarks injections [--seeds N]`.

1. Every cause is planted in real reports of films, records and texts; named correctly is when the
   check names this cause and no other.
2. Untouched reports under many questions: any cause named is a false alarm, unless it is a budget
   that runs under other seeds show to be too small.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

from benchmarks.injected import CARDS, OTHER_BASELINE, OTHER_CUT, Subject, subjects
from benchmarks.planted import PLANTERS
from benchmarks.planted_defects import moved_on_rerun
from benchmarks.subjects import builtin, case_for
from explainers.causes import CauseId
from explainers.comparability import in_report, repairable
from explainers.consult import consult
from explainers.report import EvidenceReport, default_request
from explainers.rules_of_one import redrawn
from models.case import Modality

N_SEEDS: Final = 4
NOTHING: Final = "nothing"
CONFIRMED: Final = 0.15  # of the evidence: less than the rule says, for errors have errors


def main(arguments: Sequence[str] = ()) -> int:
    """Print both tables; 1 when a cause is named correctly in fewer than 9 of 10."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks injections", description=__doc__)
    parser.add_argument("--seeds", type=int, default=N_SEEDS, help="cases of each kind")
    parser.add_argument("--missed", action="store_true", help="list what was not named correctly")
    parser.add_argument("--cause", choices=list(PLANTERS), help="plant this one only")
    parser.add_argument("--usual", action="store_true", help="only how repeatable defaults are")
    options = parser.parse_args(list(arguments))
    if options.usual:
        sys.stdout.writelines(f"{line}\n" for line in usual())
        return 0
    everybody = list(subjects(get_args(Modality), options.seeds))
    causes = [options.cause] if options.cause else list(PLANTERS)
    outcomes = [outcome for cause in causes for outcome in planted_outcomes(cause, everybody)]
    sys.stdout.write(table(outcomes))
    if options.missed:
        sys.stdout.writelines(f"{one.line}\n" for one in outcomes if not one.is_right)
    sys.stdout.flush()
    alarms, total = ([], 0) if options.cause else false_alarms(everybody)
    sys.stdout.write(f"\nFalse alarms: {len(alarms)} of {total} untouched reports.\n")
    sys.stdout.writelines(f"  {line}\n" for line in alarms)
    rates = [[one.is_right for one in outcomes if one.cause == cause] for cause in causes]
    return 0 if all(sum(right) >= 0.9 * len(right) for right in rates) else 1


@dataclass(frozen=True)
class Outcome:
    """What was named of one planted cause.

    Attributes:
        cause: What was planted.
        kind: Into a report of which kind of case.
        line: How, for a list.
        found: Ids that were named.
    """

    cause: CauseId
    kind: Modality
    line: str
    found: frozenset[str]

    @property
    def is_right(self) -> bool:
        """Whether this cause was named and no other."""
        return self.found == {self.cause}


def planted_outcomes(cause: CauseId, everybody: Sequence[Subject]) -> Iterator[Outcome]:
    """Plant a cause into every subject's report and ask what is named."""
    for subject in everybody:
        for planted in PLANTERS[cause](subject):
            found = planted.named()
            who = f"{planted.how}, {subject.modality} {subject.seed}"
            line = f"{cause} ({who}): {', '.join(sorted(found)) or NOTHING}"
            yield Outcome(cause, subject.modality, line, found)


def table(outcomes: Sequence[Outcome]) -> str:
    """A Markdown table: planted by row, named by column, named alone by kind of case."""
    kinds: tuple[Modality, ...] = get_args(Modality)
    head = ["planted", *PLANTERS, NOTHING, "alone", *kinds]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for cause in dict.fromkeys(one.cause for one in outcomes):
        mine = [one for one in outcomes if one.cause == cause]
        named = Counter(name for one in mine for name in one.found or {NOTHING})
        cells = [str(named[column]) for column in (*PLANTERS, NOTHING)]
        parts = [mine, *([one for one in mine if one.kind == kind] for kind in kinds)]
        cells += [f"{sum(one.is_right for one in part)} of {len(part)}" for part in parts]
        lines.append(f"| {cause} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def false_alarms(everybody: Sequence[Subject]) -> tuple[list[str], int]:
    """What is named in reports that nobody touched, and how many reports there were."""
    alarms, total = [], 0
    for subject in everybody:
        for how, report in untouched(subject):
            total += 1
            for cause in repairable(in_report(report, CARDS)):
                if cause.id == "budget" and is_starved(subject, report, cause.one[0]):
                    continue
                who = f"{how}, {subject.modality} {subject.seed}"
                alarms.append(f"{cause.id} ({who}): {cause.sentence}")
    return alarms, total


def is_starved(subject: Subject, report: EvidenceReport, method: str) -> bool:
    """Whether runs of a method under other seeds really lie elsewhere."""
    wanted = tuple(name for name in report.request.methods if name == method)
    alone = replace(report.request, methods=wanted)
    return moved_on_rerun(subject, alone, subject.case) > CONFIRMED


def untouched(subject: Subject) -> Iterator[tuple[str, EvidenceReport]]:
    """Reports of many questions."""
    kind, request = subject.modality, subject.request
    applicable = tuple(
        card.id
        for card in CARDS.values()
        if kind in card.modalities and card.needs <= subject.model.card.capabilities
    )
    questions = {
        "as asked": request,
        "baseline": replace(request, baseline=OTHER_BASELINE[kind]),
        "cut": replace(request, players=OTHER_CUT[kind]),
        "probability": replace(request, scale="probability"),
        "seed": replace(request, seed=request.seed + 7),
        "all methods": replace(request, methods=applicable, budget=2 * request.budget),
    }
    yield from ((how, subject.asked(question)) for how, question in questions.items())
    yield "case", subject.asked(case=subject.other_case)


def usual() -> Iterator[str]:
    """How far usual budgets lie from the rule: each built-in model's default request."""
    for name in ("xray", "report", "wisconsin", "recurrence"):
        model = builtin(name)
        report = consult(case_for(model), model, default_request(model.card))
        for e in report.explanations:
            yield f"{name} {e.method}: {redrawn(e):.3f} of the evidence elsewhere"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
