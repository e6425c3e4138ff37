"""Which methods look at the model: the tables of docs/sanity.md.

`python -m benchmarks lights --films ../shared/data/xray/samples [--methods gradient grad_cam]`
`python -m benchmarks lights --model wisconsin --cases 24`

Cases are the PNG films of a folder, or the model's own reference cases. A line is printed as soon
as its method is done, so that a long table may be stopped.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import numpy as np

from benchmarks.subjects import builtin
from explainers.explanation import MethodId
from explainers.methods import METHODS
from explainers.reference_cases import reference_cases
from explainers.sanity import sanity
from explainers.sanity_report import N_CASES, MethodSanity, SanityReport
from models.adapter import ModelAdapter
from models.case import Case
from models.inputs.image import decode_image

HEAD: Final = (
    "| method | light | left with a random head | upper half random | all random "
    "| floor, all random | ceiling |\n|---|---|---|---|---|---|---|\n"
)


def row(found: MethodSanity, report: SanityReport) -> str:
    """One method: what is left at the first, the first deciding and the last depth."""
    deciding = next(i for i, depth in enumerate(report.depths) if depth.decides)
    cells = []
    for at in (0, deciding, len(report.depths) - 1):
        low, high = found.intervals[at]
        cells.append(f"{100 * found.kept[at]:.0f} % ({100 * low:.0f} to {100 * high:.0f})")
    light = found.light(report.depths)
    marks = f"{float(np.nanmean(found.other[-1])):.2f} | {found.noise_ceiling:.2f}"
    return f"| {found.method} | {light} | {' | '.join(cells)} | {marks} |"


def films(folder: Path, count: int) -> list[Case]:
    """The first PNG films of a folder."""
    paths = sorted(folder.glob("*.png"))[:count]
    return [decode_image(path.read_bytes(), name="film") for path in paths]


def applicable(model: ModelAdapter) -> list[MethodId]:
    """Methods for such inputs that such a model can answer; those of other packages left out."""
    kind, powers = model.card.modality, model.card.capabilities
    return [
        card.id
        for card in (method.card for method in METHODS)
        if kind in card.modalities and card.needs <= powers and "reference" not in card.id
    ]


def main(argv: Sequence[str]) -> int:
    """Print the table, method by method."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks lights", description=__doc__)
    parser.add_argument("--model", default="xray", help="a built-in model")
    parser.add_argument("--films", type=Path, help="folder of PNG films")
    parser.add_argument("--cases", type=int)
    parser.add_argument("--twins", type=int, help="at each depth")
    parser.add_argument("--methods", nargs="*", help="all that apply, unless named")
    options = parser.parse_args(argv)
    model = builtin(options.model)
    count = options.cases or N_CASES[model.card.modality]
    cases = films(options.films, count) if options.films else reference_cases(model, count)
    methods = [cast("MethodId", name) for name in options.methods or applicable(model)]
    sys.stdout.write(f"{options.model}, {len(cases)} cases\n\n{HEAD}")
    rows = 0
    for method in methods:
        report = sanity(model, cases, [method], n_twins=options.twins)
        rows += report.rows
        sys.stdout.writelines(f"{row(found, report)}\n" for found in report.methods)
        sys.stdout.writelines(f"{name}: {why}\n" for name, why in report.refused.items())
        sys.stdout.flush()
    sys.stdout.write(f"\n{rows:,} rows\n")
    return 0
