"""Trials and rankings in words; colour only repeats what the words say."""

import numpy as np

from components import ranking_panel, sanity_panel, trial_rows
from explainers.case_sanity import CaseSanity
from explainers.methods import METHODS
from explainers.ranking import MethodRanking
from explainers.sanity_report import Depth, MethodSanity, SanityReport
from explainers.stability_report import Likeness, MethodStability, StabilityReport
from models.catalog import catalog
from tests import reports

TITLES = {"gradient": "Gradient", "lime": "LIME <b>", "guided_backprop": "Guided Backprop"}
DEPTHS = (
    Depth(name="the head", layers=1, share=0.1),
    Depth(name="all layers", layers=10, share=1.0),
)


def sanity_of(**kept: float) -> SanityReport:
    methods = tuple(
        MethodSanity(
            method=name,  # type: ignore[arg-type]
            level="pixels",
            own=np.full((2, 4, 2), part),
            other=np.zeros((2, 4, 2)),
            ceiling=np.ones(4),
        )
        for name, part in kept.items()
    )
    return SanityReport(
        model_id="toy",
        weights_sha256="0" * 64,
        depths=DEPTHS,
        n_cases=4,
        n_twins=2,
        methods=methods,
        refused={},
        rows=1,
        seconds=0.0,
    )


def test_lights_are_words_and_symbols_and_text_is_escaped() -> None:
    written = trial_rows.sanity_html(
        sanity_of(gradient=0.05, guided_backprop=0.9, lime=0.4), TITLES
    )
    assert "● green: looks at the model" in written
    assert "○ red: does not look at the model" in written
    assert "◐ amber: partly" in written
    assert "5 % (5 % to 5 %)" in written
    assert "LIME &lt;b&gt;" in written
    assert "This case" not in written


def test_the_open_case_has_a_column_when_it_was_asked() -> None:
    own = [CaseSanity(method="gradient", kept=(0.31, float("nan")), own=(0.3, float("nan")))]
    written = trial_rows.sanity_html(sanity_of(gradient=0.05, lime=0.4), TITLES, own=own)
    assert "This case" in written
    assert "31 % / –" in written


def test_runs_are_estimated_from_what_was_spent() -> None:
    answers = [reports.explanation("lime")]
    rows = min(answers[0].rows, 200) + 2
    assert sanity_panel.runs_of_sanity(answers, "image") == 6 * 10 * rows
    assert sanity_panel.runs_of_stability(answers, 3) >= 3 * (2 + answers[0].rows)


def test_stability_says_what_draws_nothing() -> None:
    one = Likeness(rank_correlation=0.876, top_overlap=2 / 3)
    found = StabilityReport(
        k=3,
        noise="Noise.",
        value=1.0,
        noisy_values=(1.1,),
        methods=(
            MethodStability(method="gradient", reseeded=None, noisy=(one,)),
            MethodStability(method="lime", reseeded=one, noisy=()),
        ),
        rows=1,
        seconds=0.0,
    )
    gradient, lime = trial_rows.stability_rows(found, TITLES)
    assert gradient["Another seed: order"] == "draws nothing"
    assert gradient["Little noise: order"] == "0.88"
    assert lime["Another seed: top 3"] == "67 %"
    assert "Little noise: order" not in lime


def test_ranking_rows_come_best_first_with_directions() -> None:
    scores = np.random.default_rng(0).normal(size=(12, 3)) * 0.1 + [0.2, 0.9, 0.5]
    found = MethodRanking(
        model_id="toy",
        measure="faithfulness",
        methods=("gradient", "lime", "guided_backprop"),
        scores=scores,
        refused={},
        rows=1200,
        seconds=0.0,
    )
    rows = ranking_panel.rows(found, TITLES)
    assert [row["Method"] for row in rows] == ["LIME <b>", "Guided Backprop", "Gradient"]
    assert rows[0]["Mean rank (lower is better)"].startswith("1.0 (1.0 to ")
    assert "Gradient" in rows[0]["Told apart from"]
    assert "12 of 12 cases" in ranking_panel.footnote(found)


def test_methods_offered_fit_the_model() -> None:
    cards = [method.card for method in METHODS]
    film, trees = catalog()["xray"], catalog()["recurrence-trees"]
    offered = {card.id for card in cards if ranking_panel.fits(card, film)}
    assert {"grad_cam", "guided_backprop", "lime"} <= offered
    assert not offered & {"reference_shap", "tree_shap", "attention_rollout"}
    assert "tree_shap" in {card.id for card in cards if ranking_panel.fits(card, trees)}
    assert "integrated_gradients" not in {c.id for c in cards if ranking_panel.fits(c, trees)}
