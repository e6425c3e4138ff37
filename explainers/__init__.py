"""How predictions are explained: games, methods, agreement, reports. Never imports streamlit."""
