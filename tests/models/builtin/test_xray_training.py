"""The whole training, small: reproducible, and only what should be fitted is."""

import torch

from models.backbones import LITE_BLOCKS, LITE_STEM, lite_blocks
from models.builtin.xray_data import Films
from models.builtin.xray_heads import HeadRecipe
from models.builtin.xray_training import Recipe, train

SMALL = Recipe(imitation_steps=2, bank_batches=2, phantoms=2, heads=HeadRecipe(iterations=3))


def pretrained() -> dict[str, torch.Tensor]:
    """Random weights under the names that `read_lite0` gives."""
    draws = torch.Generator().manual_seed(0)
    blocks = torch.nn.Sequential(*lite_blocks(0, len(LITE_BLOCKS), average=False))
    shapes = {name: value.shape for name, value in blocks.state_dict().items()}
    shapes |= {"stem.weight": (LITE_STEM, 1, 3, 3), "stem.bias": (LITE_STEM,)}
    return {name: 0.1 * torch.randn(shape, generator=draws) for name, shape in shapes.items()}


def split() -> Films:
    draws = torch.Generator().manual_seed(1)
    groups = [("kermany", "AP"), ("nih", "PA"), ("nih", "AP")]
    rows = tuple(
        {"source": s, "view": v, "patient_id": f"{s}{v}{k}"} for s, v in groups for k in range(4)
    )
    pixels = torch.randint(0, 256, (12, 256, 256), generator=draws, dtype=torch.uint8)
    return Films(pixels=pixels, labels=torch.tensor([0, 1, 0, 1] * 3), rows=rows)


def test_training_is_reproducible_and_leaves_the_pretrained_blocks_alone() -> None:
    weights, films = pretrained(), split()
    (one, bank), (other, _) = (train(films, weights, SMALL) for _ in range(2))
    for name, value in one.state_dict().items():
        torch.testing.assert_close(value, other.state_dict()[name], msg=name)
    assert torch.equal(one.late[2].project.weight, weights["10.project.weight"])
    assert bool(one.head.weight.any())
    assert bool(one.reader.weight.any())
    assert len(bank.means) == 2 * 16
