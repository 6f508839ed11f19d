"""Addresses in parts, as track lists have them: ids of videos, names that scripts make whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from ..model.media_types import type_of
from .document import Document
from .elements import playable, url_in
from .javascript.joins import Join
from .track_facts import first_text, is_text

EMBEDS = {"youtube": "https://www.youtube.com/watch?v={}", "vimeo": "https://vimeo.com/{}"}
_EMBED_ID = re.compile(r"[\w-]+\Z")
_WHOLE = re.compile(r"[a-z]+:|//", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"""[<>"'()#]|\A[^/]*[\s=]""")  # before a part: text for people, queries
_MOST_FORMATS = 6  # that scripts make of one name


def page_of_video(provider: str, video: str) -> str | None:
    """The page of a video that a player embeds by its id (or URL); None for other providers."""
    video = video.strip()
    if video.startswith("//"):
        return "https:" + video
    if re.match(r"https?://", video, re.IGNORECASE):
        return video
    page = EMBEDS.get(provider.strip().lower())
    return page.format(video) if page and _EMBED_ID.match(video) else None


def embed_in(about: Any) -> str | None:
    """The page of a video that an object names: `{src: 'x', provider: 'vimeo'}`."""
    if not isinstance(about, dict) or not ("provider" in about or "type" in about):
        return None
    kind = (first_text(about, ("type",)) or "").removeprefix("video/")
    provider = first_text(about, ("provider",)) or kind
    video = first_text(about, ("src", "id", "videoId"))
    return page_of_video(provider, video) if video and provider in EMBEDS else None


def complete(page: Document, data: Any, joins: Iterable[Join]) -> Any:
    """A value with its addresses whole, where scripts put them together only on use."""
    by_name: dict[str, list[Join]] = {}
    for join in joins:
        by_name.setdefault(join.name, []).append(join)
    return _complete(page, data, by_name)


def _complete(page: Document, data: Any, joins: Mapping[str, Sequence[Join]]) -> Any:
    if isinstance(data, list):
        return [_complete(page, each, joins) for each in data]
    if not isinstance(data, dict):
        return data
    whole = {key: _complete(page, each, joins) for key, each in data.items()}
    for name in joins.keys() & data.keys():
        found = whole_addresses(page, data[name], joins[name])
        if found:
            whole.pop(name)
            whole["sources"] = found
    return whole


def whole_addresses(page: Document, part: Any, joins: Iterable[Join]) -> list[str]:
    """The media addresses that joins make of a part of one; none of a part that is whole."""
    if not is_text(part) or _WHOLE.match(part):
        return []
    fitting = islice((join for join in joins if _fits(join.before, part)), _MOST_FORMATS)
    addresses = [f"{join.before}{part}{join.after}" for join in fitting]
    return [each for each in addresses if playable(type_of(url_in(page, each) or ""))]


def _fits(before: str, part: str) -> bool:
    """Whether both may be an address: no text for people, and not two roots."""
    return not _NO_ADDRESS.search(before) and not (before.endswith("/") and part.startswith("/"))
