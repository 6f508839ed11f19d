"""URLs that extractors of yt-dlp claim, found without compiling its 1,800 patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from ...model.media_types import type_of

LONGEST_URL = 4096
_WORD = re.compile(r"[a-z0-9-]+")
# Where a word ends that a pattern's letters go on: classes, and letters that may be missing.
_ESCAPE = re.compile(r"\\[a-z]|\\(?=-)|[a-z0-9](?=\?)")
# Words of so many patterns or hosts that they tell nothing.
_NO_WORDS = frozenset(
    "com embed html http https live net org player the video videos watch www".split()
)
_SITE = re.compile(r"https?://(?:[^/@?#]*@)?[^/:?#]*\.[a-z]", re.IGNORECASE)


def is_claimed(url: str) -> bool:
    """Whether an extractor for that very site wants the URL."""
    # A file or a host without a name is no site's page; long URLs could keep patterns busy.
    if len(url) > LONGEST_URL or type_of(url) not in (None, "other"):
        return False
    return _SITE.match(url) is not None and _is_known(url)


@lru_cache(maxsize=4096)
def _is_known(url: str) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return any(
        each.may_match(host) and re.match(each.pattern, url) and each.extractor.suitable(url)
        for each in _load_patterns()
    )


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern of the URLs of one extractor, and the words in it.

    To compile all patterns takes a second. Of a host that a pattern matches the name is one of
    its words, or holds one: few are left that have to be compiled.
    """

    pattern: str
    words: frozenset[str]
    extractor: Any

    def may_match(self, host: str) -> bool:
        names = set(host.split(".")[-3:-1]) - {"www"}
        return any(name in self.words for name in names) or any(
            word in host for word in self.words if len(word) > 2 and word not in _NO_WORDS
        )


@lru_cache(maxsize=1)
def _load_patterns() -> tuple[_Pattern, ...]:
    from yt_dlp.extractor import gen_extractor_classes

    return tuple(
        _Pattern(pattern, frozenset(_WORD.findall(_ESCAPE.sub(" ", pattern.lower()))), each)
        for each in gen_extractor_classes()
        if each.IE_NAME != "generic" and each._VALID_URL
        for pattern in _as_many(each._VALID_URL)
    )


def _as_many(patterns: str | Iterable[str]) -> Iterable[str]:
    return (patterns,) if isinstance(patterns, str) else patterns
