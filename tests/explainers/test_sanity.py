"""Lights follow the stated rule; on the built-in film model they are the known ones."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from explainers import sanity_report
from explainers.asking import ask
from explainers.engine import Runtime
from explainers.methods import methods_named
from explainers.rank_similarity import interval_of, mean_of, unit_ranks
from explainers.reference_cases import reference_cases
from explainers.sanity import rows_of_sanity, sanity, sanity_of_case
from explainers.sanity_report import Depth, MethodSanity, SanityReport
from explainers.sanity_wording import lines
from explainers.twin_bench import budget_for, depths_of, request_for
from models.adapter import HasTwin, ModelAdapter
from models.case import image_case
from models.catalog import catalog
from models.errors import CancelledError, ExplainError, UnsupportedMethodError
from models.inputs.image import decode_image
from tests.toys import SIDE, toy_case

DEPTHS = (
    Depth(name="the head", layers=1, share=0.1),
    Depth(name="the upper half of the layers", layers=5, share=0.5),
    Depth(name="all layers", layers=10, share=1.0),
)


def load(model_id: str) -> ModelAdapter:
    return catalog().load(model_id, torch.device("cpu"))


def method(kept: tuple[float, float, float], *, spread: float = 0.0) -> MethodSanity:
    """Six cases and three twins; the floor is 0.2, the ceiling 1."""
    noise = spread * np.random.default_rng(0).normal(size=(3, 6, 3))
    own = 0.2 + 0.8 * np.array(kept)[:, None, None] + noise
    return MethodSanity(
        method="gradient",
        level="pixels",
        own=own,
        other=np.full((3, 6, 3), 0.2),
        ceiling=np.ones(6),
    )


def report_of(*methods: MethodSanity) -> SanityReport:
    return SanityReport(
        model_id="toy",
        weights_sha256="0" * 64,
        depths=DEPTHS,
        n_cases=6,
        n_twins=3,
        methods=methods,
        refused={"lime": "No."},
        rows=7,
        seconds=0.5,
    )


@pytest.mark.parametrize(
    ("kept", "spread", "light"),
    [
        ((0.9, 0.1, 0.0), 0.0, "green"),  # the head alone does not decide
        ((0.9, 0.9, 0.0), 0.0, "red"),  # half of the layers are random, the map is the same
        ((0.9, 0.9, 0.9), 0.0, "red"),
        ((0.4, 0.4, 0.4), 0.0, "amber"),
        ((0.1, 0.1, 0.1), 1.5, "amber"),  # too noisy to be green
        ((0.6, 0.6, 0.6), 1.5, "amber"),  # or red
    ],
)
def test_lights_follow_the_rule(
    kept: tuple[float, float, float], spread: float, light: str
) -> None:
    assert method(kept, spread=spread).light(DEPTHS) == light


def test_what_survives_is_measured_between_other_cases_and_re_runs() -> None:
    found = method((0.5, 0.25, 0.0))
    np.testing.assert_allclose(found.kept, [0.5, 0.25, 0.0], atol=1e-12)
    noisy = replace(found, ceiling=np.full(6, 0.6))  # a re-run reaches 0.6 only
    np.testing.assert_allclose(noisy.kept, [1.0, 0.5, 0.0], atol=1e-12)
    as_low_as_the_floor = replace(found, ceiling=np.full(6, 0.25))
    assert np.isnan(as_low_as_the_floor.kept).all()
    assert as_low_as_the_floor.light(DEPTHS) == "open"


def test_maps_that_rank_nothing_are_left_out_not_counted_as_different() -> None:
    found = method((0.9, 0.9, 0.9))
    own = found.own.copy()
    own[:, 0, :] = np.nan
    np.testing.assert_allclose(replace(found, own=own).kept, 0.9)
    own[:] = 0.0  # every map of every twin is empty
    emptied = replace(found, own=own, other=np.zeros_like(own))
    assert emptied.light(DEPTHS) == "green"
    assert replace(found, own=np.full_like(own, np.nan)).light(DEPTHS) == "open"


def test_report_document_is_plain_data_and_returns() -> None:
    found = report_of(method((0.9, 0.1, np.nan)))
    document = json.loads(json.dumps(found.to_document(), allow_nan=False))
    again = SanityReport.from_document(document)
    assert again.to_document() == found.to_document()
    np.testing.assert_array_equal(again.methods[0].own, found.methods[0].own)
    assert again.refused == {"lime": "No."}


def test_what_is_asked_later_joins_what_is_known() -> None:
    known = report_of(method((0.9, 0.1, 0.0)))
    assert known.lacks(["gradient", "lime", "rise"]) == ("rise",)  # LIME was refused
    later = replace(report_of(replace(method((0.9, 0.9, 0.0)), method="rise")), refused={})
    joined = known.joined(later)
    assert joined.rows == 14
    assert [m.method for m in joined.about(["rise"]).methods] == ["rise"]
    assert joined.about(["rise"]).refused == {}
    assert joined.lacks(["gradient", "lime", "rise"]) == ()


def test_words_name_the_light_and_the_method() -> None:
    (line,) = lines(report_of(method((0.9, 0.8, 0.0))), {"gradient": "Gradient"})
    assert line.startswith("[red] Gradient does not look at the model: 80 % of its map survives")


def test_an_interval_over_all_colours_is_called_too_wide() -> None:
    wide = method((0.4, 0.4, 0.4), spread=1.5)
    (line,) = lines(report_of(wide), {})
    assert line.startswith("[amber] gradient: these cases are too few to say")
    (narrow,) = lines(report_of(method((0.4, 0.4, 0.4))), {})
    assert "in part: 40 %" in narrow


def test_unit_ranks_give_spearman_with_average_ties() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    one, two = rng.integers(0, 5, size=(2, 40)).astype(float)
    a, b = unit_ranks(np.stack([one, two]))
    assert float(a @ b) == pytest.approx(stats.spearmanr(one, two)[0], abs=1e-12)
    assert np.isnan(unit_ranks(np.ones((1, 4)))).all()


def test_undefined_means_and_intervals_are_nan() -> None:
    assert np.isnan(mean_of(np.array([np.nan])))
    assert float(mean_of(np.array([np.nan, 2.0]))) == 2.0
    assert np.isnan(interval_of(np.full(100, np.nan))).all()
    low, high = interval_of(np.linspace(0, 1, 1001))
    assert (low, high) == pytest.approx((0.025, 0.975))


def test_known_lights_on_real_films(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sanity_report.N_TWINS, "image", 2)
    films = sorted((shared_data / "xray" / "samples").glob("*.png"))[:4]
    cases = [decode_image(film.read_bytes(), name=film.name) for film in films]
    found = sanity(load("xray"), cases, ["gradient", "grad_cam", "guided_backprop"])
    assert not found.refused
    lights = {m.method: m.light(found.depths) for m in found.methods}
    assert lights == {"gradient": "green", "grad_cam": "green", "guided_backprop": "red"}
    assert all(m.level == "pixels" for m in found.methods)


def test_records_are_compared_by_feature_and_a_case_of_ones_own_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = load("wisconsin")
    cases = reference_cases(model, 4)
    monkeypatch.setitem(sanity_report.N_TWINS, "tabular", 3)
    asked = ["integrated_gradients", "lime_tabular", "grad_cam"]
    found = sanity(model, cases[:3], asked)  # type: ignore[arg-type]
    assert [m.method for m in found.methods] == asked[:2]
    assert "does not explain tabular" in found.refused["grad_cam"]
    assert found.methods[0].own.shape == (len(found.depths), 3, 3)
    assert (found.methods[0].ceiling == 1).all()
    assert (found.methods[1].ceiling < 1).all()
    assert found.rows <= rows_of_sanity(model, cases[:3], asked)  # type: ignore[arg-type]
    own = sanity_of_case(model, cases[3], found, cases[:3])
    assert [c.method for c in own] == asked[:2]
    assert all(np.isfinite(c.kept).all() and max(c.own) <= 1 for c in own)


def test_texts_have_no_floor_of_other_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sanity_report.N_TWINS, "text", 1)
    model = load("report")
    found = sanity(model, reference_cases(model, 3), ["attention_rollout"])
    (rollout,) = found.methods
    assert (rollout.other == 0).all()
    assert rollout.own[0] == pytest.approx(1.0)  # attention never reads the head


def test_a_method_gets_what_a_long_text_needs_up_to_a_limit() -> None:
    model = load("report")
    questions = [ask(case, model, request_for(model)) for case in reference_cases(model, 12)]
    question = max(questions, key=lambda asked: asked.players.count)
    shap, lime, orders, rollout = methods_named(
        ["kernel_shap", "lime", "permutation_shap", "attention_rollout"]
    )
    for method in (shap, lime):
        assert sanity_report.BUDGET["text"] < budget_for(method, question)
        method.require(question, budget_for(method, question))
    assert budget_for(rollout, question) == sanity_report.BUDGET["text"]
    limit = sanity_report.MOST_TIMES * sanity_report.BUDGET["text"]
    assert budget_for(orders, question) == limit < orders.least_budget(question)


def test_twins_are_fixed_by_the_weights() -> None:
    model = load("wisconsin")
    cases = reference_cases(model, 2)
    one, two = (sanity(model, cases, ["integrated_gradients"]) for _ in range(2))
    np.testing.assert_array_equal(one.methods[0].own, two.methods[0].own)


def test_a_model_without_weights_is_refused_in_one_sentence() -> None:
    model = load("recurrence-trees")
    cases = reference_cases(model, 2)
    assert not isinstance(model, HasTwin)
    with pytest.raises(UnsupportedMethodError, match="no weights"):
        sanity(model, cases, ["occlusion"])
    assert rows_of_sanity(model, cases, ["occlusion"]) == 0


def test_it_can_be_cancelled() -> None:
    model = load("wisconsin")
    runtime = Runtime(max_rows=64, cancelled=lambda: True)
    with pytest.raises(CancelledError):
        sanity(model, reference_cases(model, 2), ["integrated_gradients"], runtime=runtime)


def test_small_models_have_each_depth_once() -> None:
    linear = load("recurrence-logistic")
    assert isinstance(linear, HasTwin)
    assert [depth.name for depth in depths_of(linear)] == ["all layers"]


def test_reference_films_are_all_different(monkeypatch: pytest.MonkeyPatch) -> None:
    from explainers import reference_cases as module

    monkeypatch.setattr(module, "PHANTOM_SIDE", 64)
    monkeypatch.setattr(module, "_readable", lambda _: iter([toy_case(), toy_case()]))
    found = reference_cases(load("xray"), 3)
    assert len({case.digest for case in found}) == 3
    with pytest.raises(ExplainError, match="fewer than two"):
        reference_cases(load("xray"), 3, own=True)
    assert image_case(np.zeros((SIDE, SIDE), np.float32), name="").modality == "image"
