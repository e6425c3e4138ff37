"""Names of baselines and of ways to cut an input into players, without what makes them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from models.case import Modality

ImageBaseline: TypeAlias = Literal["blur", "mean", "black", "noise"]
TableBaseline: TypeAlias = Literal["background", "average", "conditional"]
TextBaseline: TypeAlias = Literal["mask", "deletion", "padding"]
BaselineId: TypeAlias = ImageBaseline | TableBaseline | TextBaseline

Segmentation: TypeAlias = Literal["superpixels", "grid"]
TableCut: TypeAlias = Literal["features", "groups"]
TextCut: TypeAlias = Literal["words", "phrases", "sentences"]
PlayersId: TypeAlias = Segmentation | TableCut | TextCut

NOISE_DRAWS: Final = 4  # contents averaged per coalition; their spread enters as model rows
N_BACKGROUND: Final = 100  # records of the training sample, each a draw
N_NEIGHBOURS: Final = 30

# What an absent player shows, in words; the first of each is the default.
BASELINES_OF: Final[Mapping[Modality, Mapping[BaselineId, str]]] = MappingProxyType(
    {
        "image": {
            "blur": "the film strongly blurred: brightness stays, detail goes",
            "mean": "the film's mean grey level everywhere",
            "black": "black everywhere",
            "noise": f"uniform random pixels, averaged over {NOISE_DRAWS} draws",
        },
        "tabular": {
            "background": f"the values of {N_BACKGROUND} other training records in turn",
            "average": "the median record of the training data (most frequent category)",
            "conditional": f"the values of the {N_NEIGHBOURS} training records most like the rest",
        },
        "text": {
            "mask": "the model's token for an unknown word",
            "deletion": "nothing: the word is taken out and the text closes up",
            "padding": "padding in its place, which the model leaves out of its reading",
        },
    }
)

# How an input is cut, in words; the first of each is the default.
PLAYERS_OF: Final[Mapping[Modality, Mapping[PlayersId, str]]] = MappingProxyType(
    {
        "image": {"superpixels": "along visible edges", "grid": "in equal squares"},
        "tabular": {"features": "every feature alone", "groups": "correlated features together"},
        "text": {
            "words": "into words",
            "phrases": "into words, a negation together with what it negates",
            "sentences": "into sentences",
        },
    }
)
