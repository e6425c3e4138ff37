"""The list of parts that matter, as an HTML table: verdict, every method's share, one reason."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from components.figures.colors import AGAINST, FOR, UNSIGNED, css
from components.figures.matrix import is_signed
from components.figures.swatches import swatch_style, verdict_mark
from components.figures.words import reason_text, share_text
from components.markup import Markup, join, tag
from explainers.agreement import Agreement

SHOWN: Final = 12  # regions listed even when all methods are quiet about some of them


def regions_that_matter(agreement: Agreement, *, also: int | None = None) -> tuple[int, ...]:
    """Players to list: the largest shares, every one whose verdict is not "quiet", and `also`.

    Sorted by the largest |share| that any method gives, largest first.
    """
    peaks = np.nan_to_num(np.abs(agreement.shares)).max(axis=0)
    order = np.argsort(-peaks, kind="stable")
    return tuple(
        int(p)
        for rank, p in enumerate(order)
        if agreement.verdicts[p] != "quiet" or rank < SHOWN or p == also
    )


def regions_html(
    agreement: Agreement,
    *,
    names: Sequence[str],
    titles: Mapping[str, str],
    part: str = "region",
    selected: int | None = None,
) -> Markup:
    """Write the table.

    Args:
        agreement: The comparison.
        names: (P,) names of the parts.
        titles: Method id -> name shown.
        part: What one is called.
        selected: Player that is listed in any case.
    """
    head = (part.capitalize(), "Verdict", *(titles[m] for m in agreement.methods), "Reason")
    end = float(np.nan_to_num(np.abs(agreement.shares)).max(initial=0.0))
    table = tag(
        "table",
        tag("thead", tag("tr", [tag("th", h, attributes={"scope": "col"}) for h in head])),
        tag(
            "tbody",
            [
                _row(agreement, p, names=names, end=end)
                for p in regions_that_matter(agreement, also=selected)
            ],
        ),
        attributes={"class": "cs-regions-table"},
    )
    return join(swatch_style(), table)


def _row(agreement: Agreement, player: int, *, names: Sequence[str], end: float) -> Markup:
    """One region."""
    verdict = agreement.verdicts[player]
    shares, errors = agreement.shares[:, player], agreement.share_errors[:, player]
    button = tag("button", names[player], attributes={"type": "button", "aria-pressed": "false"})
    return tag(
        "tr",
        tag("th", button, attributes={"scope": "row"}),
        tag("td", verdict_mark(verdict)),
        [
            tag("td", _bar(s, e, end=end, signed=signed), share_text(s, e, signed=signed))
            for i, (s, e) in enumerate(zip(shares, errors, strict=True))
            for signed in (is_signed(agreement, i),)
        ],
        tag("td", reason_text(agreement, player)),
        attributes={"data-player": str(player)},
    )


def _bar(share: float, error: float, *, end: float, signed: bool) -> Markup:
    """A bar from the middle, to the right for positive shares, with a whisker of one error."""
    if np.isnan(share) or end <= 0:
        return Markup()
    size = 50 * min(1.0, abs(share) / end)
    side = "left" if share >= 0 else "right"
    color = css(UNSIGNED[1] if not signed else FOR[1] if share >= 0 else AGAINST[1])
    body = tag("i", attributes={"style": f"{side}:50%;width:{size:.1f}%;background:{color}"})
    low, high = (50 + 50 * np.clip((share + s * error) / end, -1, 1) for s in (-1, 1))
    whisker = tag("u", attributes={"style": f"left:{low:.1f}%;width:{high - low:.1f}%"})
    return tag("span", body, whisker if error > 0 else "", attributes={"class": "cs-bar"})
