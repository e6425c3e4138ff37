"""What is taken away from training films is what explanations will take away."""

import torch

from explainers.maskers.baselines import image_baseline
from models.builtin.xray_absence import blurred, remove_parts, replacement, rough_lungs

SIDE = 96


def films(count: int = 6) -> torch.Tensor:
    return torch.rand(count, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))


def test_the_blur_is_the_explainers_own() -> None:
    inputs = films(1)
    torch.testing.assert_close(blurred(inputs), image_baseline("blur", inputs)[1])


def test_every_kind_of_replacement_is_drawn_and_keeps_to_the_grey_range() -> None:
    inputs = films(1).expand(200, -1, -1, -1).contiguous()
    contents = replacement(inputs, torch.Generator().manual_seed(1))
    spread = contents.flatten(1).std(1)
    blur = float(blurred(inputs[:1]).std())
    assert int((spread < 1e-6).sum()) > 10  # mean and black
    assert int((spread > 0.2).sum()) > 3  # noise
    assert int((spread - blur).abs().lt(1e-4).sum()) > 130
    assert 0 <= float(contents.min()) <= float(contents.max()) <= 1


def test_pasted_opacities_are_always_taken_away() -> None:
    inputs = films()
    covered = torch.zeros(6, SIDE // 16, SIDE // 16)
    covered[:, 2, 3] = 1
    removals = remove_parts(inputs, covered, torch.Generator().manual_seed(2))
    place = (slice(None), slice(None), slice(32, 48), slice(48, 64))
    torch.testing.assert_close(removals.scattered[place], removals.empty[place])
    same = (removals.scattered == inputs).flatten(1).float().mean(1)
    assert float(same.max()) > 0.5
    assert float(same.min()) < 0.5


def test_inner_keeps_the_lungs_and_outer_takes_them() -> None:
    inputs = films()
    nothing = torch.zeros(6, SIDE // 16, SIDE // 16)
    removals = remove_parts(inputs, nothing, torch.Generator().manual_seed(3))
    middles = [(40, 28), (40, 68)]
    for row, column in middles:
        torch.testing.assert_close(removals.inner[..., row, column], inputs[..., row, column])
        torch.testing.assert_close(
            removals.outer[..., row, column], removals.empty[..., row, column]
        )
    kept = (removals.inner == inputs).flatten(1).float().mean(1)
    assert bool((kept < 1).all())
    assert float(rough_lungs(SIDE).mean()) < 0.5


def test_the_generator_decides_all_of_it() -> None:
    first, second = (
        remove_parts(films(), torch.zeros(6, 6, 6), torch.Generator().manual_seed(4)).films()
        for _ in range(2)
    )
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one, other)
