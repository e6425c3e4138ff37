"""What if a value were another: change it and ask again, or see the whole curve of one feature."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from components import record_form
from components.figures.ice import ice_figure
from components.figures.table_bars import UNIT_WORDS
from components.record_view import CONFIG
from components.scene import Scene
from explainers.explanation import Explanation
from explainers.numerals import numeral
from explainers.report import EvidenceReport
from explainers.table_views import IceCurve
from models.case import Case
from models.schema import TableSchema

ROWS: Final = 8  # features compared before and after


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Origin:
    """The record from which values were changed.

    Attributes:
        case: As it was opened.
        report: What was found about it.
        changed_digest: Digest of the changed record.
    """

    case: Case
    report: EvidenceReport
    changed_digest: str


def show_form(case: Case, *, key: str) -> list[float | None] | None:
    """Draw the record as a form; its values in the run in which they are to be asked about."""
    record = case.record
    st.caption("Change any value; an emptied field is a missing value. Nothing is stored.")
    return record_form.show(
        record.schema, record.values.tolist(), button="Ask again with these values", key=key
    )


def show_curve(curves: Sequence[IceCurve], scene: Scene, *, target: str) -> None:
    """Draw the curve of one feature, the one marked in the table unless another is chosen."""
    columns = scene.case.record.schema.columns
    marked = scene.selected if scene.selected is not None and _features(scene) else None
    spans = [float(np.ptp(curve.values)) for curve in curves]
    start = int(np.argmax(spans)) if marked is None else marked
    chosen = st.selectbox(
        "Feature",
        range(len(columns)),
        index=start,
        format_func=lambda i: columns[i].title,
        help="At first the feature that can move the answer most, or the one marked in the table.",
        key=f"{scene.key}.ice.{marked}",
    )
    st.plotly_chart(
        ice_figure(curves[chosen], columns[chosen], target=target),
        key=f"{scene.key}.curve",
        config=CONFIG,
        alt=f"Probability of {target} at every value of {columns[chosen].title}",
    )
    st.caption(
        "Everything else of the record stays as it is (individual conditional expectation). "
        "Far outside the grey band the model has seen few records or none."
    )


def show_before_after(origin: Origin, scene: Scene, report: EvidenceReport, *, key: str) -> bool:
    """Draw what the change did.

    Returns:
        Whether the record as opened is wanted back.
    """
    before, after = origin.report, report
    names = changes(origin.case, scene.case)
    st.subheader("What the change did", anchor=False)
    st.text(f"Changed: {'; '.join(names) or 'nothing'}.")
    if before.model.id != after.model.id or before.target != after.target:
        st.caption("Another model or another class was asked before: the answers do not compare.")
    else:
        index = after.target.index
        old, new = (100 * float(r.prediction.probabilities[index]) for r in (before, after))
        st.text(f"Probability of {after.target.name}: {old:.0f} % before, {new:.0f} % now.")
        rows = moved(before, after, scene.names, dict(scene.titles))
        if rows:
            unit = UNIT_WORDS[after.request.scale]
            st.caption(f"Value of each feature before → now, in {unit}; the most changed first.")
            st.table(rows, hide_index=True)
    return st.button("Back to the record as opened", key=key)


def changes(before: Case, after: Case) -> list[str]:
    """What differs between two records, as "Nodes 8 → 2"."""
    schema: TableSchema = before.record.schema
    pairs = zip(schema.columns, before.record.values, after.record.values, strict=True)
    return [
        f"{column.title} {column.text(old)} → {column.text(new)}"
        for column, old, new in pairs
        if not (old == new or (np.isnan(old) and np.isnan(new)))
    ]


def moved(
    before: EvidenceReport, after: EvidenceReport, names: Sequence[str], titles: dict[str, str]
) -> list[dict[str, str]]:
    """Values before and after of the features that moved most, one column a method."""
    pairs = [
        (old, new)
        for new in after.explanations
        for old in before.explanations
        if old.method == new.method and old.scale == new.scale and same_parts(old, new)
    ]
    if not pairs:
        return []
    sizes = np.max([np.abs(new.values - old.values) for old, new in pairs], axis=0)
    return [
        {"Feature": names[i]}
        | {titles.get(new.method, new.method): _arrow(old, new, i) for old, new in pairs}
        for i in np.argsort(-sizes, kind="stable")[:ROWS]
    ]


def same_parts(one: Explanation, two: Explanation) -> bool:
    """Whether two answers are on the same features."""
    return one.players.digest() == two.players.digest()


def _arrow(old: Explanation, new: Explanation, player: int) -> str:
    """A value before and after."""
    before, after = (numeral(each.values[player], "+.2f") for each in (old, new))
    return f"{before} → {after}"


def _features(scene: Scene) -> bool:
    """Whether parts are single features, so that a marked part names a column."""
    return scene.layout is not None and scene.layout.players.kind == "feature"
