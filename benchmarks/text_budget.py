"""What Partition SHAP needs of a text, and how far a smaller budget comes.

`python -m benchmarks text_budget [--words 50 80] [--budgets 500 1000 2000]`

For texts of the built-in model: CPU time of a row, the coalitions that reach every word of the
tree, and for each budget the share of the effects that stays divided evenly, with the squared error
relative to all coalitions. Beyond `--most` coalitions the error is not computed: that takes long.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks.subjects import builtin, first_words
from explainers.asking import ask
from explainers.engine import MaskedPredictor
from explainers.explanation import Explanation
from explainers.hierarchy import count_coalitions
from explainers.methods.partition_shap import PartitionShap, tree_for
from explainers.question import Question
from explainers.report import default_request
from models.adapter import ModelAdapter

ROWS = 64


def explained(question: Question, masks: int) -> Explanation:
    """Partition SHAP with so many coalitions."""
    method, game = PartitionShap(masks=masks), MaskedPredictor(question)
    (found,) = method.explain(game, budget=masks, generator=torch.Generator().manual_seed(0))
    return found


def row_ms(question: Question) -> float:
    """CPU milliseconds of one row; the best of three tries."""
    game, tries = MaskedPredictor(question), []
    masks = torch.eye(question.players.count, dtype=torch.float64)[:ROWS]
    game(masks)
    for _ in range(3):
        started = time.process_time()
        game(masks)
        tries.append(time.process_time() - started)
    return 1e3 * min(tries) / len(masks)


def report(model: ModelAdapter, words: int, budgets: list[int], most: int) -> None:
    """Print the lines of one text."""
    question = ask(first_words(words), model, default_request(model.card))
    everything = count_coalitions(tree_for(question))
    tokens = question.inputs.shape[1]
    cost = f"{row_ms(question):.2f} ms of CPU a row"
    print(f"{words} words, {tokens} tokens, {cost}, {everything} coalitions", flush=True)
    truth = explained(question, everything).values if everything <= most else None
    for budget in budgets:
        found = explained(question, budget)
        even = f"{found.diagnostics['divided_evenly']:.1%} divided evenly"
        error = ""
        if truth is not None:
            error = f", error {np.sum((found.values - truth) ** 2) / np.sum(truth**2):.4f}"
        print(f"  {budget}: {even}{error}", flush=True)


def main(arguments: list[str]) -> int:
    """Parse options and print."""
    parser = argparse.ArgumentParser(prog=Path(__file__).stem, description=__doc__)
    parser.add_argument("--words", type=int, nargs="+", default=[50, 80, 100, 180])
    parser.add_argument("--budgets", type=int, nargs="+", default=[500, 1000, 2000])
    parser.add_argument("--most", type=int, default=5000)
    options = parser.parse_args(arguments)
    model = builtin("report")
    for words in options.words:
        report(model, words, options.budgets, options.most)
    return 0
