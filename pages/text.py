"""Clinical texts."""

from pages import _consultation
from pages._text_view import TEXT

_consultation.render(TEXT)
