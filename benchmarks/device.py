"""How fast each built-in model runs on this machine, and what follows for the engine.

`python -m benchmarks device [--models xray report] [--seconds 20]`

Milliseconds a row for each number of rows a pass, and which of them is chosen; memory a row; what
bfloat16 would gain and cost; for image networks also the layout of tensors in memory ("channels
last" is what the app uses).
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

import torch

from benchmarks.subjects import builtin, case_for
from models.catalog import catalog
from models.image_classifier import ImageClassifier
from models.throughput import Throughput, measure

LAYOUTS: Final = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}


def table(found: Throughput) -> str:
    """The passes of one model as a Markdown table, the chosen one marked, and the guard's words."""
    sizes = " | ".join(f"{p.rows:,}{' *' * (p.rows == found.rows_per_pass)}" for p in found.passes)
    times = " | ".join(f"{p.milliseconds:.3g}" for p in found.passes)
    rule = " | ".join("---" for _ in found.passes)
    memory = f"{found.bytes_per_row / 1e6:.1f} MB a row" if found.bytes_per_row else "not seen"
    return (
        f"| rows a pass | {sizes} |\n| --- | {rule} |\n| ms a row | {times} |\n\n"
        f"Device {found.device}; memory {memory}. {found.number_format}\n"
    )


def main(argv: Sequence[str]) -> int:
    """Print a table a model."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks device", description=__doc__)
    parser.add_argument("--models", nargs="*", default=list(catalog()), help="ids; all by default")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each model")
    options = parser.parse_args(argv)
    for name in options.models:
        model = builtin(name)
        example = model.encode(case_for(model))
        for layout in LAYOUTS if isinstance(model, ImageClassifier) else ("",):
            if isinstance(model, ImageClassifier):
                model.network.to(memory_format=LAYOUTS[layout])
            sys.stdout.write(f"\n{model.card.title} {layout}\n\n")
            sys.stdout.write(table(measure(model, example, seconds=options.seconds)))
    return 0
