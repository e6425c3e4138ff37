"""The shipped models: weights, cards and the scripts that made them."""
