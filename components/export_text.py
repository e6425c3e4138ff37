"""A text in the HTML report: once a method, words coloured by share, and once with its verdicts.

No streamlit. The drawing is the page's.
"""

from collections.abc import Mapping

from components.export_figures import panels_of
from components.figures.tokens import text_legend_html, text_panels_html
from components.markup import Markup, join, tag
from explainers.report import EvidenceReport
from models.case import TextPayload


def text_figures(report: EvidenceReport, document: TextPayload, names: Mapping[str, str]) -> Markup:
    """The text as each method weighs it, and as they differ, with a legend."""
    if not report.players.word_spans:
        return Markup()
    panels = panels_of(report, names)
    return join(
        tag("h2", "Text and explanations"),
        text_panels_html(document, report.players, panels, report.agreement),
        tag("div", text_legend_html(panels, report.agreement), attributes={"class": "text-legend"}),
        tag("p", "Grey words were not read by the model."),
    )
