"""Radiographs."""

from pages import _consultation
from pages._image_view import IMAGE

_consultation.render(IMAGE)
