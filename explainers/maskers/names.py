"""Names of baselines and of ways to cut an image, without what makes them."""

from typing import Literal, TypeAlias

ImageBaseline: TypeAlias = Literal["blur", "mean", "black", "noise"]
Segmentation: TypeAlias = Literal["superpixels", "grid"]
