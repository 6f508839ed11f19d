"""One item per resource: what several extractors, or several elements, say of the same thing.

General rules, none about a site or a player:
- Items with the same URL (and the same of the formats there) are one; the first that knows a
  fact decides it; wanted beats noise.
- An item that is an alternative, or the thumbnail, of exactly one other item is part of it.
- Audio or video files of one folder and name, in several formats or qualities, are one.
- Order is that of first appearance.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import fields
from typing import Any

from .facts import lines_in
from .item import Alternative, Identity, MediaItem, as_alternative, identity, replace_fields

# The address of a file but for its format, and for the quality that its name tells.
_STEM = re.compile(
    r"([^?#]+?)(?:[._-](?:hq|lq|hd|sd|hi|lo|high|low|medium|\d{2,3}k|\d{3,4}p))?\.\w{2,5}"
    r"((?:[?#].*)?)\Z",
    re.IGNORECASE | re.DOTALL,
)
_PLAYED = ("audio", "video")
# Facts of one rendition: they do not pass from a part to the whole.
_RENDITION = frozenset(["type", "mime", "size", "width", "height", "bitrate", "filename", "audio"])
_NO_FACTS = frozenset(
    "url alternatives format origin noise extractor page_url page_encoding referrer_policy headers"
    " protocol".split()
)
_FACTS = tuple(each.name for each in fields(MediaItem) if each.name not in _NO_FACTS)
_SHARED_FACTS = tuple(name for name in _FACTS if name not in _RENDITION)


def merge(items: Iterable[MediaItem]) -> list[MediaItem]:
    """The items, each resource once, in order of first appearance. Takes linear time."""
    each_once: dict[Identity, MediaItem] = {}
    for item in items:
        key = identity(item)
        known = each_once.setdefault(key, item)
        if known is not item:
            each_once[key] = _join(known, item)
    owners = _Owners(each_once)
    parts: dict[Identity, list[MediaItem]] = {}
    for key, item in each_once.items():
        parts.setdefault(owners.of(key), []).append(item)
    return [_add_parts(each_once[owner], items) for owner, items in parts.items()]


class _Owners:
    """The items that are part of others: their thumbnail, or one of their alternatives."""

    def __init__(self, items: Mapping[Identity, MediaItem]) -> None:
        self._owner: dict[Identity, Identity] = {}
        whole = (each for each in items.items() if each[1].alternatives or each[1].thumbnail)
        parts = {key: _find_parts(item) for key, item in whole}
        claims = Counter(part for each in parts.values() for part in each)
        for key, each in parts.items():
            for part in each:
                # What several items share, such as a placeholder, belongs to none of them.
                if claims[part] == 1 and part in items and self.of(key) != part:
                    self._owner[part] = key
        self._join_formats(items)

    def _join_formats(self, items: Mapping[Identity, MediaItem]) -> None:
        groups: dict[tuple[str, str, str], list[Identity]] = {}
        for key, item in items.items():
            if item.type not in _PLAYED or item.format is not None or key in self._owner:
                continue
            stem = _STEM.match(item.url)
            if stem is not None:
                groups.setdefault((str(item.type), stem[1], stem[2]), []).append(key)
        for group in groups.values():
            best = max(group, key=lambda key: lines_in(key[0]) or 0)
            for key in group:
                if key != best and self.of(best) != key:
                    self._owner[key] = best

    def of(self, key: Identity) -> Identity:
        """The item that this one is part of in the end: itself, if of none."""
        path = []
        while key in self._owner:
            path.append(key)
            key = self._owner[key]
        for each in path:
            self._owner[each] = key
        return key


def _find_parts(item: MediaItem) -> Set[Identity]:
    parts = {identity(each) for each in item.alternatives}
    if item.thumbnail and item.type in (None, "image"):  # beside a video, an image is one
        parts.add((item.thumbnail, None))
    return parts - {identity(item)}


def complete(found: MediaItem, item: MediaItem) -> MediaItem:
    """Return what a look into an item found, with what was known of it: who found it, its title…"""
    known = _fill_in(found, item, _SHARED_FACTS)
    return replace_fields(
        known,
        origin=", ".join(filter(None, (item.origin, found.origin))),
        extractor=item.extractor,
        page_url=item.page_url,
        page_encoding=item.page_encoding,
        referrer_policy=item.referrer_policy,
        number=item.number,
        headers=item.headers or found.headers,
    )


def _join(first: MediaItem, second: MediaItem) -> MediaItem:
    """Return two reports of one URL as one item: the better informed, completed by the other."""
    if _count_known(second) > _count_known(first):
        first, second = second, first
    return replace_fields(
        _fill_in(first, second, _FACTS),
        headers=first.headers or second.headers,
        alternatives=_collect_alternatives(first, second),
    )


def _add_parts(item: MediaItem, parts: list[MediaItem]) -> MediaItem:
    """Return an item with what was found at its parts, of which it is one itself."""
    if len(parts) == 1:
        return item
    alternatives = _collect_alternatives(item, *parts)
    known = {identity(item), (item.thumbnail, None), *map(identity, alternatives)}
    formats = [part for part in parts if part.type in _PLAYED and identity(part) not in known]
    alternatives += tuple(as_alternative(each) for each in formats)
    for part in parts:
        if identity(part) != identity(item):
            item = _fill_in(item, part, _SHARED_FACTS)
    return replace_fields(item, alternatives=alternatives)


def _fill_in(item: MediaItem, other: MediaItem, facts: Iterable[str]) -> MediaItem:
    new: dict[str, Any] = {
        name: getattr(other, name) for name in facts if getattr(item, name) in (None, "")
    }
    if new.get("thumbnail") == item.url:
        del new["thumbnail"]
    noise = None if other.noise is None else item.noise
    return replace_fields(item, origin=_join_origins(item.origin, other.origin), noise=noise, **new)


def _join_origins(first: str, second: str) -> str:
    """Return both places; `script 2: Howl()` says more than `script 2`."""
    places = dict.fromkeys(filter(None, (*first.split(", "), *second.split(", "))))
    general = {each.rpartition(": ")[0] for each in places}
    return ", ".join(each for each in places if each not in general)


def _count_known(item: MediaItem) -> int:
    return sum(getattr(item, name) not in (None, "") for name in _FACTS)


def _collect_alternatives(first: MediaItem, *others: MediaItem) -> tuple[Alternative, ...]:
    """Return the alternatives of all of them, each once, but for what the first one is itself."""
    unique: dict[Identity, Alternative] = {}
    for item in (first, *others):
        for each in item.alternatives:
            # What a format is called, its own extractor knows alone.
            is_foreign = each.format is not None and item.extractor != first.extractor
            if identity(each) != identity(first) and not is_foreign:
                unique.setdefault(identity(each), each)
    return tuple(unique.values())
