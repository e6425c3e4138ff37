"""How far the methods agree, pair by pair, beside what chance alone would give."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from components.figures.agreement_curve import agreement_curve, curve_sentence
from components.figures.headline import CAVEAT, headline
from components.figures.matrix import matrix_html, pairs
from components.figures.words import metric_words
from components.markup import Markup, join, tag
from components.notices import plain
from explainers.agreement import METRICS, Agreement, compare
from explainers.curves import Curves, curves
from explainers.explanation import Explanation
from explainers.guard import NothingToExplain

STYLE: Final = (Path(__file__).parent / "assets" / "matrix.css").read_text(encoding="utf-8")
CONFIG: Final = {"displaylogo": False, "displayModeBar": False}
READING: Final = (
    "Dot: what was measured. Thick line: 95 % of chance arrangements stay within; their mean is "
    "written as chance. Tick and runs alike: what two runs that mean the same reach on average, by "
    "the methods' own error bars; half of such pairs lie above. Within chance: the number may be "
    "high and still say nothing."
)


def show_nothing(reasons: tuple[NothingToExplain, ...]) -> None:
    """Draw why the answers are not compared."""
    for reason in reasons:
        st.info(plain(reason.sentence))


def show(
    agreement: Agreement,
    *,
    titles: Mapping[str, str],
    parts: str = "regions",
    key: str,
    explanations: Sequence[Explanation] = (),
) -> None:
    """Draw headline, table and how to read it; with answers, at a size of the top to choose.

    Choosing starts no model run: the answers are there, only the statistics are computed again.

    Args:
        agreement: The comparison.
        titles: Method id -> name shown.
        parts: What is compared, "regions".
        key: Key of the container.
        explanations: What was compared; empty to show the comparison as it is.
    """
    with st.container(key=key):
        shown = agreement
        if explanations:
            shown = _at_chosen_size(agreement, explanations, titles, parts, key=key)
        said = tag("p", headline(shown, titles=titles), attributes={"class": "cs-headline"})
        notes = (f"Top {parts} are the {shown.k} largest shares. {READING}", CAVEAT)
        below = [
            tag("p", note, attributes={"class": "cs-note"}) for note in (*shown.remarks, *notes)
        ]
        matrix = matrix_html(shown, titles=titles, parts=parts)
        st.html(join(Markup(f"<style>{STYLE}</style>"), said, matrix, below))
        if explanations:
            _show_curve(shown, titles, parts, key=key)


def _at_chosen_size(
    agreement: Agreement,
    explanations: Sequence[Explanation],
    titles: Mapping[str, str],
    parts: str,
    *,
    key: str,
) -> Agreement:
    """The comparison at the size of the top that the reader sets; kept until it changes."""
    size = st.number_input(
        f"{parts.capitalize()} that count as the top",
        min_value=1,
        max_value=agreement.players.count,
        value=agreement.k,
        key=f"{key}.k.{agreement.k}.{agreement.players.count}",  # another report starts anew
        help=f"{agreement.k} carry half of the evidence. Another number asks the model nothing.",
        width=260,
    )
    if size == agreement.k:
        return agreement
    kept = st.session_state.get(f"{key}.again")
    if kept is None or kept[0] is not agreement or kept[1].k != size:
        found = compare(
            explanations,
            onto=agreement.players,
            k=int(size),
            titles={method: titles[method] for method in agreement.methods},
            level=agreement.level,
        )
        kept = st.session_state[f"{key}.again"] = (agreement, found)
    again: Agreement = kept[1]
    return again


def _show_curve(agreement: Agreement, titles: Mapping[str, str], parts: str, *, key: str) -> None:
    """One metric of one pair over every size of the top, beside chance."""
    names = [titles[method] for method in agreement.methods]
    words = metric_words(parts)
    with st.expander("How this depends on the size of the top"):
        left, right = st.columns(2)
        pair = left.selectbox(
            "Methods",
            list(pairs(agreement)),
            format_func=lambda two: f"{names[two[0]]} – {names[two[1]]}",
            key=f"{key}.pair.{'.'.join(agreement.methods)}",
        )
        metric = right.selectbox("Metric", METRICS, format_func=words.__getitem__, key=f"{key}.by")
        found = _curves(agreement, key=f"{key}.curves")
        st.plotly_chart(
            agreement_curve(found, metric, pair, k=agreement.k, parts=parts),
            key=f"{key}.curve",
            config=CONFIG,
            alt=f"{words[metric]} at every size of the top, beside chance",
        )
        st.caption(plain(curve_sentence(found, metric, pair, k=agreement.k, parts=parts)))


def _curves(agreement: Agreement, *, key: str) -> Curves:
    """Every metric at every size; kept, as it takes a second for hundreds of words."""
    kept = st.session_state.get(key)
    if kept is None or kept[0] is not agreement.shares:
        kept = st.session_state[key] = (
            agreement.shares,
            curves(agreement.shares, agreement.signed),
        )
    found: Curves = kept[1]
    return found
