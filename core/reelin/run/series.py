"""Pages that follow each other, as those of a gallery, until they bring nothing new."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING

from ..page.text import fold

if TYPE_CHECKING:
    from ..page.page import Page

LEAST_TEXT = 16  # characters of what may be a sentence, and no label
_CHANGES = re.compile(r"\d+")  # counts, dates, the number of the page
_SILENT = frozenset(["script", "style", "noscript", "template"])


class Series:
    """What the pages that follow each other have said so far.

    Many listings have no end: beyond their last page they show it again, or an empty one, with a
    link to the next.
    """

    def __init__(self) -> None:
        self._said: set[bytes] = set()

    def says_more(self, page: Page | None) -> bool:
        """Note what a page says, and return whether any sentence of it was on none before.

        A page without new images may well have that: the next of a thread can have some again.
        """
        said = {_fingerprint(text) for text in _sentences(page)} if page else set()
        is_new = not said <= self._said
        self._said |= said
        return is_new


def _sentences(page: Page) -> Iterator[str]:
    for element in page.tree.iter("*"):
        if element.tag in _SILENT:
            continue
        for text in (element.text, element.tail):
            if text and len(text) >= LEAST_TEXT:
                yield text


def _fingerprint(text: str) -> bytes:
    words = fold(_CHANGES.sub("", text))
    return blake2b(words.encode("utf-8", "replace"), digest_size=8).digest()
