"""Training batches: balanced, reproducible, with opacities where the masks say."""

import torch

from models.builtin.opacities import paste_opacities
from models.builtin.xray_data import Films, Mix, augment, batches
from models.preprocess import Preprocessing

SMALL = Preprocessing(size=96)


def chests(count: int, size: int = 256) -> torch.Tensor:
    """Bright squares with two dark lungs, a little different each."""
    axis = torch.linspace(-1, 1, size)
    rows, columns = torch.meshgrid(axis, axis, indexing="ij")
    films = torch.full((count, size, size), 190.0)
    for middle in (-0.42, 0.42):
        films[:, ((columns - middle) / 0.3) ** 2 + (rows / 0.6) ** 2 < 1] = 70.0
    noise = torch.rand(films.shape, generator=torch.Generator().manual_seed(0))
    return (films + 20 * noise).to(torch.uint8)


def split() -> Films:
    groups = [("kermany", "AP"), ("nih", "PA"), ("nih", "AP")]
    rows = tuple({"source": s, "view": v} for s, v in groups for _ in range(4))
    labels = torch.tensor([0, 0, 0, 1] * 3)
    return Films(pixels=chests(12), labels=labels, rows=rows)


def test_opacities_brighten_the_lungs_exactly_where_the_mask_says() -> None:
    films = chests(6, 224)[:, None].float() / 255
    generator = torch.Generator().manual_seed(3)
    pasted, masks = paste_opacities(films, generator)
    added = pasted - films
    assert float(added.min()) >= 0
    assert float(masks.amax((1, 2, 3)).min()) > 0.3
    assert float(added[masks > 0.5].mean()) > 0.08
    assert float(added[masks < 0.01].max()) < 0.05
    in_lungs = films[masks > 0.5] < 0.5
    assert float(in_lungs.float().mean()) > 0.9


def test_only_normal_films_get_opacities_and_count_as_positive() -> None:
    labels = torch.tensor([0, 0, 1])
    pasted = torch.tensor([True, False, False])
    generator = torch.Generator().manual_seed(0)
    batch = augment(chests(3), labels, pasted, SMALL, generator)
    assert batch.labels.tolist() == [1, 0, 1]
    assert batch.known.tolist() == [True, True, False]
    assert batch.masks.shape == (3, 6, 6)
    assert [bool(mask.any()) for mask in batch.masks] == [True, False, False]


def test_batches_are_decided_by_the_generator() -> None:
    made = []
    for _ in range(2):
        generator = torch.Generator().manual_seed(5)
        mix = Mix(positive=0.3, pasted=0.5)
        drawn = batches(split(), SMALL, mix, size=4, count=2, generator=generator)
        made.append(torch.cat([batch.inputs for batch in drawn]))
    assert torch.equal(*made)


def test_labels_are_balanced_inside_every_group() -> None:
    generator = torch.Generator().manual_seed(1)
    mix = Mix(positive=0.5, pasted=0.0)
    drawn = batches(split(), SMALL, mix, size=100, count=4, generator=generator)
    labels = torch.cat([batch.labels for batch in drawn])
    assert 0.4 < float(labels.mean()) < 0.6  # a quarter of the films are positive
