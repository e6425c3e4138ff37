"""Time of the statistics that need no model: `python -m benchmarks statistics`.

Wall time on this machine, the fastest and the median of 15, and the median of CPU time, which says
more where others work, too; every method has error bars.
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
    head = ("methods", "players", "what", "fastest", "median", "CPU")
    sys.stdout.write(f"| {' | '.join(head)} |\n|{' --- |' * len(head)}\n")
    for n_methods, n_players in SIZES:
        for what, work in parts(synthetic(n_methods, n_players)).items():
            wall, cpu = 1000 * np.array([timed(work) for _ in range(REPEATS)]).T
            found = (wall.min(), np.median(wall), np.median(cpu))
            cells = (n_methods, n_players, what, *(f"{number:.1f} ms" for number in found))
            sys.stdout.write(f"| {' | '.join(map(str, cells))} |\n")
            sys.stdout.flush()
    return 0


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    started, spent = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - spent


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
