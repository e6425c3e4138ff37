"""What the model itself did is in the HTML report: with its numbers, every letter escaped."""

import re
from dataclasses import replace
from typing import Any

import pytest

from components.export import html_report
from explainers.case_sanity import CaseSanity
from explainers.causes import Cause
from explainers.report import EvidenceReport
from explainers.stability_report import Likeness, MethodStability, StabilityReport
from explainers.trials import NO_TRIALS, Trials
from tests import reports
from tests.components import scenes
from tests.components.test_export import EVIL, Page
from tests.components.test_faithfulness_panel import found, together
from tests.components.test_trial_panels import sanity_of
from tests.explainers.test_referee_own import SHAPE, SIDES, WHOLE

CAUSE = Cause(
    id="budget",
    severity="explains part",
    by_nature=False,
    one=("lime",),
    other=(),
    sentence="LIME had too few model runs.",
    why="It changes when it is drawn again.",
    remedy="Allow more.",
)


def report(**changed: object) -> EvidenceReport:
    """Three answers on 16 squares; the model was asked along their orders."""
    answers = scenes.answers()
    fields: dict[str, Any] = {
        "explanations": answers,
        "players": scenes.PLAYERS,
        "agreement": scenes.agreement(answers),
        "faithfulness": found(),
        "consensus": together(),
        **changed,
    }
    return reports.report(**fields)


def asked() -> EvidenceReport:
    """The report by hand, with a part, a drawn shape and two sides."""
    lime = replace(reports.explanation("lime"), element_map=None)
    return reports.report(referee=(WHOLE, SHAPE, SIDES), explanations=(lime,), agreement=None)


def text(of: EvidenceReport, trials: Trials = NO_TRIALS) -> str:
    source = html_report(replace(of, trials=trials), None, titles=scenes.TITLES)
    return re.sub(r"\s+", " ", Page(source).text)


def test_every_part_that_was_hidden_has_its_sentence_and_its_numbers() -> None:
    said = text(asked())
    assert "Hidden: patient's left, lower" in said
    assert "Hidden: the area drawn on the film (in " in said
    assert "SHAP against Grad-CAM" in said
    for words in (
        "Hiding this region lowers ",
        "Nearest is " if len(asked().explanations) > 1 else "LIME: a fall in probability of ",
        "What each method foretold",
        "Fall foretold, in probability",
        "mean of all",
        "Beside others",
        f"{WHOLE.n_as_large} of {len(WHOLE.placebos)}",
        f"{WHOLE.p_value:.3f}",
        "Measured on the model, not on the patient",
    ):
        assert words in said, words
    for name in WHOLE.baselines:
        assert name in said


def test_faithfulness_has_its_scores_with_direction_and_both_references() -> None:
    said = text(report())
    for words in (
        "Hiding regions in the order SHAP gives lowers the answer faster than 40 of 40",
        "Hiding, score (higher is better)",
        "Showing, area (higher is better)",
        "Hiding, area (lower is better)",
        "random, mean ± error",
        "best known",
        "not that the answer is right",
    ):
        assert words in said, words


def test_the_consensus_stands_with_its_minority_report_or_says_why_not() -> None:
    said = text(report())
    assert "Consensus: the model follows the methods" in said
    assert "Minority report: what this plays down" in said
    assert "row 3, column 3: LIME" in said
    none = text(report(consensus=together(outcome="one method counts", minority=())))
    assert "No consensus is better than SHAP" in none
    assert "Minority report" not in none


def test_causes_are_listed_with_what_to_do() -> None:
    said = text(report(comparability=(CAUSE, replace(CAUSE, by_nature=True))))
    assert "LIME had too few model runs. Explains part of the difference It changes" in said
    assert "LIME had too few model runs. Lies in what the methods are It changes" in said
    assert "Asked alike: same regions" not in said
    by_nature = text(report(comparability=(replace(CAUSE, by_nature=True),)))
    assert "Asked alike: same regions, same baseline" in by_nature
    assert "Lies in what the methods are" in by_nature
    assert "Asked alike: same regions" in text(report())
    assert "asked alike" not in text(asked())  # one answer alone


def test_trials_stand_in_it_once_they_were_asked_for() -> None:
    one = Likeness(rank_correlation=0.876, top_overlap=2 / 3)
    stable = StabilityReport(
        k=3,
        noise="Noise.",
        value=1.0,
        noisy_values=(1.0, 1.001),
        methods=(MethodStability(method="lime", reseeded=one, noisy=(one,)),),
        rows=1,
        seconds=0.0,
    )
    own = (CaseSanity(method="lime", kept=(0.31, 0.1), own=(0.3, 0.1)),)
    said = text(report(), Trials(sanity=sanity_of(lime=0.05), own=own, stability=stable))
    assert "● green: looks at the model" in said
    assert "31 % / 10 %" in said
    assert "stays as it is, to two digits" in said
    assert "0.88" in said
    assert "look at the model" not in text(report())


@pytest.mark.parametrize("made", [report, asked])
def test_nothing_of_it_runs_and_names_are_escaped(made: Any) -> None:  # noqa: ANN401
    plain = made()
    count = plain.players.count
    evil = replace(
        plain,
        players=replace(plain.players, names=(EVIL,) * count),
        comparability=(replace(CAUSE, sentence=EVIL, why=EVIL, remedy=EVIL),),
    )
    names = {name for name, _ in Page(html_report(evil, None, titles={"lime": EVIL})).tags}
    assert not names & {"script", "img", "a", "form", "iframe"}


def test_minus_signs_are_minus_signs() -> None:
    said = text(report(comparability=(CAUSE,))) + text(asked())
    assert not re.findall(r"(?<![\w-])-\d", said)
