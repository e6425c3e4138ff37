"""The regions of a report as a table for spreadsheets. numpy only."""

import csv
import io
from typing import Final

import numpy as np

from explainers.report import EvidenceReport

# A spreadsheet runs a cell that begins like this as a formula (OWASP, "CSV Injection").
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def regions_csv(report: EvidenceReport) -> str:
    """One row a player: name, verdict, reason, and every method's value, share and standard error.

    Values and errors are in the unit of the explained scale, shares are fractions of each method's
    sum of absolute values; an undefined number is an empty cell. Numbers keep the digits that give
    back the same float64.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    methods = [e.method for e in report.explanations]
    parts = ("value", "std_error", "share", "share_error")
    writer.writerow(
        ["player", "name", "verdict", "reason", *(f"{m}_{part}" for m in methods for part in parts)]
    )
    for player in range(report.players.count):
        numbers: list[float | None] = []
        for e in report.explanations:
            error = None if e.std_error is None else e.std_error[player]
            share, share_error = e.shares[player], e.share_errors[player]
            numbers += [e.values[player], error, share, share_error]
        verdict, reason = _judged(report, player)
        text = (report.players.name(player), verdict, reason)
        writer.writerow([player, *map(safe_cell, text), *map(_number, numbers)])
    return out.getvalue()


def safe_cell(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _judged(report: EvidenceReport, player: int) -> tuple[str, str]:
    """Verdict and reason; empty where nothing was compared."""
    if report.agreement is None:
        return "", ""
    return report.agreement.verdicts[player], report.agreement.reasons[player]


def _number(value: float | None) -> str:
    """Shortest digits of a float64; empty for an undefined number."""
    return "" if value is None or np.isnan(value) else repr(float(value))
