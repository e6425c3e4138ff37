"""Radiographs."""

from pages import _consultation

_consultation.render("image")
