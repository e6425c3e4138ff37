"""Reports to compare: of all modalities, and of a film."""

import numpy as np
import pytest

from benchmarks.injected import Subject, subjects
from explainers.consult import consult
from explainers.report import EvidenceReport
from tests.explainers.compared import REQUEST
from tests.toys import SIDE, planted_model, toy_case


@pytest.fixture(scope="module", params=["image", "tabular", "text"])
def subject(request: pytest.FixtureRequest) -> Subject:
    (one,) = subjects((request.param,), 1)
    return one


@pytest.fixture(scope="module")
def film() -> EvidenceReport:
    """Grad-CAM, SHAP and LIME of a film whose model sees one square."""
    mask = np.zeros((SIDE, SIDE))
    mask[4:12, 4:12] = 1
    return consult(toy_case(), planted_model(mask), REQUEST)
