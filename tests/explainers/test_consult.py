"""One consultation: isolation, events, determinism, privacy."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import torch

from explainers.consult import Event, Progress, consult
from explainers.explanation import Explanation
from explainers.report import ConsultRequest, MethodFailure
from models.errors import CancelledError, ExplainError
from models.prediction import Prediction
from tests.toys import SIDE, ToyImageModel, linear_model, planted_model, toy_case

CASE = toy_case(1, name="DOE^JOHN 1940")
PLANTED = np.zeros((SIDE, SIDE), dtype=bool)
PLANTED[8:16, 16:24] = True


def request(*methods: str, **changes: object) -> ConsultRequest:
    wanted = {"budget": 200, "players": "grid", "n_players": 9, "baseline": "black", **changes}
    return ConsultRequest(methods=methods, **wanted)  # type: ignore[arg-type]


def test_methods_agree_on_a_planted_region() -> None:
    model = planted_model(PLANTED)
    report = consult(CASE, model, request("grad_cam", "occlusion", "kernel_shap", "lime"))
    assert [e.method for e in report.explanations] == [
        "grad_cam",
        "occlusion",
        "kernel_shap",
        "lime",
    ]
    assert all(int(np.argmax(e.values)) == 5 for e in report.explanations)
    assert report.agreement is not None
    assert report.agreement.verdicts[5] == "consensus"
    assert not report.failures
    assert report.target.name == "present"


def test_prediction_comes_first_then_the_cheapest_method() -> None:
    events: list[Event] = []
    consult(
        CASE,
        planted_model(PLANTED),
        request("lime", "kernel_shap", "grad_cam"),
        on_event=events.append,
    )
    assert isinstance(events[0], Prediction)
    finished = [e.method for e in events if isinstance(e, Explanation)]
    assert finished[0] == "grad_cam"
    rows = [e.rows for e in events if isinstance(e, Progress)]
    assert rows == sorted(rows)
    last = [e for e in events if isinstance(e, Progress)][-1]
    assert last.rows == last.planned


def test_a_failing_method_keeps_its_reason_and_the_others_stand() -> None:
    model = linear_model(torch.ones(1, SIDE, SIDE) / SIDE)
    object.__setattr__(model.card, "capabilities", frozenset({"gradient"}))
    report = consult(CASE, model, request("grad_cam", "kernel_shap", "lime"))
    assert [f.method for f in report.failures] == ["grad_cam"]
    assert isinstance(report.failures[0], MethodFailure)
    assert "feature_maps" in report.failures[0].reason
    assert len(report.explanations) == 2


def test_a_method_may_spend_a_budget_of_its_own() -> None:
    model = planted_model(PLANTED)
    both = consult(CASE, model, request("kernel_shap", "lime", budgets=(("kernel_shap", 400),)))
    alike = consult(CASE, model, request("kernel_shap", "lime"))
    rows = [[e.rows for e in report.explanations] for report in (both, alike)]
    assert rows[0][0] > rows[1][0]
    assert rows[0][1] == rows[1][1]
    same, other = (report.explanations[1].values for report in (both, alike))
    np.testing.assert_array_equal(same, other)


def test_programming_errors_are_not_swallowed() -> None:
    def broken(_: torch.Tensor) -> torch.Tensor:
        raise ZeroDivisionError

    model = ToyImageModel(broken)
    with pytest.raises(ZeroDivisionError):
        consult(CASE, model, request("lime"))


def test_values_do_not_depend_on_the_company_a_method_keeps() -> None:
    model = planted_model(PLANTED)
    alone = consult(CASE, model, request("kernel_shap", n_players=36))
    together = consult(
        CASE, model, request("lime", "rise", "kernel_shap", n_players=36, budget=256)
    )
    again = consult(CASE, model, request("kernel_shap", "lime", n_players=36), max_rows=3)
    assert alone.explanations[0].values.shape == (36,)
    np.testing.assert_allclose(
        again.explanations[0].values, alone.explanations[0].values, atol=1e-6
    )
    same_budget = consult(CASE, model, request("kernel_shap", n_players=36, budget=256))
    assert np.array_equal(together.explanations[2].values, same_budget.explanations[0].values)


def test_cancel_raises_and_stops_at_once() -> None:
    seen: list[Event] = []
    with pytest.raises(CancelledError):
        consult(
            CASE,
            planted_model(PLANTED),
            request("lime"),
            on_event=seen.append,
            cancelled=lambda: len(seen) > 2,
            max_rows=8,
        )
    assert not any(isinstance(e, Explanation) for e in seen)


def test_one_method_alone_is_not_compared() -> None:
    assert consult(CASE, planted_model(PLANTED), request("lime")).agreement is None


def test_unknown_class_is_one_clear_sentence() -> None:
    with pytest.raises(ExplainError, match="'present'"):
        consult(CASE, planted_model(PLANTED), request("lime", target="tumour"))


def test_log_names_the_case_by_digest_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        consult(CASE, planted_model(PLANTED), request("lime", "grad_cam"))
    assert CASE.digest in caplog.text
    assert "DOE" not in caplog.text


def test_request_key_tells_apart_everything_and_runs_nothing_together() -> None:
    base = request("lime", "rise")
    variants = [
        request("limerise"),
        request("lime", "rise", seed=1),
        request("lime", "rise", scale="probability"),
        request("rise", "lime"),
    ]
    card = planted_model(PLANTED).card
    keys = {r.key(CASE, card) for r in (base, *variants)}
    others = [replace(card, weights_sha256="1" * 64), replace(card, id="other")]
    others.append(replace(card, document={"temperature": 2.0}))
    keys |= {base.key(CASE, other) for other in others} | {base.key(toy_case(9), card)}
    assert len(keys) == 9
    assert base.key(CASE, card) == request("lime", "rise").key(CASE, card)


def test_passes_with_gradients_have_rows_of_their_own() -> None:
    with_gradients: list[int] = []

    def score(inputs: torch.Tensor) -> torch.Tensor:
        if inputs.requires_grad:
            with_gradients.append(len(inputs))
        return inputs.double().mean(dim=(1, 2, 3))

    model = ToyImageModel(score)
    asked = request("integrated_gradients", "occlusion")
    few = consult(CASE, model, asked, max_rows=16, gradient_rows=3)
    assert max(with_gradients) == 3
    assert max(model.passes) > 3
    many = consult(CASE, model, asked, max_rows=16)
    for one, other in zip(few.explanations, many.explanations, strict=True):
        np.testing.assert_allclose(one.values, other.values, rtol=1e-6)
