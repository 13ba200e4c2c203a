"""Digits as a keyboard of any script has them, above all Arabic and Persian ones."""

from __future__ import annotations

import re
import unicodedata

_OTHER = re.compile(r"[^\D0-9]")


def ascii_digits(text: str) -> str:
    """The text with 0 to 9 in place of the digits of any other script."""
    return _OTHER.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
