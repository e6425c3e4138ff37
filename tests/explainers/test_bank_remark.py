"""Methods that rest on the same coalitions are named; the model is asked once for both."""

from explainers.bank_remark import shared_bank
from explainers.consult import TITLES, Progress, consult
from explainers.report import ConsultRequest
from tests.toys import SIDE, ToyImageModel, toy_case

REQUEST = ConsultRequest(
    methods=("kernel_shap", "lime", "rise"),
    budget=256,
    players="grid",
    n_players=16,
    baseline="black",
)


def bent() -> ToyImageModel:
    """Not additive: what is foretold is not exact."""
    half = SIDE // 2
    return ToyImageModel(
        lambda x: 4 * x[:, 0, :half].mean((1, 2)) * x[:, 0, half:].mean((1, 2)) + x.mean((1, 2, 3))
    )


def test_both_are_named_and_their_rows_spent_once() -> None:
    told: list[Progress] = []
    model = bent()
    report = consult(
        toy_case(1), model, REQUEST, on_event=lambda e: told.append(e) if _is_count(e) else None
    )
    (said,) = [r for r in report.remarks if "rest on the same draws" in r]
    assert said.startswith("KernelSHAP and LIME")
    alone = [
        consult(toy_case(1), bent(), ConsultRequest(**{**_fields(), "methods": (name,)}))
        for name in ("kernel_shap", "lime")
    ]
    assert told[-1].rows == told[-1].planned
    rows = {e.method: e.rows for e in report.explanations}
    assert told[-1].rows < sum(rows.values())  # the bank was asked once
    for one in alone:
        assert shared_bank(one.explanations, TITLES) == ""


def test_values_are_those_of_each_method_alone() -> None:
    both = consult(toy_case(1), bent(), REQUEST)
    for e in both.explanations:
        (alone,) = consult(
            toy_case(1), bent(), ConsultRequest(**{**_fields(), "methods": (e.method,)})
        ).explanations
        assert alone.values.tobytes() == e.values.tobytes()


def _fields() -> dict[str, object]:
    return {name: getattr(REQUEST, name) for name in REQUEST.__dataclass_fields__}


def _is_count(event: object) -> bool:
    return isinstance(event, Progress)
