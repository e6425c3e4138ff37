"""What is explained: decoded cases, model adapters, cards and the shipped models. Never imports streamlit."""
