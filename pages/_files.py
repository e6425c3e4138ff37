"""The files that a reader can take away."""

from collections.abc import Mapping

from components.downloads import Download
from components.export import html_report
from explainers.report import EvidenceReport
from explainers.report_csv import regions_csv
from explainers.report_json import to_json
from models.case import Case


def downloads_of(
    case: Case, report: EvidenceReport, titles: Mapping[str, str]
) -> tuple[Download, ...]:
    """All files of one report; each is made when its button is pressed."""
    return (
        Download(
            label="Report (JSON)",
            suffix=".json",
            mime="application/json",
            make=lambda: to_json(report).encode(),
            help="Everything in numbers, for programs. Holds no film and no name.",
        ),
        Download(
            label="Regions (CSV)",
            suffix=".csv",
            mime="text/csv",
            make=lambda: regions_csv(report).encode(),
            help="The table of regions, for a spreadsheet. Holds no film and no name.",
        ),
        Download(
            label="Report (HTML)",
            suffix=".html",
            mime="text/html",
            make=lambda: html_report(report, case.payload, titles=titles).encode(),
            help="One page to read and print. Holds the film: treat it as patient data.",
        ),
    )
