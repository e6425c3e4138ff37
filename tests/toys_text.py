"""Toy models of texts whose right explanations are known in closed form.

A text is read as [CLS] tokens [SEP]; "pneumothorax" is two tokens, a full stop is a token that
belongs to no word. Embeddings are one-hot, so their sum over the tokens that attention reads is how
often each token occurs: `amounts` (n, V), which every score here is a function of.
"""

import re
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmarks.binary import BinaryModel
from explainers.explanation import Scale, Target
from explainers.maskers.names import TextBaseline, TextCut
from explainers.maskers.token import TokenMasker
from explainers.question import Question
from explainers.word_players import word_players
from models.card import Capability
from models.case import Case, TextPayload
from tests.toys import two_logits

PAD, CLS, SEP, MASK, STOP = range(5)
TEXT = "Small left effusion. No pneumothorax. Heart size is normal."
LONG_TEXT = (
    "There is a small left effusion with mild basal atelectasis. No pneumothorax. "
    "Heart size is normal. Old healed rib fractures are seen on the right."
)
WORDS = sorted(set(re.findall(r"\w+", LONG_TEXT.lower())) - {"pneumothorax"})
TOKENS: dict[str, tuple[int, ...]] = {w: (STOP + 1 + i,) for i, w in enumerate(WORDS)}
TOKENS["pneumothorax"] = (STOP + 1 + len(WORDS), STOP + 2 + len(WORDS))
N_TOKENS = STOP + 3 + len(WORDS)  # V
Score = Callable[[Tensor], Tensor]


def toy_text_case(text: str = TEXT, *, start_word: int = 0, name: str = "toy text") -> Case:
    """A text of known words; a sentence ends at each full stop."""
    words = [found.span() for found in re.finditer(r"\w+", text)]
    payload = TextPayload(
        text=text,
        words=np.array(words, dtype=np.int32).reshape(-1, 2),
        sentence_of=np.array([text[:start].count(".") for start, _ in words], dtype=np.int32),
        start_word=start_word,
    )
    return Case(digest=payload.content_digest(), name=name, payload=payload)


def uniform_attention(inputs: Tensor) -> Tensor:
    """(n, L) -> (n, 2, 2, L, L): every token attends equally to all that is no padding."""
    read = (inputs != PAD).double()
    rows = (read / read.sum(dim=1, keepdim=True))[:, None, None, None]
    return rows.expand(-1, 2, 2, inputs.shape[1], -1)


def attention_to(tokens: tuple[int, ...]) -> Callable[[Tensor], Tensor]:
    """Attention that gives half of each row to these tokens, in equal parts."""

    def attention(inputs: Tensor) -> Tensor:
        wanted = sum((inputs == token).double() for token in tokens) * torch.ones(())
        rows = (wanted / wanted.sum(dim=1, keepdim=True).clamp_min(1))[:, None, None, None]
        return (uniform_attention(inputs) + rows) / 2

    return attention


class ToyTextModel(BinaryModel):
    """An adapter around `score`: amounts (n, V) float64 -> (n,) log-odds of "present".

    Logits are (-score / 2, score / 2), so softmax gives sigmoid(score). It reads at most `n_words`
    words, from the case's start word on.
    """

    mask_id, pad_id = MASK, PAD

    def __init__(
        self,
        score: Score,
        *,
        attention: Callable[[Tensor], Tensor] = uniform_attention,
        n_words: int = 100,
        weights_sha256: str = "0" * 64,
    ) -> None:
        capabilities: set[Capability] = {"gradient", "attention"}
        super().__init__(
            title="Toy text model",
            modality="text",
            input_shape=(n_words + 2,),
            capabilities=capabilities,
            weights_sha256=weights_sha256,
        )
        self.score, self.attention, self.n_words = score, attention, n_words
        self.passes: list[int] = []

    def tokens(self, case: Case) -> list[tuple[int, int]]:
        """(id, word or -1) of every token."""
        first = case.document.start_word
        found, word = [(CLS, -1)], -1
        for part in re.findall(r"\w+|\.", case.document.text.lower()):
            word += part != "."
            if first <= max(word, 0) < first + self.n_words:
                found += [(STOP, -1)] if part == "." else [(token, word) for token in TOKENS[part]]
        return [*found, (SEP, -1)]

    def encode(self, case: Case) -> Tensor:
        return torch.tensor([[token for token, _ in self.tokens(case)]])

    def token_words(self, case: Case) -> npt.NDArray[np.int32]:
        return np.array([word for _, word in self.tokens(case)], dtype=np.int32)

    def embed(self, inputs: Tensor) -> Tensor:
        return torch.nn.functional.one_hot(inputs, N_TOKENS).float()

    def logits_from_embedding(self, embedding: Tensor, inputs: Tensor) -> Tensor:
        self.passes.append(len(inputs))
        read = (inputs != PAD).double()[..., None]
        return two_logits(self.score((embedding.double() * read).sum(dim=1)))

    def logits(self, inputs: Tensor) -> Tensor:
        return self.logits_from_embedding(self.embed(inputs), inputs)

    def attentions(self, inputs: Tensor) -> Tensor:
        self.passes.append(len(inputs))
        return self.attention(inputs)


def token_weights(weights: Mapping[str, float]) -> Tensor:
    """(V,) float64: a word's weight is shared equally by its tokens; all others weigh nothing."""
    vector = torch.zeros(N_TOKENS, dtype=torch.float64)
    for word, weight in weights.items():
        vector[list(TOKENS[word])] = weight / len(TOKENS[word])
    return vector


def linear_text_model(weights: Mapping[str, float], *, bias: float = 0.0) -> ToyTextModel:
    """Score = bias + sum of the weights of the words. Every complete method gives the weights."""
    return ToyTextModel(lambda amounts: bias + amounts @ token_weights(weights))


def negation_model(finding: str = "pneumothorax", *, strength: float = 3.0) -> ToyTextModel:
    """Score = strength * finding * (1 - 2 * "no"): a finding that "no" turns into its opposite.

    With both words in the text, the Shapley value of "no" is -strength, that of the finding 0.
    """
    what, no = token_weights({finding: strength}), token_weights({"no": 1.0})
    return ToyTextModel(lambda amounts: (amounts @ what) * (1 - 2 * (amounts @ no)))


def planted_text_model(word: str) -> ToyTextModel:
    """Reads and attends to one word only: score = 8 * word - 4."""
    weights = token_weights({word: 8.0})
    return ToyTextModel(lambda amounts: amounts @ weights - 4, attention=attention_to(TOKENS[word]))


def text_question_for(
    model: ToyTextModel,
    case: Case,
    *,
    baseline: TextBaseline = "mask",
    cut: TextCut = "words",
    scale: Scale = "logit",
    targets: tuple[Target, ...] = (Target(index=1, name="present"),),
) -> Question:
    """A Question on words against the mask token, unless told otherwise."""
    inputs = model.encode(case)
    masker = TokenMasker(
        inputs,
        mask_id=model.mask_id,
        pad_id=model.pad_id,
        kind=baseline,
        players=word_players(case.document, model.token_words(case), kind=cut),
    )
    return Question(
        model=model, case=case, inputs=inputs, targets=targets, scale=scale, masker=masker
    )
