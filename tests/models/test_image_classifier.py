"""The X-ray adapter: pure, exact where it is cut, calibrated, and honest about the frame."""

import threading

import numpy as np
import numpy.typing as npt
import pytest
import torch

from models.adapter import HasFeatureMaps, HasImageFrame
from models.case import Case, image_case
from models.errors import InputError
from models.image_classifier import ImageClassifier

Pixels = npt.NDArray[np.float32]


class NoFloat64(torch.Tensor):
    """Stands in for a tensor on a device without float64 (Apple's MPS) until it is moved."""

    def double(self) -> torch.Tensor:
        raise TypeError("This device has no float64.")

    def cpu(self) -> torch.Tensor:  # type: ignore[override]
        return self.as_subclass(torch.Tensor)


@pytest.fixture
def case() -> Case:
    pixels = np.random.default_rng(0).random((300, 360)).astype(np.float32)
    return image_case(pixels, name="noise")


def test_it_declares_the_powers_it_has(xray: ImageClassifier) -> None:
    assert isinstance(xray, HasFeatureMaps)
    assert isinstance(xray, HasImageFrame)
    assert xray.card.capabilities == {"gradient", "feature_maps"}


def test_encoding_has_the_card_s_shape_and_range(xray: ImageClassifier, case: Case) -> None:
    inputs = xray.encode(case)
    assert inputs.shape == (1, *xray.card.input_shape)
    assert inputs.dtype == torch.float32
    assert 0 <= float(inputs.min()) <= float(inputs.max()) <= 1


def test_encoding_twice_gives_the_same_bytes(xray: ImageClassifier, case: Case) -> None:
    assert torch.equal(xray.encode(case), xray.encode(case))


def test_a_spot_on_the_film_is_encoded_inside_its_frame(xray: ImageClassifier) -> None:
    pixels = np.tile(np.linspace(0.2, 0.4, 1000, dtype=np.float32)[:, None], (1, 800))
    pixels[600:620, 250:270] = 1.0
    spot = image_case(pixels, name="spot")
    frame, size = xray.frame(spot), xray.card.input_shape[-1]
    row, column = divmod(int(xray.encode(spot)[0, 0].argmax()), size)
    assert frame.top + (row + 0.5) * frame.height / size == pytest.approx(610, abs=10)
    assert frame.left + (column + 0.5) * frame.width / size == pytest.approx(260, abs=10)


def test_a_case_too_small_is_refused_in_words(xray: ImageClassifier) -> None:
    tiny = image_case(np.zeros((8, 8), dtype=np.float32), name="tiny")
    with pytest.raises(InputError, match="8 x 8"):
        xray.predict(tiny)


def test_parameters_are_frozen_and_in_eval_mode(xray: ImageClassifier) -> None:
    assert not xray.network.training
    assert not any(module.training for module in xray.network.modules())
    assert not any(parameter.requires_grad for parameter in xray.network.parameters())


def test_passes_leave_the_network_as_it_was(xray: ImageClassifier, case: Case) -> None:
    before = {name: value.clone() for name, value in xray.network.state_dict().items()}
    inputs = xray.encode(case)
    first = xray.logits(inputs)
    leaf = inputs.clone().requires_grad_()
    torch.autograd.grad(xray.logits(leaf)[0, 1], leaf)
    assert torch.equal(first, xray.logits(inputs))
    for name, value in xray.network.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_cutting_at_the_feature_maps_changes_nothing(xray: ImageClassifier, case: Case) -> None:
    inputs = xray.encode(case)
    maps = xray.feature_maps(inputs)
    assert maps.shape[-2:] == (14, 14)
    assert torch.equal(xray.logits(inputs), xray.logits_from_maps(maps))


def test_a_row_s_logits_do_not_depend_on_the_batch(xray: ImageClassifier, case: Case) -> None:
    one = xray.encode(case)
    other = torch.rand(5, *one.shape[1:], generator=torch.Generator().manual_seed(0))
    together = xray.logits(torch.cat([one, other]))
    torch.testing.assert_close(together[:1], xray.logits(one), atol=1e-4, rtol=1e-4)


def test_gradients_reach_the_input(xray: ImageClassifier, case: Case) -> None:
    leaf = xray.encode(case).requires_grad_()
    (gradient,) = torch.autograd.grad(xray.logits(leaf)[0, 1], leaf)
    assert torch.isfinite(gradient).all()
    assert bool(gradient.any())


def test_prediction_is_the_softmax_of_temperature_scaled_logits(
    xray: ImageClassifier, case: Case
) -> None:
    prediction = xray.predict(case)
    inputs = xray.encode(case)
    temperature = xray.card.document["temperature"]
    with torch.inference_mode():
        raw = xray.network(inputs)[0].double()
    np.testing.assert_allclose(prediction.logits, (raw / temperature).numpy(), rtol=1e-5)
    expected = (raw / temperature).softmax(0).numpy()
    np.testing.assert_allclose(prediction.probabilities, expected, rtol=1e-5)
    assert prediction.probabilities.sum() == pytest.approx(1.0)
    assert prediction.classes == xray.card.classes


def test_float64_is_made_on_the_cpu_only(
    xray: ImageClassifier, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = xray.predict(case).logits
    logits_from_maps = xray.logits_from_maps
    monkeypatch.setattr(
        xray, "logits_from_maps", lambda maps: logits_from_maps(maps).as_subclass(NoFloat64)
    )
    np.testing.assert_array_equal(xray.predict(case).logits, expected)


def test_threads_get_the_same_answer(xray: ImageClassifier, case: Case) -> None:
    inputs = xray.encode(case)
    expected = xray.logits(inputs)
    found: list[torch.Tensor] = []
    threads = [threading.Thread(target=lambda: found.append(xray.logits(inputs))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for logits in found:
        torch.testing.assert_close(logits, expected)


def test_display_curve_and_resolution_hardly_change_the_answer(
    xray: ImageClassifier, film: Pixels
) -> None:
    plain = xray.predict(image_case(film, name="film")).logits[1]
    darker = xray.predict(image_case(film**1.5, name="darker")).logits[1]
    half = xray.predict(image_case(film[::2, ::2], name="half")).logits[1]
    assert darker == pytest.approx(plain, abs=0.1)
    assert half == pytest.approx(plain, abs=0.5)
