"""The report model's tokenizer, and how a report becomes training tokens.

Every reading of a report is another: sections with or without their headings, sometimes with the
history before them, and in half of the cases with words replaced by [MASK], any share of them, so
that the model has met the texts that removal-based explanations show it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from tokenizers import (
    Encoding,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from models.builtin.report_data import REDACTED, Report

SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNKNOWN, CLS, SEP, MASK = range(len(SPECIAL))
VOCABULARY: Final = 3000
RAREST: Final = 4  # times that a piece of a word must occur to be in the vocabulary


def train_tokenizer(texts: Sequence[str]) -> Tokenizer:
    """An uncased WordPiece tokenizer of at most VOCABULARY pieces."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY,
        min_frequency=RAREST,
        special_tokens=list(SPECIAL),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)],
    )
    return tokenizer


def reading(report: Report, generator: np.random.Generator) -> str:
    """One way in which the report could have been pasted."""
    parts = [("FINDINGS", report.findings), ("IMPRESSION", report.impression)]
    if generator.random() < 0.1:
        parts.reverse()
    if generator.random() < 0.25:
        parts.insert(0, ("INDICATION", report.history))
    headed, gap = generator.random() < 0.4, generator.choice([" ", "\n", "\n\n"])
    written = [f"{name}: {text}" if headed else text for name, text in parts if text]
    text = str(gap).join(written)
    # The model shall not need to see where de-identification removed words.
    return re.sub(REDACTED, lambda _: REDACTED if generator.random() < 0.5 else "[MASK]", text)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Tokens of n reports.

    Attributes:
        ids: (n, L) int64, padded at the end.
        positions: (n, L) int64; each report begins at a random place, so that all are trained.
    """

    ids: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]


def make_batch(
    encodings: Sequence[Encoding], most: int, rates: npt.NDArray[np.float64],
    generator: np.random.Generator,
) -> Batch:  # fmt: skip
    """Pad, mask and place encoded reports.

    Args:
        encodings: n reports with special tokens.
        most: Largest number of tokens a report may have; longer ones lose their end.
        rates: (n,) share of words to mask.
        generator: Draws words and places.
    """
    longest = min(most, max(len(encoding.ids) for encoding in encodings))
    ids = np.full((len(encodings), longest), PAD)
    positions = np.zeros_like(ids)
    for row, (encoding, rate) in enumerate(zip(encodings, rates, strict=True)):
        tokens = np.array(encoding.ids)[:longest]
        words = np.array([-1 if w is None else w for w in encoding.word_ids])[:longest]
        hidden = (generator.random(words.max() + 2) < rate)[words] & (words >= 0)
        ids[row, : len(tokens)] = np.where(hidden, MASK, tokens)
        first = generator.integers(0, most - len(tokens) + 1) if generator.random() < 0.5 else 0
        positions[row, : len(tokens)] = first + np.arange(len(tokens))
    return Batch(ids=ids, positions=positions)
