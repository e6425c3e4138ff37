"""All questions of a case are asked as one batch, and answered as each alone."""

import numpy as np
import pytest

from explainers.engine import Runtime
from explainers.referee import ask_model, referee
from models.errors import CancelledError
from tests.contracts.subjects import SUBJECTS, Subject
from tests.explainers.test_referee import ask_one, smooth_question

EVERY_SUBJECT = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=lambda s: s.name)


@EVERY_SUBJECT
def test_values_do_not_depend_on_the_rows_of_a_pass(subject: Subject) -> None:
    question = smooth_question(subject)
    one, two = (referee(question, [(1,)], runtime=Runtime(max_rows=rows))[0] for rows in (7, 4096))
    assert np.allclose(one.placebos, two.placebos, rtol=0, atol=1e-6)
    assert np.allclose(one.hiding, two.hiding, rtol=0, atol=1e-6)


def test_all_questions_are_one_batch_counted_by_one_runtime() -> None:
    question = smooth_question(SUBJECTS["image"])
    runtime, told = Runtime(max_rows=16), list[tuple[int, int]]()
    found = ask_model(
        question,
        [(0,), (1, 2), (0,)],
        runtime=runtime,
        progress=lambda done, total: told.append((done, total)),
    ).parts
    draws = sum(4 if name == "noise" else 1 for name in found[0].baselines)
    assert found[0].rows == draws * (3 + len(found[0].placebos))
    assert found[1].rows == draws * (2 + len(found[1].placebos))  # "everything" is asked once
    assert found[2].rows == 0  # asked already
    assert np.array_equal(found[2].placebos, found[0].placebos)
    assert runtime.rows == 1 + sum(report.rows for report in found)  # and the film itself, once
    done, total = zip(*told, strict=True)
    assert list(done) == sorted(done)
    assert set(total) == {runtime.rows - 1}
    assert done[-1] == total[-1]


def test_a_batch_answers_as_each_question_alone_does() -> None:
    for subject in SUBJECTS.values():
        question = smooth_question(subject)
        together = referee(question, [(0,), (1,), (2,)])
        for player, found in enumerate(together):
            alone = ask_one(question, player)
            assert np.allclose(found.placebos, alone.placebos, rtol=0, atol=1e-6)
            assert np.allclose(found.keeping, alone.keeping, rtol=0, atol=1e-6)


def test_single_features_share_all_their_placebos() -> None:
    question = smooth_question(SUBJECTS["tabular"])
    count, runtime = question.players.count, Runtime(max_rows=4096)
    found = referee(question, [(player,) for player in range(count)], runtime=runtime)
    n_sets = 2 * count + 1  # each alone, each left out, everything
    assert runtime.rows == 1 + n_sets * (found[0].rows // (count + 2))


def test_a_batch_can_be_stopped() -> None:
    question = smooth_question(SUBJECTS["image"])
    with pytest.raises(CancelledError):
        referee(question, [(0,)], runtime=Runtime(max_rows=16, cancelled=lambda: True))


def test_no_question_asks_nothing() -> None:
    runtime = Runtime(max_rows=16)
    assert ask_model(smooth_question(SUBJECTS["image"]), runtime=runtime).parts == ()
    assert runtime.rows == 0


def test_the_same_seed_draws_the_same_placebos() -> None:
    question = smooth_question(SUBJECTS["image"])
    one, two, other = (ask_one(question, 4, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one.placebos, two.placebos)
    assert not np.array_equal(one.placebos, other.placebos)
