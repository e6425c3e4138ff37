"""How predictions are explained: games, methods, agreement, reports. Never imports streamlit."""

import models as models  # prepares the process before any module here loads torch
