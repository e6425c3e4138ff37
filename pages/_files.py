"""The files that a reader can take away."""

from collections.abc import Mapping

from components.downloads import Download
from components.export import html_report
from components.figures.panels import FilmView, Panel
from components.figures.png import panels_png
from explainers.report import EvidenceReport
from explainers.report_csv import regions_csv
from explainers.report_json import to_json
from models.case import Case


def write_all(
    case: Case,
    report: EvidenceReport,
    film: FilmView,
    panels: tuple[Panel, ...],
    titles: Mapping[str, str],
) -> tuple[Download, ...]:
    """Write every file of one report; takes a second or two.

    Args:
        case: What it is about.
        report: What was found.
        film: The film and its regions.
        panels: As they are shown.
        titles: Method id -> display name.
    """
    footer = f"{report.model.title}, seed {report.request.seed}, case {report.case_digest[:12]}"
    return (
        Download(
            label="Report (HTML)",
            suffix=".html",
            mime="text/html",
            data=html_report(report, case.payload, titles=titles).encode(),
            help="One page to read and print. Holds the film: treat it as patient data.",
        ),
        Download(
            label="Panels (PNG)",
            suffix=".png",
            mime="image/png",
            data=panels_png(film, panels, report.agreement, footer=footer),
            help="Film and panels side by side. Holds the film: treat it as patient data.",
        ),
        Download(
            label="Regions (CSV)",
            suffix=".csv",
            mime="text/csv",
            data=regions_csv(report).encode(),
            help="The table of regions, for a spreadsheet. Holds no film and no name.",
        ),
        Download(
            label="Report (JSON)",
            suffix=".json",
            mime="application/json",
            data=to_json(report).encode(),
            help="Everything in numbers, for programs. Holds no film and no name.",
        ),
    )
