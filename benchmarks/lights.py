"""Which methods look at the model: the table of docs/sanity.md, on films of a folder.

`python -m benchmarks lights --films ../shared/data/xray/samples [--methods gradient grad_cam]`
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import numpy as np

from benchmarks.subjects import builtin
from explainers.explanation import MethodId
from explainers.sanity import sanity
from explainers.sanity_report import MethodSanity, SanityReport
from models.inputs.image import decode_image

METHODS: Final = ("gradient", "grad_cam", "grad_cam_plus_plus", "gradient_x_input")
MOST: Final = 6  # films
HEAD: Final = (
    "| method | light | left with a random head | upper half random | all random | floor |"
)


def row(found: MethodSanity, report: SanityReport) -> str:
    """One method: what is left at the first, the first deciding and the last depth."""
    deciding = next(i for i, depth in enumerate(report.depths) if depth.decides)
    cells = []
    for at in (0, deciding, len(report.depths) - 1):
        low, high = found.intervals[at]
        cells.append(f"{100 * found.kept[at]:.0f} % ({100 * low:.0f} to {100 * high:.0f})")
    light = found.light(report.depths)
    floor = float(np.nanmean(found.other[-1]))
    return f"| {found.method} | {light} | {' | '.join(cells)} | {floor:.2f} |"


def main(argv: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks lights", description=__doc__)
    parser.add_argument("--films", type=Path, required=True, help="folder of PNG films")
    parser.add_argument("--methods", nargs="*", default=[*METHODS, "guided_backprop"])
    options = parser.parse_args(argv)
    films = sorted(options.films.glob("*.png"))[:MOST]
    cases = [decode_image(film.read_bytes(), name="film") for film in films]
    methods = [cast("MethodId", name) for name in options.methods]
    report = sanity(builtin("xray"), cases, methods)
    sys.stdout.write(f"{len(cases)} films, {report.rows:,} rows\n\n{HEAD}\n")
    sys.stdout.writelines(f"{row(found, report)}\n" for found in report.methods)
    sys.stdout.writelines(f"{name}: {why}\n" for name, why in report.refused.items())
    return 0
