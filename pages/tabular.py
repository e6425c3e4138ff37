"""Tabular records."""

from pages import _consultation
from pages._tabular_view import TABULAR

_consultation.render(TABULAR)
