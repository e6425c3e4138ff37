"""A Hugging Face folder of one's own: loaded as ours, or refused in words and never executed."""

import json
import pickle  # noqa: TID251 - to show that nothing of ours opens one
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForSequenceClassification,
    DebertaV2Config,
    DistilBertConfig,
    ModernBertConfig,
    PreTrainedConfig,
    RobertaConfig,
)

from models.builtin.report_tokens import train_tokenizer
from models.catalog import Catalog
from models.errors import WeightsError
from models.inputs.text import text_case
from models.text_classifier import TextClassifier, load_text_classifier
from tests.models.text_folders import MOST, write_card, write_text_model, write_tokenizer

CPU = torch.device("cpu")
SMALL = {
    "vocab_size": 900,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "num_labels": 3,
    "pad_token_id": 0,
}


def edit_json(path: Path, **change: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))


def test_the_catalog_loads_a_folder_of_one_s_own(tmp_path: Path) -> None:
    write_text_model(tmp_path)
    model = Catalog((tmp_path,)).load("own", CPU)
    assert isinstance(model, TextClassifier)
    assert model.predict(text_case("effusion", name="x")).logits.shape == (3,)


def test_the_weights_are_those_of_the_file(tmp_path: Path) -> None:
    model = load_text_classifier(write_text_model(tmp_path), CPU)
    for name, value in load_file(tmp_path / "model.safetensors").items():
        assert torch.equal(model.network.state_dict()[name], value)


@pytest.mark.parametrize(
    "config",
    [
        RobertaConfig(**SMALL, max_position_embeddings=MOST + 2),
        DistilBertConfig(vocab_size=900, dim=16, n_layers=2, n_heads=2, hidden_dim=32,
                         num_labels=3, pad_token_id=0),
        DebertaV2Config(**SMALL, relative_attention=True, pos_att_type=["p2c"]),
        ModernBertConfig(**SMALL, bos_token_id=2, cls_token_id=2, eos_token_id=3, sep_token_id=3),
    ],
    ids=lambda config: str(config.model_type),
)  # fmt: skip
def test_other_architectures_take_the_same_path(tmp_path: Path, config: PreTrainedConfig) -> None:
    write_text_model(tmp_path)  # for its tokenizer
    network = AutoModelForSequenceClassification.from_config(config).eval()
    network.save_pretrained(tmp_path)
    write_card(tmp_path, {})
    model = load_text_classifier(tmp_path, CPU)
    inputs = model.encode(text_case("No pleural effusion in the heart.", name="x"))
    padded = torch.nn.functional.pad(inputs, (0, 3), value=model.pad_id)
    with torch.no_grad():
        expected = network(input_ids=inputs, attention_mask=torch.ones_like(inputs)).logits
    assert torch.allclose(model.logits(inputs), expected, atol=1e-5)
    assert torch.allclose(model.logits(padded), expected, atol=1e-5)
    assert model.attentions(inputs).shape[-1] == inputs.shape[1]


def test_half_precision_weights_are_widened(tmp_path: Path) -> None:
    write_text_model(tmp_path)
    path = tmp_path / "model.safetensors"
    save_file({name: value.half() for name, value in load_file(path).items()}, path)
    write_card(tmp_path, {})
    model = load_text_classifier(tmp_path, CPU)
    assert {parameter.dtype for parameter in model.network.parameters()} == {torch.float32}


def test_other_weights_than_the_card_names_are_refused(tmp_path: Path) -> None:
    write_text_model(tmp_path)
    path = tmp_path / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="SHA-256"):
        load_text_classifier(tmp_path, CPU)


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json"])
def test_other_files_that_the_card_names_are_checked(tmp_path: Path, name: str) -> None:
    write_text_model(tmp_path, {"files": {name: "0" * 64}})
    with pytest.raises(WeightsError, match=f"{name} has SHA-256"):
        load_text_classifier(tmp_path, CPU)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"modality": "image"}, "no text model"),
        ({"input_shape": [64, 64]}, "no text model"),
        ({"input_shape": [2]}, "no text model"),
        ({"input_shape": [65]}, "cannot be run on 65 tokens"),
        ({"classes": ["effusion", "fracture"]}, "2 classes.*3 outputs"),
        ({"files": ["config.json"]}, "files is no mapping"),
        ({"files": {"../../etc/passwd": "0"}}, "cannot be read"),
        ({"input_check": {"limits": {}}}, "lacks 'sha256'"),
        ({"input_check": {"sha256": "0"}}, "check.safetensors of the model cannot be read"),
        ({"input_check": 3}, "not usable"),
    ],
    ids=str,
)
def test_a_card_that_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(WeightsError, match=words):
        load_text_classifier(write_text_model(tmp_path, change), CPU)


def test_classes_in_another_order_are_refused(tmp_path: Path) -> None:
    names = {0: "normal", 1: "effusion", 2: "fracture"}
    with pytest.raises(WeightsError, match="another order"):
        load_text_classifier(write_text_model(tmp_path, id2label=names), CPU)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    write_text_model(tmp_path)
    path = tmp_path / "model.safetensors"
    tensors = load_file(path)
    del tensors["classifier.weight"]
    save_file(tensors, path)
    write_card(tmp_path, {})
    with pytest.raises(WeightsError, match="do not fit"):
        load_text_classifier(tmp_path, CPU)


@pytest.mark.parametrize("special", ["mask_token", "pad_token"])
def test_a_tokenizer_without_the_token_is_refused(tmp_path: Path, special: str) -> None:
    write_text_model(tmp_path)
    write_tokenizer(train_tokenizer(["no effusion"] * 9), tmp_path, **{special: None})
    with pytest.raises(WeightsError, match="mask and a pad token"):
        load_text_classifier(tmp_path, CPU)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    write_text_model(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(WeightsError, match=r"config\.json|tokenizer|model\.safetensors"):
        load_text_classifier(tmp_path, CPU)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    write_text_model(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match=r"\.$|\. "):
        load_text_classifier(tmp_path, CPU)


def test_code_in_the_folder_is_never_run(tmp_path: Path) -> None:
    write_text_model(tmp_path)
    trap = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(trap)!r}, 'w')\nclass Evil: pass\n")
    names = {"AutoConfig": "evil.Evil", "AutoModelForSequenceClassification": "evil.Evil"}
    edit_json(tmp_path / "config.json", model_type="evil", auto_map=names)
    with pytest.raises(WeightsError, match="cannot be built"):
        load_text_classifier(tmp_path, CPU)
    assert not trap.exists()


def test_a_pickle_beside_the_weights_is_left_alone(tmp_path: Path) -> None:
    write_text_model(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps(print))
    with pytest.raises(WeightsError, match="cannot be read"):
        load_text_classifier(tmp_path, CPU)


def test_loading_needs_no_network(tmp_path: Path) -> None:
    write_text_model(tmp_path)
    code = (
        "import socket, sys; socket.socket.connect = lambda *a: sys.exit('network')\n"
        "from pathlib import Path; import models; import torch\n"
        "from models.text_classifier import load_text_classifier\n"
        f"load_text_classifier(Path({str(tmp_path)!r}), torch.device('cpu')); print('loaded')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.split() == ["loaded"], done.stderr
    assert done.stderr == ""
