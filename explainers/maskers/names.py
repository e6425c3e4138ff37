"""Names of the baselines, without the torch that makes them."""

from typing import Literal, TypeAlias

ImageBaseline: TypeAlias = Literal["blur", "mean", "black", "noise"]
