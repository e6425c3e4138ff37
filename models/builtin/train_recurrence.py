"""Train the three models of recurrence or death within three years, and write their folders.

python -m models.builtin.train_recurrence               trains, calibrates, measures, writes
python -m models.builtin.train_recurrence --evaluate    measures the shipped models, rewrites the
                                                        figures of their cards
"""

from pathlib import Path
from typing import Final

import numpy as np

from models.builtin.table_build import main
from models.builtin.table_card_writer import Recipe
from models.builtin.table_data import Cohort, read_gbsg, read_rotterdam, split
from models.builtin.table_study import Study, bare_schema, fit_encoding, read_words
from models.builtin.table_training import (
    LogisticRecipe,
    NetworkRecipe,
    TreesRecipe,
    with_missing,
)
from models.case import FloatArray
from models.schema import TableSchema

WORDS: Final = Path(__file__).with_name("recurrence_words.yaml")
RECIPES: Final[dict[str, Recipe]] = {
    "recurrence": NetworkRecipe(),
    "recurrence-trees": TreesRecipe(),
    "recurrence-logistic": LogisticRecipe(),
}
TEST: Final = "Rotterdam, test"
EXTERNAL: Final = "GBSG, external"
AGES: Final = ((0, 45, "up to 45 years"), (45, 55, "46 to 55"), (55, 65, "56 to 65"))
MISSING_SEED: Final = 2026


def recurrence_study() -> Study:
    """Rotterdam to develop and test, GBSG to validate."""
    words = read_words(WORDS)
    schema = bare_schema(words)
    development, test = split(read_rotterdam(schema))
    gaps = with_missing(test.values, np.random.default_rng(MISSING_SEED))
    return Study(
        words=words,
        encoding=fit_encoding(words, development.values),
        development=development,
        groups={
            TEST: test,
            EXTERNAL: read_gbsg(schema),
            f"{EXTERNAL}, grade 1 taken as grade 2": read_gbsg(schema, grade_1_as="2"),
            f"{TEST}, 10 % of values left out": Cohort(
                values=gaps, labels=test.labels, ids=test.ids
            ),
        },
        in_detail=(TEST, EXTERNAL),
        parts=parts,
    )


def parts(cohort: Cohort, schema: TableSchema) -> dict[str, FloatArray]:
    """Age groups and menopausal status."""
    age = cohort.values[:, schema.index("age")]
    meno = cohort.values[:, schema.index("meno")]
    groups = {f"age {words}": (age > low) & (age <= high) for low, high, words in AGES}
    groups |= {
        "age over 65": age > AGES[-1][1],
        "premenopausal": meno == 0,
        "postmenopausal": meno == 1,
    }
    return {name: member.astype(np.float64) for name, member in groups.items()}


if __name__ == "__main__":
    main(recurrence_study, RECIPES, __doc__)
