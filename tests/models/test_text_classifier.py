"""The text adapter: each token to its word, exact behind the embedding, and pure."""

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from models.adapter import HasAttention, HasEmbedding, HasTokens
from models.case import Case, image_case
from models.errors import InputError
from models.inputs.text import text_case
from models.samples import reports
from models.text_classifier import TextClassifier, load_text_classifier
from tests.models.text_folders import MOST, write_text_model

REPORT = "No pleural effusion. Right-sided nodule, 3.5 cm. The heart is normal."


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TextClassifier:
    folder = write_text_model(tmp_path_factory.mktemp("models") / "own")
    return load_text_classifier(folder, torch.device("cpu"))


@pytest.fixture
def case() -> Case:
    return text_case(REPORT, name="report")


def tokens_of(model: TextClassifier, case: Case) -> list[tuple[str, str | None]]:
    """(token, its word or None) in their order."""
    ids, words = model.encode(case)[0].tolist(), model.token_words(case).tolist()
    names = [str(model.tokenizer.id_to_token(i)) for i in ids]
    return [
        (name, case.document.word(word) if word >= 0 else None)
        for name, word in zip(names, words, strict=True)
    ]


def test_it_declares_the_powers_it_has(model: TextClassifier) -> None:
    assert isinstance(model, HasTokens)
    assert isinstance(model, HasEmbedding)
    assert isinstance(model, HasAttention)
    assert model.card.capabilities == {"gradient", "attention"}


def test_every_token_spells_a_part_of_its_word(model: TextClassifier, case: Case) -> None:
    pairs = tokens_of(model, case)
    assert pairs[0] == ("[CLS]", None)
    assert pairs[-1] == ("[SEP]", None)
    for token, word in pairs[1:-1]:
        if word is None:
            assert not token.isalnum()
        else:
            assert token.removeprefix("##") in word.lower()


def test_the_tokens_of_a_word_spell_it_whole(model: TextClassifier, case: Case) -> None:
    spelt: dict[int, str] = {}
    for (token, _), word in zip(tokens_of(model, case), model.token_words(case), strict=True):
        spelt[int(word)] = spelt.get(int(word), "") + token.removeprefix("##")
    for index in range(len(case.document.words)):
        assert spelt[index] == case.document.word(index).lower()


@pytest.mark.parametrize("sample", reports.samples(), ids=lambda sample: sample.id)
def test_words_ascend_and_none_that_is_read_is_lost(
    model: TextClassifier, sample: reports.ReportSample
) -> None:
    case = reports.load(sample.id)
    words = model.token_words(case)
    of_words = words[words >= 0]
    assert np.array_equal(np.unique(of_words), np.arange(model.n_words_read(case)))
    assert (np.diff(of_words) >= 0).all()


def test_special_tokens_that_are_typed_are_plain_text(model: TextClassifier) -> None:
    case = text_case("Effusion [PAD] [MASK] [SEP] [CLS] heart", name="typed")
    ids = model.encode(case)[0].tolist()
    assert model.pad_id not in ids
    assert model.mask_id not in ids
    assert ids.count(ids[0]) == ids.count(ids[-1]) == 1
    assert len(set(model.token_words(case).tolist()) - {-1}) == 6


def test_behind_the_embedding_comes_the_same(model: TextClassifier, case: Case) -> None:
    inputs = model.encode(case).repeat(3, 1)
    inputs[1, 2:4] = model.mask_id
    inputs[2, 2:4] = model.pad_id
    embedding = model.embed(inputs)
    assert embedding.dtype == torch.float32
    found = model.logits_from_embedding(embedding, inputs)
    assert torch.equal(found[:2], model.logits(inputs[:2]))
    assert torch.allclose(found, model.logits(inputs), atol=1e-5)  # reads no padding


def test_gradients_reach_the_embedding(model: TextClassifier, case: Case) -> None:
    inputs = model.encode(case)
    leaf = model.embed(inputs).requires_grad_()
    (slope,) = torch.autograd.grad(model.logits_from_embedding(leaf, inputs)[0, 0], leaf)
    step = 1e-2 * slope / slope.norm()
    with torch.no_grad():
        up = model.logits_from_embedding(leaf + step, inputs)[0, 0]
        down = model.logits_from_embedding(leaf - step, inputs)[0, 0]
    assert float((up - down) / 2e-2) == pytest.approx(float(slope.norm()), rel=0.02)


def test_attention_is_a_distribution_that_leaves_padding_out(
    model: TextClassifier, case: Case
) -> None:
    inputs = model.encode(case).repeat(2, 1)
    inputs[1, -3:] = model.pad_id
    attention = model.attentions(inputs)
    assert attention.shape == (2, 2, 2, inputs.shape[1], inputs.shape[1])
    assert torch.allclose(attention.sum(-1), torch.ones(()), atol=1e-5)
    assert float(attention[1, ..., -3:].max()) == 0
    assert float(attention[0].min()) > 0


def test_attention_is_that_of_the_network_itself(model: TextClassifier, case: Case) -> None:
    twin = model._telling
    for one, other in zip(model.network.parameters(), twin.parameters(), strict=True):
        assert one.data_ptr() == other.data_ptr()
    inputs = model.encode(case).repeat(2, 1)
    inputs[1, -3:] = model.pad_id
    mask = (inputs != model.pad_id).long()
    told = twin(inputs_embeds=model.embed(inputs), attention_mask=mask).logits
    assert torch.allclose(told, model.logits(inputs), atol=1e-5)


def test_padding_at_the_end_changes_nothing(model: TextClassifier, case: Case) -> None:
    inputs = model.encode(case)
    padded = torch.nn.functional.pad(inputs, (0, 7), value=model.pad_id)
    assert torch.allclose(model.logits(inputs), model.logits(padded), atol=1e-5)


def test_a_text_without_the_word_equals_the_word_deleted(model: TextClassifier) -> None:
    whole = text_case("No pleural effusion", name="whole")
    ids, words = model.encode(whole), model.token_words(whole)
    kept = ids[0][torch.from_numpy(words != 0)]
    deleted = torch.full_like(ids, model.pad_id)
    deleted[0, : len(kept)] = kept
    without = model.encode(text_case("pleural effusion", name="without"))
    assert torch.allclose(model.logits(deleted), model.logits(without), atol=1e-5)


def test_even_an_input_of_padding_alone_is_finite(model: TextClassifier) -> None:
    assert model.logits(torch.full((1, 5), model.pad_id)).isfinite().all()


def test_rows_do_not_depend_on_their_batch(model: TextClassifier, case: Case) -> None:
    inputs = model.encode(case).repeat(4, 1)
    inputs[1:, 1:3] = model.mask_id
    alone = torch.cat([model.logits(row[None]) for row in inputs])
    assert torch.allclose(model.logits(inputs), alone, atol=1e-5)


def test_a_long_text_is_read_from_the_chosen_word_on(model: TextClassifier) -> None:
    text = " ".join(f"effusion {i}." for i in range(200))
    read, start = 0, 0
    while start < 400:
        case = text_case(text, name="long", start_word=start)
        ids, words = model.encode(case)[0], model.token_words(case)
        assert len(ids) == len(words) <= MOST
        assert int(words[words >= 0].min()) == start
        assert int(words.max()) == start + model.n_words_read(case) - 1
        assert len(ids) > MOST - 8 or start + model.n_words_read(case) == 400  # all that fit
        read += model.n_words_read(case)
        start = read
    assert read == 400


def test_a_text_that_fits_is_read_whole(model: TextClassifier) -> None:
    case = text_case("... effusion !!", name="short")
    assert [token for token, _ in tokens_of(model, case)][1:4] == [".", ".", "."]
    assert model.n_words_read(case) == 1


def test_much_punctuation_does_not_push_the_words_out(model: TextClassifier) -> None:
    case = text_case("!" * 500 + "effusion" + "?" * 500 + "heart", name="marks")
    assert model.n_words_read(case) == 1
    assert [word for _, word in tokens_of(model, case) if word] == ["effusion"] * (
        len(model.encode(case)[0]) - 2
    )


def test_twenty_thousand_words_are_read_in_part(model: TextClassifier) -> None:
    case = text_case("effusion " * 20_000, name="long", start_word=19_990)
    assert model.n_words_read(case) == 10


def test_another_modality_is_refused_in_words(model: TextClassifier) -> None:
    film = image_case(np.zeros((8, 8), dtype=np.float32), name="film")
    with pytest.raises(InputError, match="takes texts"):
        model.predict(film)


def test_passes_leave_the_network_as_it_was(model: TextClassifier, case: Case) -> None:
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    hooks = [len(module._forward_hooks) for module in model.network.modules()]
    inputs = model.encode(case)
    first = model.logits(inputs)
    model.attentions(inputs)
    leaf = model.embed(inputs).requires_grad_()
    torch.autograd.grad(model.logits_from_embedding(leaf, inputs)[0, 1], leaf)
    assert torch.equal(first, model.logits(inputs))
    assert hooks == [len(module._forward_hooks) for module in model.network.modules()]
    assert not any(module.training for module in model.network.modules())
    assert not any(parameter.requires_grad for parameter in model.network.parameters())
    for name, value in model.network.state_dict().items():
        assert torch.equal(value, before[name])


def test_threads_share_one_model(model: TextClassifier) -> None:
    cases = [text_case(f"{'no ' * i}effusion in the heart", name="x") for i in range(1, 7)]
    expected = [(model.predict(c).logits, model.attentions(model.encode(c))) for c in cases]
    wrong: list[int] = []

    def ask(index: int) -> None:
        for _ in range(10):
            logits = model.predict(cases[index]).logits
            attention = model.attentions(model.encode(cases[index]))
            if not (
                np.allclose(logits, expected[index][0], atol=1e-6)
                and torch.allclose(attention, expected[index][1], atol=1e-6)
            ):
                wrong.append(index)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(cases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_model_of_one_s_own_has_no_check_unless_fitted(model: TextClassifier, case: Case) -> None:
    prediction = model.predict(case)
    assert prediction.check is None
    assert prediction.classes == model.card.classes
    assert prediction.probabilities.shape == (3,)


def test_a_model_without_position_for_so_many_tokens(tmp_path: Path) -> None:
    folder = write_text_model(tmp_path / "short", max_position_embeddings=MOST - 1)
    with pytest.raises(Exception, match="cannot be run on 64 tokens"):
        load_text_classifier(folder, torch.device("cpu"))
