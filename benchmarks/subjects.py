"""The models that benchmarks explain, and the Question they are asked."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
import torch
from torch import Tensor

from benchmarks.binary import BinaryImageModel
from explainers.asking import ask
from explainers.explanation import Target
from explainers.maskers.baselines import image_baseline
from explainers.maskers.region import RegionMasker
from explainers.question import Question
from explainers.report import default_request
from explainers.superpixels import image_players
from models.adapter import HasTable, ModelAdapter
from models.case import Case, Modality, image_case
from models.catalog import catalog
from models.inputs.text import text_case
from models.samples import records, reports
from models.tabular_adapters import TableParts, TabularClassifier
from models.text_classifier import TextClassifier
from models.text_folder import TextTokenizer

N_PLAYERS = 45
SIDE = 224
N_WORDS: Final = 80
RECORDS: Final = {"recurrence": "high-risk", "wisconsin": "malignant"}  # sample of each schema


class RandomDenseNet(BinaryImageModel):
    """A DenseNet-121-size network (7 M parameters) with random weights: speed needs no training."""

    def __init__(self) -> None:
        from torchvision.models import densenet121

        super().__init__(title="DenseNet-121", side=SIDE)
        network = densenet121(weights=None, num_classes=2)
        generator = torch.Generator().manual_seed(0)
        for parameter in network.parameters():
            if parameter.ndim > 1:
                torch.nn.init.kaiming_normal_(parameter, generator=generator)
        self.network = network.eval().requires_grad_(requires_grad=False)

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, 1, 224, 224) -> (n, 2)."""
        logits: Tensor = self.network(inputs.expand(-1, 3, -1, -1))
        return logits


class FreeTable(TabularClassifier):
    """A model that costs nothing: its log-odds are the first element. What is left is engine."""

    def margins(self, inputs: Tensor) -> Tensor:
        """(n, E) -> (n,)."""
        return inputs[:, 0]


def free_table(model_id: str = "recurrence") -> ModelAdapter:
    """A FreeTable of the records that a shipped model reads."""
    model = builtin(model_id)
    if not isinstance(model, TabularClassifier):
        raise TypeError(f"the model {model_id} is no TabularClassifier")
    parts = TableParts(
        card=replace(model.card, capabilities=frozenset()),
        encoding=model.encoding,
        sample=model.sample,
        temperature=model.temperature,
        missing_limit=len(model.schema.columns),
        device=model.device,
    )
    return FreeTable(parts)


class RandomViT(BinaryImageModel):
    """A vision transformer of the size called S/16 (22 M parameters) with random weights."""

    def __init__(self) -> None:
        from torchvision.models import VisionTransformer

        super().__init__(title="ViT-S/16", side=SIDE)
        network = VisionTransformer(
            image_size=SIDE,
            patch_size=16,
            num_layers=12,
            num_heads=6,
            hidden_dim=384,
            mlp_dim=1536,
            num_classes=2,
        )
        self.network = at_random(network)

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, 1, 224, 224) -> (n, 2)."""
        logits: Tensor = self.network(inputs.expand(-1, 3, -1, -1))
        return logits


def random_minilm() -> ModelAdapter:
    """A BERT of MiniLM's size (6 layers of 384) with random weights, and a shipped vocabulary."""
    from transformers import BertConfig, BertForSequenceClassification

    shipped = builtin("report")
    if not isinstance(shipped, TextClassifier):
        raise TypeError("the report model is no TextClassifier")
    config = BertConfig(
        vocab_size=shipped.tokenizer.get_vocab_size(),
        hidden_size=384,
        num_hidden_layers=6,
        num_attention_heads=12,
        intermediate_size=1536,
        pad_token_id=shipped.pad_id,
    )
    config.num_labels = len(shipped.card.classes)
    network = BertForSequenceClassification(config)
    at_random(network)
    return TextClassifier(
        card=replace(shipped.card, id="minilm", title="MiniLM size"),
        network=network,
        tokenizer=TextTokenizer(
            backend=shipped.tokenizer, mask_id=shipped.mask_id, pad_id=shipped.pad_id
        ),
        check=None,
        device=torch.device("cpu"),
    )


def at_random(network: torch.nn.Module) -> torch.nn.Module:
    """The network, frozen, with reproducible random matrices."""
    generator = torch.Generator().manual_seed(0)
    for parameter in network.requires_grad_(requires_grad=False).parameters():
        if parameter.ndim > 1:
            torch.nn.init.xavier_normal_(parameter, generator=generator)
    return network.eval()


def builtin(model_id: str) -> ModelAdapter:
    """A shipped model on the CPU."""
    return catalog().load(model_id, torch.device("cpu"))


def smooth_case(seed: int = 0, *, side: int = SIDE) -> Case:
    """A smooth random film: SLIC finds borders in it, and nothing needs a patient."""
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.random((1, 1, 9, 9), dtype=np.float32))
    film = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic")
    return image_case(film[0, 0].clamp(0, 1).numpy(), name="benchmark")


def first_words(count: int) -> Case:
    """A text of so many words: the beginning of the longest sample report."""
    document = reports.load("long").document
    stop = int(document.words[count - 1, 1])
    return text_case(document.text[:stop] + ".", name="benchmark")


def case_for(model: ModelAdapter) -> Case:
    """The case that a model of any kind is timed on."""
    if model.card.modality == "image":
        return smooth_case()
    if model.card.modality == "text":
        return first_words(N_WORDS)
    if not isinstance(model, HasTable):
        raise TypeError(f"{model.card.title} does not say which columns it reads")
    sample = next(s.id for s in records.samples(model.schema) if s.id in RECORDS.values())
    return records.load(sample, model.schema)


def question_about(model: ModelAdapter) -> Question:
    """Of a film: 45 superpixels against blur, log-odds; else what is asked by default."""
    case = case_for(model)
    if model.card.modality != "image":
        return ask(case, model, default_request(model.card))
    inputs = model.encode(case)
    players = image_players(inputs[0, 0].numpy(), kind="superpixels", count=N_PLAYERS)
    baseline, contents = image_baseline("blur", inputs)
    name = model.card.default_target
    return Question(
        model=model,
        case=case,
        inputs=inputs,
        targets=(Target(index=model.card.classes.index(name), name=name),),
        scale="logit",
        masker=RegionMasker(inputs, contents, baseline=baseline, players=players),
    )


# name -> (modality, how to load it)
SUBJECTS: Final[dict[str, tuple[Modality, Callable[[], ModelAdapter]]]] = {
    "xray": ("image", partial(builtin, "xray")),
    "densenet": ("image", RandomDenseNet),
    "vit": ("image", RandomViT),
    "recurrence": ("tabular", partial(builtin, "recurrence")),
    "recurrence-trees": ("tabular", partial(builtin, "recurrence-trees")),
    "wisconsin": ("tabular", partial(builtin, "wisconsin")),
    "free": ("tabular", free_table),
    "free-wide": ("tabular", partial(free_table, "wisconsin")),
    "report": ("text", partial(builtin, "report")),
    "minilm": ("text", random_minilm),
}
FREE: Final = ("free", "free-wide")
TITLES: Final = {
    "xray": "The built-in network for films (224 px, 45 regions)",
    "densenet": "A network of DenseNet-121 size (7 M parameters, random weights, 45 regions)",
    "vit": "A vision transformer of the size S/16 (22 M parameters, random weights, 45 regions)",
    "recurrence": "A network of 8 columns",
    "recurrence-trees": "Boosted trees of 8 columns",
    "wisconsin": "A network of 30 columns",
    "free": "A model of 8 columns that costs nothing: the explainers' own time",
    "free-wide": "A model of 30 columns that costs nothing: the explainers' own time",
    "report": f"The built-in encoder for texts ({N_WORDS} words)",
    "minilm": f"An encoder of MiniLM's size (6 layers of 384, random weights, {N_WORDS} words)",
}
