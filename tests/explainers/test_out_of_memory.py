"""A hundred times out of memory: every consultation goes on, and says the same."""

import numpy as np
import pytest
import torch

from explainers.consult import consult
from explainers.methods.kernel_shap import KernelShap
from explainers.report import ConsultRequest
from tests.toys import SIDE, ToyImageModel, planted_model, toy_case

PLANTED = np.zeros((SIDE, SIDE), dtype=bool)
PLANTED[8:16, 16:24] = True
REQUEST = ConsultRequest(
    methods=("kernel_shap", "rise", "smooth_grad"),
    budget=256,
    players="grid",
    n_players=9,
    baseline="black",
)
ERRORS = 100
FITS = 8  # rows that always find room


def starved(model: ToyImageModel, draw: np.random.Generator, left: list[int]) -> ToyImageModel:
    """The model on a device that is sometimes full; a few rows always fit."""
    score = model.score

    def crowded(inputs: torch.Tensor) -> torch.Tensor:
        if left[0] and len(inputs) > FITS and draw.random() < 0.9:
            left[0] -= 1
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return score(inputs)

    model.score = crowded
    return model


def test_a_hundred_injected_errors_change_nothing() -> None:
    case = toy_case(1)
    plain = consult(case, planted_model(PLANTED), REQUEST, max_rows=512)
    left, draw, rounds = [ERRORS], np.random.default_rng(0), 0
    while left[0] and rounds < ERRORS:
        rounds += 1
        model = starved(planted_model(PLANTED), draw, left)
        report = consult(case, model, REQUEST, max_rows=512)
        assert [f.method for f in report.failures] == [f.method for f in plain.failures]
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
