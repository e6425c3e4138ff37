"""What is explained: decoded cases, model adapters, cards, shipped models. Never imports streamlit.

Imported before torch by everything that uses it, so this is where the process is prepared.
"""

import os

# No process of ours may unpickle code out of a weights file, whoever asks torch to load it.
os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
# Text models come from local folders alone: nothing is looked up, fetched or reported elsewhere.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"  # its warnings quote paths and advise downloads
# Idle threads sleep: on a shared machine spinning ones cost several times the work itself.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Numpy's threads wait for each other so often in matrices of a hundred rows that they take four to
# nine times as long as one alone. What is large is torch's.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Its own threads would deadlock in a forked child, and one text is too little work for them.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
