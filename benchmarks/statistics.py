"""Time of the statistics that need no model: `python -m benchmarks statistics`.

Wall time on this machine, the fastest and the median of 15; every method has error bars.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from explainers.agreement import compare
from explainers.chance import floors_and_bands
from explainers.curves import curves
from explainers.explanation import Explanation, Target
from explainers.metrics import default_k, rank
from explainers.noise import ceilings
from explainers.players import Players
from explainers.shares import gather
from explainers.verdicts import judge

SIZES = ((3, 36), (8, 100), (13, 400))  # methods, players
REPEATS = 15


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks statistics", description=__doc__)
    parser.parse_args(list(arguments))
    sys.stdout.write("| methods | players | what | fastest | median |\n|" + " --- |" * 5 + "\n")
    for n_methods, n_players in SIZES:
        for what, work in parts(synthetic(n_methods, n_players)).items():
            seconds = sorted(timed(work) for _ in range(REPEATS))
            fastest, median = 1000 * seconds[0], 1000 * seconds[REPEATS // 2]
            row = (n_methods, n_players, what, f"{fastest:.1f} ms", f"{median:.1f} ms")
            sys.stdout.write(f"| {' | '.join(map(str, row))} |\n")
            sys.stdout.flush()
    return 0


def timed(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def parts(explanations: Sequence[Explanation]) -> dict[str, Callable[[], object]]:
    """Everything `compare` does, the parts it is made of, and the curves over k."""
    evidence = gather(explanations, explanations[0].players)
    values, errors, signed = evidence.values, evidence.value_errors, evidence.signed
    k = default_k(values)
    ranking = rank(values, signed, k)
    return {
        "compare, all of it": lambda: compare(explanations),
        "chance floors and bands": lambda: floors_and_bands(ranking),
        "noise ceilings": lambda: ceilings(values, errors, signed, k),
        "verdicts": lambda: judge(evidence.shares, evidence.share_errors, signed),
        "metrics and floors at every k": lambda: curves(evidence.shares, signed),
    }


def synthetic(n_methods: int, n_players: int) -> list[Explanation]:
    """Random explanations with error bars."""
    rng = np.random.default_rng(6)
    players = Players(
        membership=np.arange(n_players, dtype=np.int32), element_shape=(n_players,), kind="pixel"
    )
    return [
        Explanation(
            method="lime",
            case_digest="synthetic",
            model_id="synthetic",
            weights_sha256="0" * 64,
            players=players,
            values=rng.standard_t(3, size=n_players),
            std_error=np.full(n_players, 0.2),
            element_map=None,
            signed=True,
            kind="additive",
            target=Target(index=0, name="present"),
            scale="logit",
            baseline=None,
            value_full=1.0,
            value_empty=0.0,
            settings={},
            diagnostics={},
            seed=seed,
            rows=0,
            seconds=0.0,
            device="cpu",
        )
        for seed in range(n_methods)
    ]
