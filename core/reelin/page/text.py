"""Text as people read it: white space folded, and nothing in it that trees cannot hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

# Control characters and lone surrogates.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT = 200
_MOST_TEXT = 20 * _LONGEST_TEXT  # looked at: elements within elements would cost quadratic time


def fit(text: str) -> str:
    """The text without what XML cannot hold."""
    return UNFIT.sub("", text)


def fold(text: str) -> str:
    """The text with each run of white space as one space, and none around it."""
    return " ".join(text.split())


def text_of(element: _Element) -> str | None:
    """The text inside an element, white space folded; its first 200 characters."""
    text = ""
    for piece in element.itertext() if len(element) else (element.text or "",):
        text += " " + str(piece)[:_MOST_TEXT]
        if len(text) > _MOST_TEXT:
            break
    return fold(text)[:_LONGEST_TEXT].strip() or None
