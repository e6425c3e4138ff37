"""Bars, waterfall, ICE and the global view as data, not pixels."""

import numpy as np
import pytest

from components.figures.ice import ice_figure
from components.figures.overview_figures import beeswarm, importance_bars, tree_html
from components.figures.table_bars import method_bars, shown_order, waterfall
from explainers.agreement import compare
from explainers.explanation import Explanation, MethodId
from explainers.players import Players
from explainers.table_views import IceCurve, Overview, SurrogateTree, TreeNode
from models.schema import Column
from tests.reports import explanation

NAMES = ("Age", "Size", "Nodes")
PLAYERS = Players(
    membership=np.arange(3, dtype=np.int32), element_shape=(3,), kind="feature", names=NAMES
)
AGE = Column(
    name="age",
    title="Age",
    kind="number",
    unit="years",
    percentiles=tuple(np.linspace(30, 80, 101)),
)
GRADE = Column(name="grade", title="Grade", kind="category", categories=("2", "3"))


def answer(method: MethodId, values: list[float], **changed: object) -> Explanation:
    fields: dict[str, object] = {
        "players": PLAYERS,
        "values": np.array(values),
        "std_error": np.array([0.01, 0.02, 0.03]),
        "element_map": None,
        "scale": "logit",
        "value_empty": -1.0,
        "value_full": -1.0 + sum(values),
    }
    return explanation(method, **{**fields, **changed})


def test_bars_hold_raw_values_with_95_percent_whiskers_largest_first() -> None:
    one, two = answer("kernel_shap", [0.1, -2.0, 0.5]), answer("lime", [0.2, 1.0, 0.4])
    figure = method_bars(
        [one, two], labels=NAMES, titles={"lime": "LIME"}, agreement=compare([one, two]), target="x"
    )
    assert shown_order([one, two])[0] == 1
    assert next(iter(figure.data[0].y)) == "Size"
    assert next(iter(figure.data[0].x)) == -2.0
    assert figure.data[0].error_x.array[0] == pytest.approx(1.96 * 0.02)
    assert [trace.name for trace in figure.data] == ["kernel_shap", "LIME"]
    assert figure.data[0].marker.pattern.shape != figure.data[1].marker.pattern.shape
    assert "<b>conflict</b>" in [note.text for note in figure.layout.annotations]


def test_waterfall_runs_from_the_average_to_the_answer() -> None:
    figure = waterfall(answer("kernel_shap", [0.1, -2.0, 0.5]), labels=NAMES)
    (trace,) = figure.data
    assert trace.measure[0] == "absolute"
    assert trace.measure[-1] == "total"
    assert sum(trace.x[:-1]) == pytest.approx(-1.0 + 0.1 - 2.0 + 0.5)
    assert "left unexplained" not in trace.y


def test_waterfall_shows_what_does_not_add_up() -> None:
    figure = waterfall(
        answer("integrated_gradients", [0.1, -2.0, 0.5], value_full=0.0), labels=NAMES
    )
    (trace,) = figure.data
    assert trace.x[list(trace.y).index("left unexplained")] == pytest.approx(2.4)


def test_waterfall_of_a_method_without_base_value_is_refused() -> None:
    with pytest.raises(ValueError, match="no base value"):
        waterfall(answer("lime", [1, 2, 3], value_empty=None), labels=NAMES)


def curve(**changed: object) -> IceCurve:
    fields: dict[str, object] = {
        "column": 0,
        "grid": np.array([30.0, 55.0, 80.0]),
        "values": np.array([-1.0, 0.0, 1.0]),
        "at": 55.0,
        "value": 0.0,
        "missing": 0.5,
        "scale": "logit",
    }
    return IceCurve(**{**fields, **changed})  # type: ignore[arg-type]


def test_ice_is_drawn_as_probability_with_the_record_on_it() -> None:
    line, point = ice_figure(curve(), AGE, target="relapse").data
    assert line.y[1] == pytest.approx(50)
    assert line.y[2] == pytest.approx(100 / (1 + np.exp(-1)))
    assert (point.x[0], point.y[0]) == (55.0, pytest.approx(50))


@pytest.mark.parametrize(
    ("place", "words"), [(0.0, "top right"), (0.5, "top center"), (1.0, "top left")]
)
def test_ice_words_stay_inside_the_axis(place: float, words: str) -> None:
    grid = curve().grid
    at = float(grid.min() + place * np.ptp(grid))
    _, point = ice_figure(curve(at=at), AGE, target="relapse").data
    assert point.textposition == words


def test_ice_of_a_missing_value_has_no_point() -> None:
    assert len(ice_figure(curve(at=np.nan), AGE, target="relapse").data) == 1


def test_ice_of_a_category_is_bars_with_names() -> None:
    found = curve(grid=np.array([0.0, 1.0]), values=np.array([0.0, 1.0]), at=1.0)
    bars, point = ice_figure(found, GRADE, target="relapse").data
    assert list(bars.x) == ["2", "3"]
    assert point.x[0] == "3"


def made_overview() -> Overview:
    draw = np.random.default_rng(0)
    tree = SurrogateTree(
        nodes=(
            TreeNode(rule="Age at most 50", yes=1, no=2, value=0.0, share=1.0),
            TreeNode(rule="", yes=None, no=None, value=-1.0, share=0.4),
            TreeNode(rule="", yes=None, no=None, value=1.0, share=0.6),
        ),
        importance=np.array([1.0, 0.0]),
        fidelity=0.8,
        n_fitted=10,
        n_held_out=10,
    )
    records = np.stack([draw.uniform(30, 80, 20), draw.integers(0, 2, 20).astype(float)], axis=1)
    records[0, 0] = np.nan
    sizes = np.array([0.2, 0.8])
    return Overview(
        names=("Age", "Grade"),
        method="Exact Shapley",
        records=records,
        shap=draw.normal(size=(20, 2)),
        importance={"shap": sizes, "permutation": sizes, "tree": tree.importance},
        error={"shap": sizes / 10, "permutation": sizes / 10, "tree": np.zeros(2)},
        tree=tree,
        rank_correlation=np.ones((3, 3)),
        parted=np.zeros(2),
    )


def test_three_measures_are_percent_of_their_own_totals() -> None:
    figure = importance_bars(made_overview())
    assert len(figure.data) == 3
    for trace in figure.data:
        assert sum(trace.x) == pytest.approx(100)
    assert list(figure.data[0].y) == ["Grade", "Age"]


def test_beeswarm_shows_every_record_and_marks_missing_values() -> None:
    figure = beeswarm(made_overview(), (AGE, GRADE))
    grade, age = figure.data
    assert len(age.x) == 20
    assert age.marker.symbol[0] == "x"
    assert age.text[0] == "missing"
    assert np.ptp(grade.y) < 1


def test_tree_is_written_with_rules_answers_and_shares() -> None:
    html = tree_html(made_overview().tree)
    assert "Age at most 50? (100 % of records)" in html
    assert "27 %" in html  # sigmoid(-1)
    assert "40 % of records" in html
