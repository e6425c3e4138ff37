"""Pure drawing: numpy in; Plotly figures, PIL images, HTML strings out. Never imports streamlit."""
