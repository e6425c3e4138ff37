"""A report as one screen of plain text. numpy only."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Final

import numpy as np

from explainers.agreement import Agreement
from explainers.naming import part_names, part_of, record_behind
from explainers.reading import LABELS, reading
from explainers.report import EvidenceReport
from explainers.text_table import aligned
from models.case import Payload, TabularPayload

NOT_FOR_DIAGNOSIS: Final = "Not for diagnosis: a research tool; a person must read the case."
TOP_PARTS: Final = 8
WIDTH: Final = 120  # of the sentences to read first
SHOWN_METHODS: Final = 4  # columns that fit a line
SHOWN_PAIRS: Final = 3
UNITS: Final = {"logit": "log-odds", "probability": "probability"}


def summary(
    report: EvidenceReport,
    payload: Payload | None = None,
    *,
    titles: Mapping[str, str] | None = None,
) -> str:
    """Prediction, reading, methods, the parts that matter most, and how far the methods agree.

    Args:
        report: What was found.
        payload: The case's content for its own reader: the words of a text are quoted, the values
            of a record written. None leaves them out.
        titles: Method id -> name in sentences; ids where missing.
    """
    case = f"{report.modality} {report.case_digest[:12]}{_place(payload)}"
    blocks = (
        _prediction(report, case),
        _reading(report, payload, titles or {}),
        _methods(report),
        _parts(report, payload),
        _agreement(report),
    )
    text = "\n".join("\n".join(lines) + "\n" for lines in map(list, blocks) if lines)
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def percent(fraction: float) -> str:
    """A fraction in [0, 1] as percent; extremes are not rounded to certainty."""
    if 0 < fraction < 0.001:
        return "< 0.1 %"
    if 0.999 < fraction < 1:
        return "> 99.9 %"
    return f"{100 * fraction:.1f} %"


def share(value: float, error: float, *, signed: bool) -> str:
    """A share with its standard error in percent; a dash where a method found nothing."""
    if np.isnan(value):
        return "-"
    rounded = round(100 * value, 1) + 0.0  # no minus before a zero
    text = f"{rounded:+.1f}" if signed and rounded else f"{rounded:.1f}"
    if error > 1:  # a share cannot exceed 100 %
        return f"{text} ± over 100 %"
    return f"{text} ± {100 * error:.1f} %" if error > 0 else f"{text} %"


def top_players(report: EvidenceReport, count: int) -> list[int]:
    """The players with the largest share in any method, largest first; none that all call zero."""
    if not report.explanations:
        return []
    largest = np.nan_to_num(np.abs([e.shares for e in report.explanations])).max(axis=0)
    return [int(i) for i in np.argsort(-largest, kind="stable")[:count] if largest[i] > 0]


def _place(payload: Payload | None) -> str:
    """Which of several records it is."""
    if isinstance(payload, TabularPayload) and payload.n_rows > 1:
        return f", row {payload.row} of {payload.n_rows:,}"
    return ""


def _prediction(report: EvidenceReport, case: str) -> Iterator[str]:
    """What the model says, what limits it, and what was asked."""
    model, prediction, target = report.model, report.prediction, report.target
    yield NOT_FOR_DIAGNOSIS
    yield f"Model       {model.title} ({model.id}, weights {model.weights_sha256[:12]})"
    yield f"Case        {case}"
    for name, probability, odds in zip(
        prediction.classes, prediction.probabilities, report.log_odds, strict=True
    ):
        point = ""
        if name == model.default_target:
            side = "at or above" if probability >= model.operating_point else "below"
            point = f", {side} the operating point of {percent(model.operating_point)}"
        yield f"Prediction  {name}: {percent(probability)} (log-odds {odds:+.2f}{point})"
    if prediction.check is not None and not prediction.check.accepted:
        yield f"WARNING     {prediction.check.message}"
    against = "" if target.contrast is None else f" rather than {model.classes[target.contrast]}"
    yield f"Explained   {target.name}{against}, in {UNITS[report.request.scale]}"
    yield f"Baseline    {report.baseline.name}: {report.baseline.description}"
    yield from (f"Remark      {remark}" for remark in report.remarks)


def _reading(
    report: EvidenceReport, payload: Payload | None, titles: Mapping[str, str]
) -> Iterator[str]:
    """What to read first."""
    names = part_names(report.players, payload)
    for line in reading(report, names=names, titles=titles):
        label = f"{LABELS[line.subject]:<11} "
        yield from wrap(line.text, WIDTH, initial_indent=label, subsequent_indent=" " * 12)


def _methods(report: EvidenceReport) -> Iterator[str]:
    """What each method cost, or why it failed."""
    costs = [
        (e.method, f"{e.rows:,} model runs", f"{e.seconds:.2f} s") for e in report.explanations
    ]
    for line, e in zip(aligned(costs, n_left=1), report.explanations, strict=True):
        yield line
        yield from (f"  {remark}" for remark in e.remarks)
    yield from (f"{failure.method}  failed: {failure.reason}" for failure in report.failures)


def _parts(report: EvidenceReport, payload: Payload | None) -> Iterator[str]:
    """The parts that matter most, as shares of each method's total."""
    shown = report.explanations[:SHOWN_METHODS]
    players = top_players(report, TOP_PARTS)
    if not players:
        return
    names = part_names(report.players, payload)
    record = record_behind(report.players, payload)
    head = (part_of(report.request.players).capitalize(), *(["Value"] if record else []), "Verdict")
    rows = [[*head, *(e.method for e in shown)]]
    for player in players:
        value = [record.schema.columns[player].text(record.values[player])] if record else []
        verdict = report.agreement.verdicts[player] if report.agreement else "-"
        cells = (share(e.shares[player], e.share_errors[player], signed=e.signed) for e in shown)
        rows.append([names[player], *value, verdict, *cells])
    yield from aligned(rows, n_left=len(head))
    hidden = len(report.explanations) - len(shown)
    if hidden:
        yield f"({hidden} more: see --csv or --out)"


def _agreement(report: EvidenceReport) -> Iterator[str]:
    """Verdicts counted, and the rank correlation of every pair beside chance."""
    agreement = report.agreement
    if agreement is None:
        return
    counts = Counter(agreement.verdicts)
    yield "Verdicts    " + ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common())
    pairs = list(itertools.combinations(range(len(agreement.methods)), 2))
    shown = sorted(pairs, key=lambda pair: _likeness(agreement, *pair))[:SHOWN_PAIRS]
    more = f" of the {len(shown)} least alike" if len(shown) < len(pairs) else ""
    yield f"Agreement   rank correlation{more}, by chance in brackets"
    rows = [_pair(agreement, *pair) for pair in (shown if more else pairs)]
    yield from (f"            {line}" for line in aligned(rows, n_left=1))
    yield from (f"Remark      {remark}" for remark in agreement.remarks)
    yield "Agreement is not truth: it does not say which method is right."


def _likeness(agreement: Agreement, i: int, j: int) -> float:
    """Rank correlation of two methods, undefined ones last."""
    found = float(agreement.metrics["rank_correlation"][i, j])
    return math.inf if math.isnan(found) else found


def _pair(agreement: Agreement, i: int, j: int) -> tuple[str, str]:
    """Two methods and how alike they are."""
    found = agreement.metrics["rank_correlation"][i, j]
    chance = agreement.chance_floor["rank_correlation"][i, j]
    likeness = "undefined" if np.isnan(found) else f"{found:.2f} ({chance:.2f})"
    return f"{agreement.methods[i]}, {agreement.methods[j]}", likeness
