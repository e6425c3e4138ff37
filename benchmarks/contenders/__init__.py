"""The same work by us and by the original packages, for each modality, by name."""

from benchmarks.contenders.image import IMAGE
from benchmarks.contenders.table import TABLE
from benchmarks.contenders.text import TEXT
from benchmarks.contenders.work import Contender
from models.case import Modality

CONTENDERS: dict[Modality, dict[str, Contender]] = {"image": IMAGE, "tabular": TABLE, "text": TEXT}
