"""The process is prepared before torch is loaded, however it is started."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASK = "import os; print(os.environ['TORCH_FORCE_WEIGHTS_ONLY_LOAD'], os.environ['OMP_WAIT_POLICY'])"
FIRST = (
    "import sys; import {module}; "
    "assert 'torch' not in sys.modules, 'torch is loaded before the process is prepared'"
)


@pytest.mark.parametrize("module", ["models", "explainers"])
def test_weights_only_and_sleeping_threads(module: str) -> None:
    clean = {"PATH": "", "TORCH_FORCE_WEIGHTS_ONLY_LOAD": "0"}
    done = subprocess.run(
        [sys.executable, "-c", f"{FIRST.format(module=module)}; {ASK}"],
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1", "PASSIVE"]


@pytest.mark.parametrize("module", ["models.case", "explainers.report", "pages._wiring"])
def test_numpy_works_with_one_thread_however_the_process_is_started(module: str) -> None:
    """What counts is the variable at the moment when numpy is loaded."""
    code = (
        "import os, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'numpy': print(os.environ.get('OPENBLAS_NUM_THREADS'))\n"
        "sys.meta_path.insert(0, Watch())\n"
        f"import {module}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PATH": ""}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1"]


def test_numpy_works_with_one_thread_in_the_app() -> None:
    """Streamlit loads numpy for the picture of the page, before any page is run."""
    first, _, _ = (ROOT / "app.py").read_text().partition("st.html(")
    code = (
        "import os, sys, streamlit.web.bootstrap, streamlit.web.server\n"
        "assert 'numpy' not in sys.modules, 'the server has loaded numpy by itself'\n"
        f"__file__ = {str(ROOT / 'app.py')!r}\n{first}\n"
        "from streamlit.elements.lib import image_utils\n"
        "assert 'numpy' in sys.modules\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1"]


def test_hugging_face_libraries_stay_offline() -> None:
    """Whatever the caller's environment says."""
    code = (
        "import models, huggingface_hub.constants as hub; "
        "print(hub.HF_HUB_OFFLINE, hub.HF_HUB_DISABLE_TELEMETRY)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "", "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "True"]
