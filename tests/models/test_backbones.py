"""Stages keep evidence where it is, and the pretrained blocks have the published shapes."""

import itertools

import pytest
import torch

from models.backbones import LITE_BLOCKS, InvertedResidual, lite_blocks, residual_stages


def test_plain_stages_halve_once_a_stage() -> None:
    stages = torch.nn.Sequential(*residual_stages((4, 6, 8), (1, 2))).eval()
    assert stages(torch.zeros(2, 1, 64, 64)).shape == (2, 8, 8, 8)


@pytest.mark.parametrize("average", [True, False])
def test_both_ways_of_halving_give_the_same_shapes_and_take_the_same_weights(
    *, average: bool
) -> None:
    blocks = torch.nn.Sequential(*lite_blocks(4, 11, average=average))
    other = torch.nn.Sequential(*lite_blocks(4, 11, average=not average))
    blocks.load_state_dict(other.state_dict())
    assert blocks(torch.zeros(1, 40, 8, 8)).shape == (1, 112, 4, 4)


def test_the_blocks_follow_on_each_other() -> None:
    for one, next_one in itertools.pairwise(LITE_BLOCKS):
        assert one.after == next_one.before


def test_only_blocks_that_keep_the_shape_add_their_input() -> None:
    residual = [InvertedResidual(shape, average=True).residual for shape in LITE_BLOCKS]
    assert residual == [False, False, True, False, True, False, True, True, False, True, True]


def test_no_operation_changes_its_input() -> None:
    block = lite_blocks(4, 5, average=True)[0]
    maps = torch.randn(1, 40, 6, 6, generator=torch.Generator().manual_seed(0))
    before = maps.clone()
    block(maps)
    assert torch.equal(maps, before)


@pytest.mark.parametrize("index", range(len(LITE_BLOCKS)))
def test_values_are_the_same_with_and_without_gradients(index: int) -> None:
    block = lite_blocks(index, index + 1, average=True)[0]
    shape = (2, LITE_BLOCKS[index].before, 8, 8)
    maps = torch.randn(shape, generator=torch.Generator().manual_seed(index))
    before = maps.clone()
    with torch.inference_mode():
        quick = block(maps)
    assert torch.equal(maps, before), "what others hold is never overwritten"
    assert torch.equal(quick, block(maps))


def test_plain_stages_overwrite_nothing_that_is_kept() -> None:
    stages = torch.nn.Sequential(*residual_stages((4, 6, 8), (1, 2))).eval()
    films = torch.rand(2, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    before = films.clone()
    with torch.inference_mode():
        quick = stages(films)
    assert torch.equal(films, before)
    assert torch.equal(quick, stages(films))
