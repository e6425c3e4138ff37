"""What makes answers incomparable is named by its own name, and nothing is named without reason."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from benchmarks.injected import CARDS, Subject, subjects
from benchmarks.planted import PLANTERS
from benchmarks.planting import Planted
from explainers.cause_words import MEANINGS
from explainers.causes import Aspect, CauseId, read, to_document
from explainers.comparability import (
    asked_alike,
    in_report,
    lines,
    repairable,
)
from explainers.consult import TITLES, consult
from explainers.report import EvidenceReport
from explainers.rules_of_one import NOISY_SUMS, REDRAWN, redrawn
from tests.explainers.compared import FORBIDDEN, REQUEST, answer_with, ids, simple, starved
from tests.toys import SIDE, planted_model, toy_case

QUICK: tuple[CauseId, ...] = tuple(cause for cause in PLANTERS if cause != "budget")


@pytest.mark.parametrize("cause", QUICK)
def test_a_planted_cause_is_named_and_no_other(subject: Subject, cause: CauseId) -> None:
    planted: list[Planted] = list(PLANTERS[cause](subject))
    assert len(planted) >= 3
    named = {f"{p.how} {i}": p.named() for i, p in enumerate(planted)}
    assert named == {how: frozenset({cause}) for how in named}


def test_an_untouched_report_is_asked_alike(subject: Subject) -> None:
    causes = in_report(subject.report, CARDS, titles=TITLES)
    assert not repairable(causes)
    assert next(lines(causes, subject.request)) == asked_alike(subject.request)


def test_too_few_runs_show_in_the_error_bars(film: EvidenceReport) -> None:
    fine, poor = starved(film, 0.01), starved(film, 0.2)
    assert redrawn(fine.explanations[1]) < REDRAWN < redrawn(poor.explanations[1])
    assert not ids(in_report(fine, CARDS))
    assert ids(in_report(poor, CARDS)) == {"budget"}


def test_expected_redraw_is_that_of_two_simulated_runs() -> None:
    rng = np.random.default_rng(0)
    values, errors = np.array([5.0, 3.0, -2.0, 1.0]), np.array([0.2, 0.3, 0.1, 0.2])
    runs = values + errors * rng.standard_normal((2, 20_000, 4))
    shares = runs / np.abs(runs).sum(axis=2, keepdims=True)
    moved = np.abs(shares[0] - shares[1]).sum(axis=1).mean() / 2
    film = simple(values, errors)
    assert redrawn(film) == pytest.approx(moved, rel=0.03)


def test_a_method_without_error_bars_needs_enough_runs(film: EvidenceReport) -> None:
    report, _ = answer_with(
        film, 1, method="reference_shap", std_error=None, settings={"masks": 40}
    )
    assert ids(in_report(report, CARDS)) == {"budget"}
    enough, _ = answer_with(
        film, 1, method="reference_shap", std_error=None, settings={"masks": 400}
    )
    assert not ids(in_report(enough, CARDS))


def test_sums_are_exact_but_where_noise_is_allowed_for(subject: Subject) -> None:
    complete = [e for e in subject.report.explanations if CARDS[e.method].complete]
    exact = [e for e in complete if e.method not in NOISY_SUMS and CARDS[e.method].stochastic]
    assert exact
    assert all(abs(e.completeness_gap or 0.0) < 1e-6 for e in exact)


def test_what_lies_in_the_methods_is_said_and_not_offered_for_repair(film: EvidenceReport) -> None:
    causes = in_report(film, CARDS, titles=TITLES)
    assert {c.id for c in causes} == {"baseline", "direction", "quantity", "resolution"}
    assert all(c.by_nature and c.one == ("grad_cam",) for c in causes)
    assert all(c.other == ("kernel_shap", "lime") for c in causes)


def test_lime_for_tables_has_bins_of_its_own() -> None:
    (record,) = subjects(("tabular",), 1)
    wanted = replace(record.request, methods=("kernel_shap", "lime_tabular"))
    (cause,) = in_report(record.asked(wanted), CARDS, titles=TITLES)
    assert (cause.id, cause.by_nature) == ("baseline", True)
    assert "other ranges of the training data" in cause.sentence


def test_the_same_finding_of_several_methods_is_one_cause(film: EvidenceReport) -> None:
    other = replace(REQUEST, baseline="mean", methods=("lime",))
    mask = np.zeros((SIDE, SIDE))
    mask[4:12, 4:12] = 1
    (lime,) = consult(toy_case(), planted_model(mask), other).explanations
    report = replace(film, explanations=(film.explanations[1], lime, film.explanations[1]))
    (cause,) = in_report(report, CARDS, titles=TITLES)
    assert cause.sentence == (
        "KernelSHAP replaced hidden parts by black everywhere; LIME by the film's mean grey level "
        "everywhere."
    )


def test_every_aspect_has_words_of_a_cause_and_claims_nothing() -> None:
    assert set(MEANINGS) == set(get_args(Aspect))
    assert {aspect.split(".")[0] for aspect in MEANINGS} == set(get_args(CauseId))
    for meaning in MEANINGS.values():
        said = f"{meaning.sentence} {meaning.why} {meaning.remedy}".lower()
        assert not any(word in said.split() for word in FORBIDDEN)
        assert all((meaning.sentence, meaning.why, meaning.remedy))


def test_every_aspect_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "comparability.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z.]+)` \|.*\| ([a-z ]+) \|$", page, re.M)
    kinds = {a: "by nature" if m.by_nature else m.severity for a, m in MEANINGS.items()}
    assert dict(rows) == kinds


def test_causes_survive_the_report_file(film: EvidenceReport) -> None:
    causes = in_report(starved(film, 0.2), CARDS, titles=TITLES)
    assert read(json.loads(json.dumps(to_document(causes)))) == causes
    with pytest.raises(ValueError, match="a cause is none"):
        read([{**to_document(causes)[0], "id": "magic"}])
