"""The same coalitions and, to rounding, the same values on a GPU as on the CPU."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from explainers.asking import ask
from explainers.consult import consult
from explainers.explanation import MethodId
from explainers.memory import Memory
from explainers.report import default_request
from models.adapter import HasTable
from models.case import Case, TabularPayload, image_case
from models.catalog import catalog
from models.inputs.phantom import phantom
from models.samples import reports

DEVICES = ("cpu", "cuda")
FILM: tuple[MethodId, ...] = (
    "grad_cam", "integrated_gradients", "smooth_grad", "gradient_shap", "occlusion", "rise",
    "kernel_shap", "lime", "permutation_shap", "partition_shap",
)  # fmt: skip
TEXT: tuple[MethodId, ...] = ("integrated_gradients", "occlusion", "kernel_shap", "lime")
RECORD: tuple[MethodId, ...] = (
    "integrated_gradients", "gradient_shap", "occlusion", "kernel_shap", "lime", "lime_tabular",
    "permutation_shap", "partition_shap",
)  # fmt: skip
ASKED = (
    [(m, "xray") for m in FILM] + [(m, "report") for m in TEXT] + [(m, "wisconsin") for m in RECORD]
)

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]


@cache
def case_for(model_id: str) -> Case:
    """A film, a report or a record."""
    if model_id == "xray":
        return image_case(phantom(3, size=512).pixels, name="phantom")
    if model_id == "report":
        return reports.load(reports.samples()[0].id)
    model = catalog().load(model_id)
    assert isinstance(model, HasTable)
    payload = TabularPayload(values=model.sample[-1], schema=model.schema)
    return Case(digest=payload.content_digest(), name="record", payload=payload)


@pytest.mark.parametrize(("method", "model_id"), ASKED)
def test_cpu_and_gpu_agree(method: MethodId, model_id: str) -> None:
    request = replace(default_request(catalog()[model_id]), methods=(method,))
    found, memories = [], []
    for name in DEVICES:
        model, memory = catalog().load(model_id, torch.device(name)), Memory()
        report = consult(case_for(model_id), model, request, memory=memory)
        assert not report.failures
        found.append(report.explanations[0].values)
        memories.append(list(memory.all_of(ask(case_for(model_id), model, request).key)))
    np.testing.assert_allclose(found[1], found[0], atol=1e-4 * np.abs(found[0]).max())
    for (masks, _), (others, _) in zip(*memories, strict=True):
        assert torch.equal(masks, others)
