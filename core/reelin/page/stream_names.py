"""What streams are called whose addresses say nothing: each is a `master.m3u8`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..model.item import MediaItem, replace_fields
from ..model.media_types import HLS_TYPES, STREAMS, mime_of, path_of
from .text import text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

    from .document import Document

_LITTLE = frozenset("adaptive default live main media play source".split())
_WORDS = _LITTLE | frozenset(
    "chunklist hls index manifest master playlist prog_index stream video".split()
)
_NOTHING = re.compile(
    rf"(?:{'|'.join(sorted(_WORDS))})(?:[-_.]?(?:hls|[a-z]?\d+p?))*|\d+p?|[0-9a-f-]{{16,}}",
    re.IGNORECASE,
)
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_PLAYERS = ("audio", "video")


def says_nothing(stem: str) -> bool:
    """Whether a name without its extension is one of thousands: `master`, `index-v1`, `720p`."""
    return not stem or _NOTHING.fullmatch(stem) is not None


def says_little(stem: str) -> bool:
    """Whether a name is better than none, although it is one of thousands: `live`."""
    return stem.lower() in _LITTLE


def is_nameless_stream(url: str, mime: str | None) -> bool:
    """Whether a stream's address does not say what it is."""
    if (mime_of(url) or mime) not in STREAMS | HLS_TYPES:
        return False
    name = path_of(url).rpartition("/")[2]
    return says_nothing(name.rpartition(".")[0] or name)


def heading_before(element: _Element) -> str | None:
    """Return the heading that a player stands under by itself; that of the page is no such one."""
    wanted = " or ".join(f"self::{each}" for each in (*_HEADINGS, *_PLAYERS))
    found = element.xpath(f"(preceding::*[{wanted}])[last()]")
    return text_of(found[0]) or None if found and found[0].tag in _HEADINGS else None


def name_streams(items: Iterable[MediaItem], page: Document) -> Iterator[MediaItem]:
    """Give the streams among the items of a page its title, numbered where there are several."""
    known = [(each, _is_nameless(each)) for each in items]
    total = sum(is_nameless for _, is_nameless in known)
    title = page.title or next(map(text_of, page.tree.iter("h1")), None) if total else None
    number = 0
    for item, is_nameless in known:
        number += is_nameless
        if is_nameless and title:
            item = replace_fields(item, title=title)
            if total > 1 and item.position is None:
                item = replace_fields(item, position=number, total=total)
        yield item


def _is_nameless(item: MediaItem) -> bool:
    is_played = item.type in (None, "audio", "video")
    return is_played and not item.title and is_nameless_stream(item.url, item.mime)
