"""The items that a run has seen: only a fingerprint of each URL is kept."""

from __future__ import annotations

from hashlib import blake2b

from ..model.item import MediaItem
from ..model.signatures import unsigned
from .visit import Visit


class SeenItems:
    """The items of one run, by their URLs and formats."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._signed: dict[int, str] = {}  # addresses that are signed, by the page they are on

    def is_new(self, item: MediaItem, visit: Visit) -> bool:
        """Whether this run has not seen the item's URL, in its format, before this visit.

        Nor, on another page, with another signature; on one page, two that are signed for
        themselves may be two things.
        """
        visit.has_items = visit.has_items or item.noise is None
        plain = unsigned(item.url)
        if plain != item.url:
            page = self._signed.setdefault(_fingerprint(item, plain), item.page_url)
            if page != item.page_url:
                return False
        fingerprint = _fingerprint(item, item.url)
        if fingerprint in self._seen:
            return False
        self._seen.add(fingerprint)
        return True


def _fingerprint(item: MediaItem, url: str) -> int:
    key = f"{item.protocol} {url} {item.format or ''}".encode()
    return int.from_bytes(blake2b(key, digest_size=8).digest())
