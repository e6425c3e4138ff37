"""The pages and the composition root. Thin: no torch, no numpy."""
