"""Squared error at equal rows, beside the packages. `python -m benchmarks accuracy [options]`.

For games whose values are known (see `accuracy_games`) and 5, 10, 20 and 50 coalitions a player:
the squared error of each estimator relative to the sum of squared true values, averaged over
cases. Shapley values are compared with all coalitions or one long run; LIME with its own estimand,
the same ridge regression over every mask of fair coins (enumerated games only). Methods that
refuse so small a budget have no entry.

Results go to benchmarks/out/accuracy.json, kind by kind, and from there into docs/accuracy.md.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np

from benchmarks.accuracy_games import Kind, Solved, lime_estimand, solved
from benchmarks.accuracy_peers import LIME, Estimator, shapley_estimators
from models.case import FloatArray

BUDGETS: Final = (5, 10, 20, 50)  # coalitions a player
OUT: Final = Path(__file__).parent / "out" / "accuracy.json"
PAGE: Final = Path(__file__).parents[1] / "docs" / "accuracy.md"
BEGIN, END = "<!-- begin: python -m benchmarks accuracy -->", "<!-- end -->"
TITLES: Final[Mapping[Kind, str]] = {
    "film-12": "Films, 12 cells, the X-ray model; all coalitions known",
    "film-36": "Films, 36 cells, small random networks; long run",
    "text-12": "Texts, 12 words, the report model; all coalitions known",
    "record": "Records, 30 features, 100 background rows, log-odds; long run",
    "record-probability": "Records, the same on the probability scale; long run",
}
PACKAGES: Final = ("shap", "captum", "lime", "shapiq")
Errors = dict[str, dict[int, list[float]]]


def relative(found: FloatArray, truth: FloatArray) -> float:
    """Squared error over the sum of squares of the truth."""
    return float(((found - truth) ** 2).sum() / (truth**2).sum())


def run(case: Solved, seed: int, errors: dict[str, Errors]) -> None:
    """Add one case to the errors, by family, estimator and budget."""
    tasks: list[tuple[str, Mapping[str, Estimator], Callable[[int], FloatArray]]] = [
        ("SHAP", shapley_estimators(case.game().question), lambda _: case.shapley)
    ]
    if case.enumerated:
        tasks.append(("LIME", LIME, lambda n: lime_estimand(case.game(), n)))
    for each in BUDGETS:
        budget = each * len(case.shapley)
        for family, estimators, truth in tasks:
            expected = truth(budget)
            for name, estimate in estimators.items():
                found = estimate(case.game(), budget, seed)
                by_name = errors.setdefault(family, {}).setdefault(name, {})
                by_name.setdefault(each, []).append(relative(found, expected))


def measure(kind: Kind, count: int, runs: int = 1) -> dict[str, Any]:
    """All estimators on the first `count` games of a kind, so many times each."""
    errors: dict[str, Errors] = {}
    started = time.process_time()
    cases, weights = 0, ""
    for index, case in enumerate(solved(kind, count)):
        for repeat in range(runs):
            run(case, index + count * repeat, errors)
        cases += 1
        weights = case.game().question.model.card.weights_sha256
        print(f"{kind} {index + 1}: {time.process_time() - started:.0f} s", flush=True)
    if cases < count:
        print(f"{kind}: only {cases} of {count} cases are at hand", flush=True)
    means = {
        family: {
            name: {
                str(each): None if np.isnan(found).any() else float(np.mean(found))
                for each, found in by_budget.items()
            }
            for name, by_budget in by_name.items()
        }
        for family, by_name in errors.items()
    }
    return {
        "title": TITLES[kind],
        "cases": cases,
        "runs": runs,
        "weights_sha256": weights,
        "error": means,
    }


def markdown(document: Mapping[str, Any]) -> str:
    """The tables of the page: best of each column in bold."""
    packages = ", ".join(f"{name} {version}" for name, version in document["packages"].items())
    lines = [f"Mean over cases of squared error / sum of squared true values; {packages}.", ""]
    for kind in get_args(Kind):
        found = document["kinds"].get(kind)
        if found is None:
            continue
        runs = f", {each} runs each" if (each := found.get("runs", 1)) > 1 else ""
        lines += [f"### {found['title']} ({found['cases']} cases{runs})", ""]
        for family, by_name in found["error"].items():
            lines += [f"| {family} | " + " | ".join(f"{b}P" for b in BUDGETS) + " |"]
            lines += ["|---" * (len(BUDGETS) + 1) + "|"]
            columns = [[row[str(b)] for row in by_name.values()] for b in BUDGETS]
            best = [min(found for found in column if found is not None) for column in columns]
            for name, *row in zip(by_name, *columns, strict=True):
                cells = [cell(found, least) for found, least in zip(row, best, strict=True)]
                lines.append(f"| {name} | " + " | ".join(cells) + " |")
            lines.append("")
    return "\n".join(lines)


def cell(found: float | None, least: float) -> str:
    """An error in the table; the least is bold."""
    if found is None:
        return "-"
    return f"**{found:.2g}**" if found == least else f"{found:.2g}"


def write(document: Mapping[str, Any]) -> None:
    """Keep the results and put the tables into the page."""
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{markdown(document)}{END}{after}", encoding="utf-8")


def installed() -> dict[str, str]:
    """Versions of the packages that took part."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def main(arguments: list[str]) -> int:
    """Measure the kinds asked for, keep the others' results, write both files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks accuracy", description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=get_args(Kind), default=get_args(Kind))
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--runs", type=int, default=1, help="of every estimator on every case")
    options = parser.parse_args(arguments)
    known = json.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() else {"kinds": {}}
    for kind in options.kinds:
        known["packages"] = installed()
        known["kinds"][kind] = measure(kind, options.cases, options.runs)
        write(known)
    print(markdown(known))
    return 0
