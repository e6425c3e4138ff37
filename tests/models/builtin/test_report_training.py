"""How reports become labels, splits and training tokens; on texts written for the tests."""

import numpy as np
import pytest
import torch
import yaml
from transformers import BertForSequenceClassification

from models.builtin.report_data import Report, alike_groups, split_reports
from models.builtin.report_heads import Heads
from models.builtin.report_labels import TAGS, common_findings, is_indexed, labels_of
from models.builtin.report_metrics import PROBES
from models.builtin.report_phrases import NAMES, put_sentence
from models.builtin.report_recipe import Recipe, Round, network_config
from models.builtin.report_tokens import (
    CLS,
    MASK,
    PAD,
    SEP,
    make_batch,
    reading,
    train_tokenizer,
)
from models.builtin.report_training import train
from models.builtin.train_report import fold
from models.samples import reports as samples

TEXTS = [sample.text for sample in samples.samples()]


def report(number: int, findings: str, *tags: str) -> Report:
    return Report(
        id=f"CXR{number}",
        history="Cough.",
        findings=findings,
        impression=f"Report XXXX {number}.",
        labels=labels_of(tags),
    )


@pytest.mark.parametrize(
    ("tag", "findings"),
    [
        ("normal", {"normal"}),
        ("Opacity/lung/base/left", {"opacity or pneumonia"}),
        ("Opacity/bone", set()),
        ("Pleural Effusion/right/small", {"pleural effusion"}),
        ("Cardiac Shadow/enlarged/mild", {"cardiomegaly"}),
        ("Cardiac Shadow/borderline", set()),
        ("Lung/hypoinflation/mild", {"low lung volumes"}),
        ("Lung/hyperdistention", {"emphysema or hyperinflation"}),
        ("Hydropneumothorax/left", {"pleural effusion", "pneumothorax"}),
        ("Pulmonary Atelectasis/base", {"atelectasis"}),
        ("Pulmonary Disease, Chronic Obstructive", {"emphysema or hyperinflation"}),
    ],
)
def test_tags_become_findings(tag: str, findings: set[str]) -> None:
    found = labels_of([tag])
    assert {name for name, value in zip(TAGS, found, strict=True) if value} == findings


def test_untagged_reports_are_told_from_normal_ones() -> None:
    assert is_indexed(["normal"])
    assert not is_indexed([])
    assert not is_indexed(["No Indexing"])


def test_rare_findings_are_left_out() -> None:
    labels = np.zeros((100, len(TAGS)))
    labels[:60, 0] = labels[:59, 1] = 1
    assert common_findings(labels) == ("normal",)


def test_reports_much_alike_share_a_group() -> None:
    one = "The heart is normal in size and the lungs are clear without effusion"
    groups = alike_groups([one, "A new left rib fracture is seen", one + " today", one.upper()])
    assert groups[0] == groups[2] == groups[3] != groups[1]


def test_splits_part_the_reports_and_keep_groups_together() -> None:
    found = [
        report(i, f"Word{i // 3} other{i // 3} third{i // 3} fourth{i // 3} fifth{i // 3} lungs")
        for i in range(120)
    ]
    splits = split_reports(found)
    ids = {name: {r.id for r in members} for name, members in splits.items()}
    assert sum(map(len, ids.values())) == len(set().union(*ids.values())) == 120
    assert 60 <= len(ids["train"]) <= 95
    owner = {r: name for name, members in ids.items() for r in members}
    assert all(
        len({owner[f"CXR{i}"], owner[f"CXR{i + 1}"], owner[f"CXR{i + 2}"]}) == 1
        for i in range(0, 120, 3)
    )


def test_readings_vary_and_hold_the_findings() -> None:
    generator = np.random.default_rng(0)
    texts = [reading(report(1, "Heart normal."), generator) for _ in range(200)]
    assert all("Heart normal." in text for text in texts)
    assert any(text.startswith("FINDINGS:") for text in texts)
    assert any("Cough" in text for text in texts)
    assert any("[MASK]" in text for text in texts)
    assert any("XXXX" in text for text in texts)


def test_a_sentence_put_in_changes_the_labels_it_should() -> None:
    classes, generator = ("normal", *NAMES), np.random.default_rng(0)
    before, asserted = np.eye(len(classes))[0], 0
    for _ in range(300):
        text, labels = put_sentence("Heart normal. Lungs clear.", before, classes, generator)
        assert "Heart normal" in text
        assert "Lungs clear" in text
        assert len(text) > len("Heart normal. Lungs clear.")
        present = np.flatnonzero(labels).tolist()
        assert len(present) == 1  # still normal, or what was asserted and not normal any more
        asserted += present != [0]
        assert any(name.lower() in text.lower() for names in NAMES.values() for name in names)
    assert 100 < asserted < 200
    assert before.tolist() == np.eye(len(classes))[0].tolist()


def test_sentences_of_the_probes_are_never_trained_on() -> None:
    probes = yaml.safe_load(PROBES.read_text())["findings"]
    kept = {s.lower() for lists in probes.values() for kind in lists.values() for s in kind}
    generator = np.random.default_rng(0)
    for _ in range(2000):
        text, _ = put_sentence("", np.zeros(len(NAMES)), tuple(NAMES), generator)
        assert text[0].isalpha()
        assert text.endswith(".")
        assert text.lower() not in kept


def test_masking_hides_whole_words_and_never_special_tokens() -> None:
    tokenizer = train_tokenizer(TEXTS)
    encodings = tokenizer.encode_batch(TEXTS[:4])
    batch = make_batch(encodings, 40, np.array([0.0, 0.5, 1.0, 0.5]), np.random.default_rng(0))
    assert batch.ids.shape == (4, 40)
    assert (batch.ids[:, 0] == CLS).all()
    assert (batch.ids[0] != MASK).all()
    assert set(batch.ids[2].tolist()) <= {CLS, SEP, MASK, PAD}
    hidden = batch.ids == MASK
    for row, encoding in enumerate(encodings):
        words = np.array([-1 if w is None else w for w in encoding.word_ids])[:40]
        for word in set(words.tolist()) - {-1}:
            assert len(set(hidden[row, : len(words)][words == word].tolist())) == 1


def test_reports_begin_at_different_positions() -> None:
    encodings = train_tokenizer(TEXTS).encode_batch(["No effusion"] * 40)
    batch = make_batch(encodings, 64, np.zeros(40), np.random.default_rng(0))
    assert len(set(batch.positions[:, 0].tolist())) > 5
    assert batch.positions.max() < 64
    assert (np.diff(batch.positions, axis=1) == 1).all()


def test_training_learns_a_planted_word_and_is_reproducible() -> None:
    generator = np.random.default_rng(0)
    words = [
        "heart",
        "lungs",
        "clear",
        "spine",
        "aorta",
        "mild",
        "left",
        "right",
        "stable",
        "unchanged",
    ]
    found, labels = [], []
    for i in range(96):
        label = i % 2
        drawn = [*generator.choice(words, 6).tolist(), "effusion" if label else "silhouette"]
        found.append(report(i, " ".join(generator.permutation(drawn).tolist())))
        labels.append([float(label)])
    tokenizer = train_tokenizer([r.text for r in found])
    recipe = Recipe(
        hidden=32, heads=2, layers=1, inner=32, most_tokens=32, dropout=0.0, average=0.9,
        rounds=(Round(epochs=30, learning_rate=5e-3, with_sentence=0.0),
                Round(epochs=2, learning_rate=1e-3, with_sentence=0.1)),
    )  # fmt: skip
    state = torch.get_rng_state()
    networks = [train(found, np.array(labels), ("effusion",), tokenizer, recipe) for _ in range(2)]
    assert torch.equal(state, torch.get_rng_state())
    for one, other in zip(networks[0].parameters(), networks[1].parameters(), strict=True):
        assert torch.equal(one, other)
    logits = [
        float(networks[0](torch.tensor([tokenizer.encode(text).ids])).logits.detach())
        for text in ("heart clear effusion stable", "heart clear silhouette stable")
    ]
    assert logits[0] > 1 > -1 > logits[1]


def test_the_normalisation_is_folded_into_the_pooler() -> None:
    tokenizer = train_tokenizer(TEXTS)
    recipe = Recipe(hidden=16, heads=2, layers=1, inner=16, most_tokens=64, spread=0.5)
    with torch.random.fork_rng():
        config = network_config(recipe, tokenizer.get_vocab_size(), ("a", "b"))
        heads = Heads(BertForSequenceClassification(config), normalised=True)
        encodings = tokenizer.encode_batch(TEXTS)
        batch = make_batch(encodings, 64, np.zeros(len(TEXTS)), np.random.default_rng(0))
        for _ in range(20):
            heads.from_first(heads.hidden(batch))
    heads.eval()
    with torch.no_grad():
        before = heads.from_first(heads.hidden(batch))
        ids = torch.from_numpy(batch.ids)
        positions = torch.from_numpy(batch.positions)
        mask = (ids != PAD).long()
        after = heads.shipped()(input_ids=ids, attention_mask=mask, position_ids=positions).logits
    assert before.std(0).min() > 1e-3
    assert torch.allclose(before, after, atol=1e-4)


def test_calibration_is_folded_into_the_last_layer() -> None:
    part = Round(epochs=1, learning_rate=1e-3, with_sentence=0.0)
    recipe = Recipe(hidden=16, heads=2, layers=1, inner=16, most_tokens=32, rounds=(part,))
    tokenizer = train_tokenizer(TEXTS)
    found = [report(i, "Heart normal.") for i in range(4)]
    network = train(found, np.array([[0.0, 1.0]] * 4), ("a", "b"), tokenizer, recipe)
    ids = torch.tensor([tokenizer.encode(TEXTS[0]).ids[:32]])
    with torch.no_grad():
        before = network(ids).logits
        fold(network, [2.0, 0.5], [1.0, -1.0])
        after = network(ids).logits
    expected = (before + torch.tensor([1.0, -1.0])) / torch.tensor([2.0, 0.5])
    assert torch.allclose(after, expected, atol=1e-5)
