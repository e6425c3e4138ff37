"""A hundred times out of memory: every consultation goes on, and says the same."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from explainers.consult import consult
from explainers.methods.kernel_shap import KernelShap
from explainers.report import ConsultRequest
from models.adapter import ModelAdapter
from models.case import Case
from tests.toys import SIDE, planted_model, toy_case
from tests.toys_table import ToyTableModel, smooth_score, table_case
from tests.toys_text import negation_model, toy_text_case

PLANTED = np.zeros((SIDE, SIDE), dtype=bool)
PLANTED[8:16, 16:24] = True
REQUEST = ConsultRequest(
    methods=("kernel_shap", "rise", "smooth_grad"),
    budget=256,
    players="grid",
    n_players=9,
    baseline="black",
)
OF_TEXT = ConsultRequest(
    methods=("kernel_shap", "lime", "permutation_shap"),
    budget=256,
    players="words",
    baseline="mask",
)
OF_RECORD = ConsultRequest(
    methods=("kernel_shap", "lime_tabular", "integrated_gradients"),
    budget=3000,
    players="features",
    baseline="background",
)
Subject = tuple[Callable[[], ModelAdapter], Case, ConsultRequest]
SUBJECTS: dict[str, Subject] = {
    "film": (lambda: planted_model(PLANTED), toy_case(1), REQUEST),
    "text": (lambda: negation_model("effusion"), toy_text_case(), OF_TEXT),
    "record": (lambda: ToyTableModel(smooth_score), table_case(), OF_RECORD),
}
ERRORS = 100
FITS = 8  # rows that always find room


def starved(model: ModelAdapter, draw: np.random.Generator, left: list[int]) -> ModelAdapter:
    """The model on a device that is sometimes full; a few rows always fit."""
    logits = model.logits

    def crowded(inputs: torch.Tensor) -> torch.Tensor:
        if left[0] and len(inputs) > FITS and draw.random() < 0.9:
            left[0] -= 1
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return logits(inputs)

    model.logits = crowded  # type: ignore[method-assign]  # this one model only
    return model


@pytest.mark.parametrize("kind", SUBJECTS)
def test_a_hundred_injected_errors_change_nothing(kind: str) -> None:
    make, case, request = SUBJECTS[kind]
    plain = consult(case, make(), request, max_rows=512)
    assert plain.failures == ()
    left, draw, rounds = [ERRORS], np.random.default_rng(0), 0
    while left[0] and rounds < ERRORS:
        rounds += 1
        report = consult(case, starved(make(), draw, left), request, max_rows=512)
        assert report.failures == ()
        for one, other in zip(plain.explanations, report.explanations, strict=True):
            np.testing.assert_allclose(one.values, other.values, atol=1e-5)
    assert left == [0]


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory."), MemoryError()])
def test_what_follows_the_passes_fails_alone_and_in_words(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(KernelShap, "_rounds", lambda *_: iter([full]))
    report = consult(toy_case(1), planted_model(PLANTED), REQUEST)
    (failure,) = report.failures
    assert failure.method == "kernel_shap"
    assert "not enough memory" in failure.reason
    assert "fewer" in failure.reason
    assert [e.method for e in report.explanations] == ["rise", "smooth_grad"]


def test_other_errors_after_a_pass_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(KernelShap, "_rounds", lambda *_: iter([wrong]))
    with pytest.raises(RuntimeError, match="a mistake"):
        consult(toy_case(1), planted_model(PLANTED), REQUEST)
