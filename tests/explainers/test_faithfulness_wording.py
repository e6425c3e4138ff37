"""What the curves amount to, in sentences that are true in every branch; and as JSON and back."""

import json
import re
from dataclasses import fields, replace

import numpy as np
import pytest

from benchmarks.games import additive, answer, game_question
from explainers import faithfulness_json as documents
from explainers import faithfulness_wording as wording
from explainers.consensus import consensus
from explainers.consensus_report import Consensus, Minority, Outcome, Trial
from explainers.faithfulness import faithfulness
from explainers.faithfulness_report import Faithfulness

TITLES = {"lime": "LIME", "kernel_shap": "SHAP", "rise": "RISE"}
WEIGHTS = np.random.default_rng(0).normal(size=20)
# What no sentence may say: agreement or faithfulness makes nothing true.
CLAIMS = re.compile(r"\b(correct|true|truth|trust\w*|prov(es?|en)|diseased?|localis\w*)\b", re.I)


def judged(*told: np.ndarray) -> tuple[Faithfulness, Consensus]:
    question = game_question(additive(WEIGHTS), 20)
    names = zip(told, TITLES, strict=False)
    explanations = [answer(question, values, name) for values, name in names]  # type: ignore[arg-type]
    found = faithfulness(question, explanations)
    others = [game_question(additive(WEIGHTS), 20, absent=0.5)]
    return found, consensus(question, explanations, found, others)


BOTH = judged(WEIGHTS, -WEIGHTS, np.zeros(20))
DISSENT = Minority(method="rise", player=2, share=-0.3, aggregate=0.01)


def with_outcome(outcome: Outcome, **changed: object) -> Consensus:
    trials = (
        Trial(baseline="mean", gain=2.0, gains=np.array([1.0, 0.5, np.nan])),
        Trial(baseline="black", gain=0.0, gains=np.array([1.0, 1.5, np.nan])),
    )
    told = {"score": 0.97, "scores": np.array([0.95, 0.9, np.nan]), "trials": trials, **changed}
    return replace(BOTH[1], outcome=outcome, **told)  # type: ignore[arg-type]


def test_a_faithful_method_a_reversed_one_and_one_without_an_order_are_told_apart() -> None:
    one, other, nothing = wording.sentences(BOTH[0], TITLES, parts="regions")
    assert one == (
        "Hiding regions in the order LIME gives lowers the answer faster than 20 of 20 random "
        "orders; showing them in that order raises it faster than 20 of 20."
    )
    assert (
        "the order SHAP gives lowers the answer faster than 0 of 20 random orders (worse" in other
    )
    assert nothing.startswith("RISE: all regions have the value 0")


def test_methods_that_do_alike_share_a_sentence() -> None:
    found, _ = judged(WEIGHTS, 2 * WEIGHTS, WEIGHTS**3)
    (said,) = wording.sentences(found, TITLES, parts="words")
    assert said.startswith("Hiding words in the order LIME, SHAP or RISE gives lowers")


def test_what_chance_may_do_is_said_with_its_p_value() -> None:
    half = np.where(np.arange(20) < 3, WEIGHTS, np.random.default_rng(13).normal(size=20))
    found, _ = judged(half)
    (said,) = wording.sentences(found, TITLES, parts="regions")
    p = found.p_value(found.methods[0], "deletion")
    assert 0.05 < p < 0.5
    assert f"random orders, as chance may (p = {p:.2f})" in said


def test_a_model_that_does_not_react_is_one_sentence() -> None:
    question = game_question(lambda amounts: 0 * amounts[:, 0], 20)
    found = faithfulness(question, [answer(question, WEIGHTS), answer(question, -WEIGHTS, "rise")])
    (said,) = wording.sentences(found, TITLES, parts="regions")
    assert "does not depend on which regions are hidden" in said


@pytest.mark.parametrize(
    ("outcome", "begins", "holds"),
    [
        ("shown", "Consensus: the model follows", "0.97 against 0.95 of LIME alone"),
        ("shown", "Consensus: the model follows", "“mean” and “black”"),
        ("not ahead here", "No consensus is better than LIME", "0.97 against 0.95 of LIME alone"),
        ("not ahead elsewhere", "No consensus is better than LIME", "“black”, where SHAP is"),
        ("one method counts", "No consensus is better than LIME", "only method"),
        ("no method counts", "No consensus", "no method's order"),
    ],
)
def test_every_outcome_has_its_sentence(outcome: Outcome, begins: str, holds: str) -> None:
    said = wording.verdict(with_outcome(outcome), TITLES)
    assert said.startswith(begins)
    assert holds in said


def test_an_equal_score_is_said_to_be_the_same() -> None:
    same = with_outcome("not ahead here", score=0.95)
    assert wording.verdict(same, TITLES).endswith("score the same.")


def test_dissent_is_said_with_both_sides() -> None:
    shown = with_outcome("shown", minority=(DISSENT,) * 7)
    names = [f"region {p + 1}" for p in range(20)]
    signed = {"lime": True, "kernel_shap": True, "rise": True}
    said = wording.minority(shown, names, TITLES, signed=signed)
    assert said[0] == "region 3: RISE 30 % against, the consensus 1 % for."
    assert said[-1] == "And 2 smaller ones."
    unsigned = wording.minority(shown, names, TITLES, signed={**signed, "rise": False})
    assert unsigned[0] == "region 3: RISE 30 %, the consensus 1 % for."
    (none,) = wording.minority(with_outcome("shown", minority=()), names, TITLES, signed=signed)
    assert none.startswith("Nothing")
    assert wording.minority(with_outcome("one method counts"), names, TITLES, signed=signed) == []


def test_weights_are_said_unless_there_are_none() -> None:
    assert "LIME 100 %, SHAP 0 %" in wording.weights(BOTH[1], TITLES)
    assert wording.weights(with_outcome("no method counts", weights=np.zeros(3)), TITLES) == ""


def test_a_terminal_gets_a_line_a_method_and_the_directions() -> None:
    told = list(wording.lines(*BOTH, {}))
    assert len([line for line in told if line.startswith(("lime", "kernel_shap", "rise"))]) == 3
    text = "\n".join(told)
    assert "higher is better" in text
    assert "closer to 0 is better" in text
    assert "No consensus is better than lime" in text
    assert all(len(line) <= 160 for line in told)


def test_where_the_best_order_comes_from_is_said() -> None:
    found = BOTH[0].deletion
    assert wording.best_known(found, TITLES, part="region") == "the order LIME gives"
    hidden = replace(found, best_source="one hidden")
    assert "hiding each region alone" in wording.best_known(hidden, TITLES, part="region")


def test_no_sentence_claims_more_than_was_measured() -> None:
    said = [wording.MEANING.replace("not that the answer is right", ""), wording.SCORE]
    said += wording.sentences(BOTH[0], TITLES, parts="regions")
    outcomes: tuple[Outcome, ...] = ("shown", "not ahead here", "not ahead elsewhere")
    said += [wording.verdict(with_outcome(outcome), TITLES) for outcome in outcomes]
    assert not CLAIMS.search(" ".join(said))


def same(one: object, other: object) -> bool:
    """Equal field by field, NaN equal to NaN."""
    if hasattr(one, "__dataclass_fields__"):
        names = [field.name for field in fields(one)]  # type: ignore[arg-type]
        return type(one) is type(other) and all(
            same(getattr(one, name), getattr(other, name)) for name in names
        )
    if isinstance(one, tuple):
        assert isinstance(other, tuple)
        return len(one) == len(other) and all(map(same, one, other))
    return bool(np.array_equal(one, other, equal_nan=True) if _is_number(one) else one == other)


def _is_number(value: object) -> bool:
    return isinstance(value, (float, np.ndarray))


def test_curves_survive_json_to_the_bit() -> None:
    found = BOTH[0]
    text = json.dumps(documents.to_document(found), allow_nan=False)
    assert same(documents.read(json.loads(text)), found)


@pytest.mark.parametrize("outcome", ["shown", "no method counts", "not ahead elsewhere"])
def test_a_consensus_survives_json_to_the_bit(outcome: Outcome) -> None:
    found = with_outcome(outcome, minority=(DISSENT,))
    text = json.dumps(documents.consensus_to_document(found), allow_nan=False)
    assert same(documents.read_consensus(json.loads(text)), found)


def test_every_number_of_the_document_says_which_direction_is_better() -> None:
    document = documents.to_document(BOTH[0])
    assert document["deletion"]["auc_is"] == "lower is better"
    assert document["insertion"]["auc_is"] == "higher is better"
    assert document["score_is"] == "higher is better"
    assert document["completeness_gap_is"] == "closer to 0 is better"
    assert documents.consensus_to_document(BOTH[1])["score_is"] == "higher is better"


@pytest.mark.parametrize("change", [{"scale": "percent"}, {"methods": [{"method": "magic"}]}])
def test_a_document_of_something_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        documents.read({**documents.to_document(BOTH[0]), **change})
    document = {**documents.consensus_to_document(BOTH[1]), "outcome": "unanimous"}
    with pytest.raises(ValueError, match="none of"):
        documents.read_consensus(document)
