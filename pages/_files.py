"""The files that a reader can take away."""

from components.downloads import Download
from components.export import html_report
from components.figures.panels import FilmView
from components.figures.png import panels_png
from components.scene import Scene
from components.terms import TERMS
from explainers.report import EvidenceReport
from explainers.report_csv import regions_csv
from explainers.report_json import to_json


def html_file(scene: Scene, report: EvidenceReport) -> Download:
    """The report as one page, with the case in it."""
    holds = TERMS[scene.case.modality].case
    page = html_report(report, scene.case.payload, titles=scene.titles)
    return Download(
        label="Report (HTML)",
        suffix=".html",
        mime="text/html",
        data=page.encode(),
        help=f"One page to read and print. Holds the {holds}: treat it as patient data.",
    )


def png_file(scene: Scene, report: EvidenceReport, film: FilmView) -> Download:
    """The panels of a film as one picture."""
    footer = f"{report.model.title}, seed {report.request.seed}, case {report.case_digest[:12]}"
    return Download(
        label="Panels (PNG)",
        suffix=".png",
        mime="image/png",
        data=panels_png(film, scene.panels, report.agreement, footer=footer),
        help="Film and panels side by side. Holds the film: treat it as patient data.",
    )


def report_files(scene: Scene, report: EvidenceReport) -> tuple[Download, ...]:
    """Report and numbers: what every modality hands out."""
    return (html_file(scene, report), *table_files(scene, report))


def table_files(scene: Scene, report: EvidenceReport) -> tuple[Download, ...]:
    """The numbers, for a spreadsheet and for programs; nothing of the case itself."""
    return (
        Download(
            label=f"{scene.parts.capitalize()} (CSV)",
            suffix=".csv",
            mime="text/csv",
            data=regions_csv(report).encode(),
            help=f"The table of {scene.parts}, for a spreadsheet. Holds no name and nothing of "
            "the case itself.",
        ),
        Download(
            label="Report (JSON)",
            suffix=".json",
            mime="application/json",
            data=to_json(report, titles=scene.titles).encode(),
            help="Everything in numbers, for programs. Holds no name and nothing of the case "
            "itself.",
        ),
    )
