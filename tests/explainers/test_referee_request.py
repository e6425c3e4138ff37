"""From a request to the referee's answers: the disputed parts, under the request's own cut."""

import numpy as np
import pytest

from explainers.consult import consult
from explainers.referee_choice import contested_parts
from explainers.referee_request import ask_about
from explainers.report import ConsultRequest
from explainers.weighing import FEWER_PLACEBOS
from models.errors import CancelledError
from tests.toys import SIDE, planted_model, toy_case

REQUEST = ConsultRequest(
    methods=("occlusion", "lime"), budget=200, n_players=9, players="grid", baseline="black"
)


def model():  # noqa: ANN201 - a toy
    mask = np.zeros((SIDE, SIDE))
    mask[4:12, 4:12] = 1
    return planted_model(mask)


def test_the_disputed_parts_are_asked_about_in_one_batch() -> None:
    asked, told = model(), list[tuple[int, int]]()
    report = consult(toy_case(), asked, REQUEST)
    before = sum(asked.passes)
    found = ask_about(
        asked,
        toy_case(),
        REQUEST,
        contested_parts(report),
        n_placebos=FEWER_PLACEBOS,
        progress=lambda done, total: told.append((done, total)),
    ).parts
    assert [each.part for each in found] == list(contested_parts(report))
    assert 1 <= len(found) <= 3
    assert len(found[0].placebos) == FEWER_PLACEBOS
    assert sum(asked.passes) - before == 1 + sum(each.rows for each in found)
    assert told[-1][0] == told[-1][1]


def test_it_can_be_stopped() -> None:
    with pytest.raises(CancelledError):
        ask_about(model(), toy_case(), REQUEST, [(0,)], cancelled=lambda: True)


def test_the_seed_of_the_request_draws_the_other_parts() -> None:
    one, two = (
        ask_about(model(), toy_case(), ConsultRequest(**{**KEPT, "seed": seed}), [(4,)]).parts[0]
        for seed in (0, 1)
    )
    assert not np.array_equal(one.placebos, two.placebos)
    assert np.array_equal(one.hiding, two.hiding)


KEPT = {name: getattr(REQUEST, name) for name in REQUEST.__dataclass_fields__}
