"""Maskers turn coalitions into model inputs. One polarity everywhere: 1 keeps, 0 replaces."""
