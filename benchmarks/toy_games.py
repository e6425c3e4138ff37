"""Exactly solvable games of each modality: small random networks with interactions of every order.

A record of twelve numbers against ten others; a text of twelve words against the mask token; the
film is that of `benchmarks.toy`.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.binary import BinaryModel
from benchmarks.toy import toy_question
from explainers.explanation import Baseline, Target
from explainers.maskers.background import BackgroundMasker
from explainers.maskers.token import TokenMasker
from explainers.players import Players
from explainers.question import Question
from models.case import Case, FloatArray, TabularPayload, TextPayload
from models.schema import Column, TableSchema

N_PLAYERS: Final = 12
N_RECORDS: Final = 10
N_SAMPLE: Final = 200  # records that LIME for tables draws its bins from
MASK_ID, PAD_ID, FIRST_ID = 0, 1, 2
WIDTH, HIDDEN = 8, 32
PRESENT: Final = (Target(index=1, name="present"),)


def network(n_inputs: int, generator: torch.Generator) -> nn.Sequential:
    """One hidden layer whose random weights saturate it."""
    layers = nn.Sequential(nn.Linear(n_inputs, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 2))
    for parameter in layers.parameters():
        bound = 3.0 / max(parameter[0].numel(), 1) ** 0.5
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return layers.eval().requires_grad_(requires_grad=False)


class ToyTable(BinaryModel):
    """A network of P numbers."""

    def __init__(self, generator: torch.Generator, n_players: int = N_PLAYERS) -> None:
        super().__init__(title="Random table network", modality="tabular", input_shape=(n_players,))
        self.network = network(n_players, generator)
        names = [f"c{i}" for i in range(n_players)]
        self.schema = TableSchema(
            columns=tuple(Column(name=name, title=name, kind="number") for name in names)
        )
        self.element_columns = np.arange(n_players, dtype=np.int32)
        self.sample = np.random.default_rng(0).normal(size=(N_SAMPLE, n_players))

    def encode(self, case: Case) -> Tensor:
        """(1, P)."""
        return self.encode_values(case.record.values[None])

    def encode_values(self, values: FloatArray) -> Tensor:
        """(n, P): the numbers as they are."""
        return torch.from_numpy(values.astype(np.float32))

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, P) -> (n, 2)."""
        logits: Tensor = self.network(inputs)
        return logits


class ToyText(BinaryModel):
    """A network that reads twelve words in their order; word i of a text is token FIRST_ID + i."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__(title="Random text network", modality="text", input_shape=(N_PLAYERS,))
        self.table = torch.randn(FIRST_ID + N_PLAYERS, WIDTH, generator=generator)
        self.network = network(N_PLAYERS * WIDTH, generator)

    def encode(self, case: Case) -> Tensor:
        """(1, 12)."""
        return FIRST_ID + torch.arange(len(case.document.words))[None]

    def embed(self, inputs: Tensor) -> Tensor:
        """(n, 12) -> (n, 12, 8)."""
        return self.table[inputs]

    def logits_from_embedding(self, embedding: Tensor, inputs: Tensor) -> Tensor:
        """(n, 12, 8) -> (n, 2)."""
        read = embedding * (inputs != PAD_ID)[..., None]
        logits: Tensor = self.network(read.flatten(1))
        return logits

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, 12) -> (n, 2)."""
        return self.logits_from_embedding(self.embed(inputs), inputs)


def table_question(
    seed: int, *, n_players: int = N_PLAYERS, n_records: int = N_RECORDS
) -> Question:
    """A random record of P numbers against random others."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(n_players, generator=generator).double().numpy()
    model = ToyTable(generator, n_players)
    payload = TabularPayload(values=values, schema=model.schema)
    case = Case(digest=payload.content_digest(), name="toy", payload=payload)
    inputs = model.encode(case)
    players = Players(
        membership=np.arange(n_players, dtype=np.int32), element_shape=(n_players,), kind="feature"
    )
    masker = BackgroundMasker(
        inputs,
        torch.randn(n_records, n_players, generator=generator),
        baseline=Baseline(name="background", description=f"{n_records} random records"),
        players=players,
    )
    return Question(
        model=model, case=case, inputs=inputs, targets=PRESENT, scale="logit", masker=masker
    )


def text_question(seed: int) -> Question:
    """Twelve words against the mask token."""
    model = ToyText(torch.Generator().manual_seed(seed))
    starts = 2 * np.arange(N_PLAYERS)
    payload = TextPayload(
        text=" ".join("abcdefghijkl"),
        words=np.stack([starts, starts + 1], axis=1).astype(np.int32),
        sentence_of=np.zeros(N_PLAYERS, dtype=np.int32),
    )
    case = Case(digest=payload.content_digest(), name="toy", payload=payload)
    inputs = model.encode(case)
    players = Players(
        membership=np.arange(N_PLAYERS, dtype=np.int32), element_shape=(N_PLAYERS,), kind="word"
    )
    masker = TokenMasker(inputs, mask_id=MASK_ID, pad_id=PAD_ID, kind="mask", players=players)
    return Question(
        model=model, case=case, inputs=inputs, targets=PRESENT, scale="logit", masker=masker
    )


GAMES: Final[Mapping[str, Callable[[int], Question]]] = {
    "film": lambda seed: toy_question(seed, n_players=N_PLAYERS),
    "record": table_question,
    "text": text_question,
}
