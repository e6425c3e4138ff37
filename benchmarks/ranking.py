"""Methods ranked on one model, as the Methods page does it. `python -m benchmarks ranking`.

`[--model xray] [--cases 12] [--films ../shared/data/xray/samples] [--methods lime rise]`. The
score is faithfulness; docs/sanity.md has the definitions and the table.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from benchmarks.lights import films
from benchmarks.subjects import builtin
from explainers.engine import Runtime
from explainers.explanation import Explanation, MethodId
from explainers.faithfulness import faithfulness
from explainers.method_scores import candidates, method_scores, rows_of_curves, rows_of_scores
from explainers.methods import METHODS
from explainers.question import Question
from explainers.ranking import N_CASES, MethodRanking, verdict
from explainers.reference_cases import reference_cases

HEAD = "| method | mean rank | mean score | told from |\n|---|---|---|---|\n"


def faithful(
    question: Question, answers: Sequence[Explanation], runtime: Runtime
) -> Mapping[MethodId, float]:
    """Mean of the deletion and insertion scores of each method."""
    found = faithfulness(question, answers, runtime=runtime)
    return {curves.method: found.mean_score(curves) for curves in found.methods}


def row(found: MethodRanking, place: int) -> str:
    """One method with its intervals, and how many others it is told from."""
    ranks, scores = found.rank_intervals[place], found.score_intervals[place]
    others = [other for other in found.order if other != place]
    told = sum(found.differ(place, other) for other in others)
    return (
        f"| {found.methods[place]} | {found.mean_ranks[place]:.1f} "
        f"({ranks[0]:.1f} to {ranks[1]:.1f}) | {found.mean_scores[place]:.2f} "
        f"({scores[0]:.2f} to {scores[1]:.2f}) | {told} of {len(others)} |"
    )


def main(argv: Sequence[str]) -> int:
    """Print the table, the verdict, and rows planned and spent."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ranking", description=__doc__)
    parser.add_argument("--model", default="xray", help="a built-in model")
    parser.add_argument("--films", type=Path, help="folder of PNG films, before reference cases")
    parser.add_argument("--cases", type=int, default=N_CASES)
    parser.add_argument("--out", type=Path, help="a file for the scores, JSON")
    parser.add_argument("--methods", nargs="*", help="all that can answer, unless named")
    options = parser.parse_args(argv)
    model, count = builtin(options.model), options.cases
    cases = films(options.films, count) if options.films else []
    cases += reference_cases(model, count)[: count - len(cases)]
    methods = [cast("MethodId", m) for m in options.methods or candidates(model, cases)]
    planned = rows_of_scores(model, cases, methods, rows_of_curves)
    found = method_scores(model, cases, methods, faithful)
    if options.out is not None:
        options.out.write_text(json.dumps(found.to_document()) + "\n", encoding="utf-8")
    scored = np.isfinite(found.scores).sum(axis=0)
    sys.stdout.write(
        f"{options.model}, {len(cases)} cases, {found.n_cases} with all scores; fewer: "
    )
    few = [f"{m} {n}" for m, n in zip(found.methods, scored, strict=True) if n < len(cases)]
    sys.stdout.write(f"{', '.join(few) or 'none'}\n\n{HEAD}")
    sys.stdout.writelines(f"{row(found, place)}\n" for place in found.order)
    sys.stdout.write(f"\nAll alike: p = {found.p_value:.4f}. ")
    sys.stdout.write(verdict(found, {method.card.id: method.card.title for method in METHODS}))
    sys.stdout.write(f"\nRows: {planned:,} planned, {found.rows:,} spent.\n")
    return 0
