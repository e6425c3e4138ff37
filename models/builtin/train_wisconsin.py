"""Train the model of the Wisconsin breast cancer data, and write its folder.

python -m models.builtin.train_wisconsin               trains, calibrates, measures, writes
python -m models.builtin.train_wisconsin --evaluate    measures the shipped model, rewrites the
                                                       figures of its card
"""

from pathlib import Path
from typing import Final

import numpy as np

from models.builtin.table_build import main
from models.builtin.table_card_writer import Recipe
from models.builtin.table_data import Cohort, read_wisconsin, split
from models.builtin.table_study import Study, fit_encoding, read_words
from models.builtin.table_training import NetworkRecipe, with_missing

WORDS: Final = Path(__file__).with_name("wisconsin_words.yaml")
RECIPES: Final[dict[str, Recipe]] = {"wisconsin": NetworkRecipe(hidden=(16,), epochs=150)}
TEST: Final = "Wisconsin, test"
MISSING_SEED: Final = 2026


def wisconsin_study() -> Study:
    """A quarter of the records to test; no other cohort has these measurements."""
    words = read_words(WORDS)
    development, test = split(read_wisconsin())
    gaps = with_missing(test.values, np.random.default_rng(MISSING_SEED))
    return Study(
        words=words,
        encoding=fit_encoding(words, development.values),
        development=development,
        groups={
            TEST: test,
            f"{TEST}, 10 % of values left out": Cohort(
                values=gaps, labels=test.labels, ids=test.ids
            ),
        },
        in_detail=(TEST,),
    )


if __name__ == "__main__":
    main(wisconsin_study, RECIPES, __doc__)
