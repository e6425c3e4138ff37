"""The joint design beside ours: `python -m benchmarks.joint_prices [--cases 30]`.

Squared error relative to the sum of squared true values and CPU time of a whole explanation, means
and medians over the cases of the accuracy benchmark, by what a point with a gradient is counted as:
nothing, one row as the product counts it, or three, as a way back costs about two ways forth. More
coalitions than the other benchmark has show whether the error goes on falling: it does unless the
design is biased.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import Final

from benchmarks import written
from benchmarks.accuracy import relative
from benchmarks.accuracy_games import Kind, solved
from benchmarks.accuracy_peers import SHAPLEY
from benchmarks.joint_design import Estimator, joint_design

KINDS: Final[tuple[Kind, ...]] = ("record", "record-probability")
BUDGETS: Final = (5, 10, 20, 50, 200)  # coalitions a player
OURS: Final = ("ours: KernelSHAP (Gaussian process)", "ours: KernelSHAP (regression)")
COMPARED: Final[Mapping[str, Estimator]] = {name: SHAPLEY[name] for name in OURS} | {
    "joint design, IG control variate, gradient rows free": partial(
        joint_design, variate=True, price=0
    ),
    "the same, gradient rows counted once": partial(joint_design, variate=True),
    "the same, counted three times": partial(joint_design, variate=True, price=3),
    "joint design": partial(joint_design, variate=False),
}


def main(arguments: list[str]) -> int:
    """Print a table for each kind: error (ms)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.joint_prices", description=__doc__)
    parser.add_argument("--cases", type=int, default=30)
    count = parser.parse_args(arguments).cases
    print(written.machine())
    for kind in KINDS:
        found: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for seed, case in enumerate(solved(kind, count)):
            for each in BUDGETS:
                for name, estimate in COMPARED.items():
                    started = time.process_time()
                    values = estimate(case.game(), each * len(case.shapley), seed)
                    spent = 1000 * (time.process_time() - started)
                    error = relative(values, case.shapley)
                    found.setdefault((name, each), []).append((error, spent))
        rows = [[name, *(cell(found[name, each]) for each in BUDGETS)] for name in COMPARED]
        head = [kind, *(f"{each}P" for each in BUDGETS)]
        print(f"\n{written.table(head, rows)}", flush=True)
    return 0


def cell(found: list[tuple[float, float]]) -> str:
    """Mean error, and median milliseconds in brackets."""
    errors, spent = zip(*found, strict=True)
    return f"{statistics.mean(errors):.2g} ({statistics.median(spent):.0f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
