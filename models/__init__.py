"""What is explained: decoded cases, model adapters, cards, shipped models. Never imports streamlit.

Imported before torch by everything that uses it, so this is where the process is prepared.
"""

import os

# No process of ours may unpickle code out of a weights file, whoever asks torch to load it.
os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
# Idle threads sleep: on a shared machine spinning ones cost several times the work itself.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
