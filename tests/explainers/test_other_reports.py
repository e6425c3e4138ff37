"""Two reports side by side: what sets them apart, asking both alike, and files of others."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.injected import CARDS, Subject, subjects
from explainers.asked import asked_in, context_of
from explainers.comparability import (
    between,
    in_report,
    in_reports,
)
from explainers.compare_lines import compare_lines
from explainers.consult import TITLES
from explainers.explanation import Explanation
from explainers.harmonise import explained, harmonised
from explainers.report import BUDGET_OF, EvidenceReport
from explainers.report_json import to_json
from explainers.report_other import MAX_BYTES, read_other
from models.errors import InputError, TooLargeError
from tests.explainers.compared import REQUEST, answer_with, ids, simple, starved


def test_two_answers_of_two_reports_are_compared_with_their_contexts(film: EvidenceReport) -> None:
    there = replace(film, environment={"torch": "1.0.0"}, request=replace(REQUEST, seed=3))
    mine = asked_in(replace(film, environment={"torch": "2.0.1"}), CARDS)[1]
    yours = asked_in(there, CARDS, context=context_of(there, source="the other report"))[1]
    causes = between(mine, yours, titles=TITLES)
    assert ids(causes) == {"stale"}
    words = " ".join(cause.sentence for cause in causes)
    assert "torch 2.0" in words
    assert "torch 1.0" in words


def test_another_answer_under_the_same_name_is_another_model(film: EvidenceReport) -> None:
    cooler = replace(film.prediction, logits=film.prediction.logits / 2)
    there = replace(film, prediction=cooler)
    assert ids(in_reports(film, there, CARDS)) == {"stale"}


def test_other_values_under_the_same_question_are_named(film: EvidenceReport) -> None:
    values = film.explanations[2].values * 1.5
    there, _ = answer_with(film, 2, values=values)
    (cause,) = in_reports(film, there, CARDS, titles=TITLES)
    assert cause.id == "stale"
    assert "with the same seed, but their values differ" in cause.sentence


def test_a_report_that_was_asked_otherwise_throughout_is_named_as_a_whole() -> None:
    (record,) = subjects(("tabular",), 1)
    theirs = replace(record.request, scale="probability", methods=("kernel_shap", "lime_tabular"))
    (cause,) = in_reports(record.report, record.asked(theirs), CARDS, titles=TITLES)
    assert cause.sentence == "This report explained log-odds, the other report probability."
    assert cause.other == ("kernel_shap", "lime_tabular")


def test_of_another_case_only_that_is_said(film: EvidenceReport) -> None:
    there = replace(
        film,
        case_digest="e" * 64,
        explanations=tuple(replace(e, case_digest="e" * 64) for e in film.explanations),
    )
    (cause,) = in_reports(film, there, CARDS)
    assert (cause.id, cause.severity) == ("stale", "incomparable")


def test_a_harmonised_request_asks_both_alike() -> None:
    theirs = replace(
        REQUEST, methods=("lime", "rise"), baseline="mean", n_players=40, seed=9, budget=10**12
    )
    both = harmonised(REQUEST, theirs)
    assert both.methods == ("grad_cam", "kernel_shap", "lime", "rise")
    assert (both.baseline, both.n_players, both.seed) == ("black", 9, 0)
    assert both.budget == 4 * BUDGET_OF["image"]  # a file cannot ask for more


def test_a_budget_of_its_own_stays_its_own() -> None:
    """It may be spent whole; that of all is spent in proportion to what is usual."""
    own = replace(REQUEST, budgets=(("kernel_shap", BUDGET_OF["image"]),))
    assert harmonised(own, REQUEST).budgets == own.budgets


def test_starved_methods_get_more_runs(film: EvidenceReport) -> None:
    causes = in_report(starved(film, 0.2), CARDS)
    again = harmonised(REQUEST, film, causes)
    assert again.budget == BUDGET_OF["image"]
    assert again.budgets == (("kernel_shap", 4 * BUDGET_OF["image"]),)


def test_asking_alike_explains_what_differed_only_by_the_question(subject: Subject) -> None:
    other = subject.asked(replace(subject.request, methods=("kernel_shap", "lime"), seed=3))
    first = subject.report.explanations[1:]
    scaled = replace(first[1], values=np.roll(first[1].values, 1))
    found = explained((first[0], scaled), (first[0], first[1]))
    assert found.fraction > 0.3
    assert "of the difference is gone" in found.sentence
    back = explained((first[0], first[1]), (first[0], scaled))
    assert back.fraction < 0 or np.isnan(back.fraction)
    assert "differ more, not less" in back.sentence
    same = explained(first, other.explanations)
    assert "% of the difference is gone" not in same.sentence  # two seeds: noise explains nothing


def noisy_pairs() -> Iterator[tuple[tuple[Explanation, ...], tuple[Explanation, ...]]]:
    """Before and after that differ by their errors alone."""
    rng = np.random.default_rng(1)
    truth, errors = np.linspace(-1, 2, 16), np.full(16, 0.2)
    for _ in range(100):
        runs = [simple(truth + errors * rng.standard_normal(16), errors) for _ in range(4)]
        yield (runs[0], runs[1]), (runs[2], runs[3])


def test_nothing_is_claimed_within_noise() -> None:
    claims = ["difference is gone" in explained(*pair).sentence for pair in noisy_pairs()]
    assert sum(claims) <= 5


def test_answers_on_other_players_are_pooled_or_called_incomparable() -> None:
    (film,) = subjects(("image",), 1)
    finer = film.asked(replace(film.request, n_players=36))
    found = explained(finer.explanations[1:], film.report.explanations[1:])
    assert np.isfinite(found.changes[0].before)
    membership = np.maximum(finer.players.membership - 1, -1)
    hidden = replace(finer.players, membership=membership, names=())
    elsewhere = tuple(
        replace(e, players=hidden, values=e.values[1:], std_error=None, element_map=None)
        for e in finer.explanations[1:]
    )
    found = explained(elsewhere, film.report.explanations[1:])
    assert "could not be set side by side" in found.sentence


def test_a_report_file_is_read_back(film: EvidenceReport) -> None:
    other = read_other(to_json(film, with_maps=True).encode())
    assert other.report.case_digest == film.case_digest
    assert not in_reports(film, other.report, CARDS, schema_version=other.schema_version)


def test_the_command_line_says_what_sets_two_reports_apart(film: EvidenceReport) -> None:
    there = replace(film, request=replace(REQUEST, seed=5))
    said = list(compare_lines(film, read_other(to_json(there).encode()), CARDS, titles=TITLES))
    assert said[0] == "Compared with the other report:"
    assert any("seed" in line for line in said)
    assert "  LIME: 0 % of its evidence lies elsewhere there." in said
    other = replace(film, case_digest="e" * 64)
    (only,) = compare_lines(film, read_other(to_json(other).encode()), CARDS)
    assert "another case" in only


def damaged(film: EvidenceReport) -> dict[str, bytes]:
    """Files that are no report of ours."""
    document = json.loads(to_json(film, with_maps=True))

    def changed(path: str, value: object) -> bytes:
        copy = json.loads(json.dumps(document))
        *way, last = path.split(".")
        part = copy
        for name in way:
            part = part[int(name)] if name.isdigit() else part[name]
        part[last] = value
        return json.dumps(copy).encode()

    return {
        "empty": b"",
        "no text": b"\x89PNG\xff\xfe",
        "no report": b"[]",
        "deep": b"[" * 200_000,
        "text for a number": changed("explanations.0.values", ["a"] * 9),
        "not a number": changed("explanations.0.value_full", float("nan")),
        "infinite": changed("explanations.1.values", [float("inf")] * 9),
        "short errors": changed("explanations.1.std_error", [0.1]),
        "short map": changed("maps.grad_cam", [0.1]),
        "huge membership": changed("question.players.membership", [10**30]),
        "classes": changed("prediction.probabilities", [0.5]),
        "long name": changed("model.id", "x" * 10_000),
        "no name": changed("case.digest", {"a": 1}),
        "budget": changed("request.budget", -5),
        "method": changed("request.methods", ["magic"]),
        "rows": changed("explanations.0.rows", "many"),
        "version": changed("schema_version", "9.0"),
        "cut": changed("request.players", "slices"),
        "many answers": changed("explanations", document["explanations"] * 30),
    }


def test_damaged_files_get_one_clear_sentence(film: EvidenceReport) -> None:
    for name, data in damaged(film).items():
        with pytest.raises(InputError) as refused:
            read_other(data)
        assert 20 < len(str(refused.value)) < 250, name
        assert not re.search(r"\w+Error\b", str(refused.value)), name  # for readers, not for us


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty", "not JSON, or was cut off"),
        ("no text", "no text"),
        ("no report", "JSON, but no report of Consilium"),
        ("deep", "not JSON, or was cut off"),
        ("text for a number", "A part of this report is missing"),
        ("classes", "contradicts itself"),
        ("version", "schema version '9.0'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_what_to_do(
    film: EvidenceReport, name: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as refused:
        read_other(damaged(film)[name])
    assert refused.value.hint


def test_oversized_files_are_refused_unread() -> None:
    with pytest.raises(TooLargeError, match="64 MiB"):
        read_other(b" " * (MAX_BYTES + 1))
