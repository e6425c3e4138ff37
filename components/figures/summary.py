"""What the panels show, in words: for screen readers and for the first glance."""

import numpy as np

from components.figures.panels import Panel
from components.figures.words import share_text
from explainers.agreement import Agreement


def viewer_summary(
    panels: tuple[Panel, ...], agreement: Agreement | None, *, names: tuple[str, ...]
) -> str:
    """Say for each panel which region it weighs most, and how the regions were judged."""
    parts = [f"{len(panels) + 2} panels of the same film."]
    parts += [f"{panel.title}: {strongest(panel, names=names)}." for panel in panels]
    if agreement is not None:
        counts = [(v, agreement.verdicts.count(v)) for v in ("consensus", "contested", "conflict")]
        parts.append("Regions: " + ", ".join(f"{n} {v}" for v, n in counts) + ".")
    return " ".join(parts)


def strongest(panel: Panel, *, names: tuple[str, ...]) -> str:
    """One panel's largest share in words, or why there is none."""
    if panel.explanation is None:
        return (panel.message or "no answer yet").rstrip(".")
    shares = panel.explanation.shares
    if np.isnan(shares).all():
        return "found nothing"
    top = int(np.nanargmax(np.abs(shares)))
    return f"strongest {names[top]} {share_text(shares[top], panel.explanation.share_errors[top])}"
