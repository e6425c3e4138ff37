"""What readers asked of the methods, as plain data: nothing is lost, the schema holds."""

import json

import jsonschema
import numpy as np
import pytest

from explainers.case_sanity import CaseSanity
from explainers.report_json import from_json, to_json
from explainers.stability_report import Likeness, MethodStability, StabilityReport
from explainers.trials import NO_TRIALS, Trials
from tests import reports
from tests.components.test_trial_panels import sanity_of
from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "docs" / "trials.schema.json").read_text(encoding="utf-8"))
NAN = float("nan")
LIKE = Likeness(rank_correlation=0.9, top_overlap=NAN)
KNOWN = Trials(
    sanity=sanity_of(lime=0.4, gradient=0.05),
    own=(CaseSanity(method="lime", kept=(0.3, NAN), own=(0.2, NAN)),),
    stability=StabilityReport(
        k=3,
        noise="Noise.",
        value=1.0,
        noisy_values=(1.1, 0.9),
        methods=(
            MethodStability(method="lime", reseeded=LIKE, noisy=(LIKE, LIKE)),
            MethodStability(method="gradient", reseeded=None, noisy=()),
        ),
        rows=10,
        seconds=0.5,
    ),
)


@pytest.mark.parametrize("trials", [KNOWN, NO_TRIALS])
def test_trials_come_back_as_they_were_written(trials: Trials) -> None:
    written = json.dumps(trials.to_document(("lime", "gradient")), allow_nan=False)
    jsonschema.validate(json.loads(written), SCHEMA)
    again = Trials.from_document(json.loads(written))
    assert json.dumps(again.to_document(("lime", "gradient"))) == written


def test_what_is_undefined_is_undefined_again() -> None:
    again = Trials.from_document(KNOWN.to_document(("lime", "gradient")))
    assert np.isnan(again.own[0].kept[1])
    assert again.sanity is not None
    assert again.sanity.light("lime") == "amber"
    assert again.stability is not None
    assert np.isnan(again.stability.methods[0].noisy[1].top_overlap)


def test_methods_of_other_requests_stay_out() -> None:
    document = KNOWN.to_document(("gradient",))
    assert [m["method"] for m in document["sanity"]["methods"]] == ["gradient"]


def test_the_schema_refuses_what_it_does_not_know() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**NO_TRIALS.to_document(()), "secret": 1}, SCHEMA)


def test_trials_are_part_of_the_report() -> None:
    report = reports.report(trials=KNOWN)
    again = from_json(to_json(report))
    methods = [e.method for e in report.explanations]
    assert again.trials.to_document(methods) == KNOWN.to_document(methods)
    assert json.loads(to_json(reports.report()))["trials"] is None
    assert from_json(to_json(reports.report())).trials == NO_TRIALS
