"""The same coalitions and, to rounding, the same values on a GPU as on the CPU."""

import numpy as np
import pytest
import torch

from explainers.consult import consult
from explainers.report import ConsultRequest
from models.case import image_case
from models.catalog import catalog
from models.inputs.phantom import phantom

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]


@pytest.mark.parametrize(
    "method", ["grad_cam", "integrated_gradients", "occlusion", "rise", "kernel_shap", "lime"]
)
def test_cpu_and_gpu_agree(method: str) -> None:
    case = image_case(phantom(3, size=512).pixels, name="phantom")
    request = ConsultRequest(methods=(method,), budget=600)  # type: ignore[arg-type]
    found = [
        consult(case, catalog().load("xray", torch.device(name)), request).explanations[0].values
        for name in ("cpu", "cuda")
    ]
    np.testing.assert_allclose(found[1], found[0], atol=1e-4 * np.abs(found[0]).max())
