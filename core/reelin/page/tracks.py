"""Track lists as data: objects and arrays, of scripts or attributes, turned into items.

Whatever the player, authors write the same few things: `{title: 'Chapter 1', src: '1.mp3'}`, a
list of such, a list of plain addresses, `{sources: [{src, type, size}, …], poster, tracks}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..model.facts import date_in
from ..model.item import Alternative, Link, MediaItem
from ..model.media_types import MediaType, type_of
from . import javascript, noise
from .document import Document
from .elements import each_once, playable
from .track_facts import (
    ALBUMS,
    ARTISTS,
    DATES,
    TITLES,
    as_list,
    first_text,
    seconds_in,
    thumbnail_in,
)
from .track_facts import SOURCES as SOURCES
from .track_facts import THUMBNAILS as THUMBNAILS
from .track_parts import embed_in
from .track_parts import page_of_video as page_of_video
from .track_renditions import is_one_thing, renditions

_TITLES_AROUND = ("title", "headline")  # `name` and the like are often those of a component
_CAPTIONS = ("tracks", "textTracks", "subtitles", "captions")
_MOST_LEVELS = 2  # of objects around a track that speak for it


class _Place(NamedTuple):
    """The place of a value, and what the object around says: `{title, date, media: {url}}`.

    origin, kind: as `read` was given
    levels:       further in that the object around still speaks for
    """

    origin: str
    kind: MediaType | None
    title: str | None = None
    artist: str | None = None
    date: str | None = None
    levels: int = 0


def read(
    page: Document, data: Any, origin: str, kind: MediaType | None = None
) -> list[MediaItem | Link]:
    """The items of a value: of an entry, of a list of entries, or of what holds them.

    The entries of one list, however deep, are numbered and belong to the page's title. Subtitles
    are items of type `other`, videos of YouTube and Vimeo are links. Everything else is left out.

    origin: where in the page the value stands
    kind:   what its addresses are whose extension does not tell; None: such are left out
    """
    return _read(page, data, _Place(origin, kind))


def _read(page: Document, data: Any, place: _Place) -> list[MediaItem | Link]:
    if isinstance(data, dict) and data and all(key.isdigit() for key in data):
        data = list(data.values())
    if isinstance(data, list):
        return _number(page, [*_entries(page, data, place)])
    if not isinstance(data, dict):
        return []
    found = [*_entry(page, data, place)]
    if found:
        return found
    place = _within(data, place)
    return [each for inner in data.values() for each in _read(page, inner, place)]


def is_track(page: Document, data: Any) -> bool:
    """Whether an object is an entry of its own: something that plays, with what is said of it."""
    return isinstance(data, dict) and bool(renditions(page, data))


def in_text(page: Document, text: str, origin: str) -> list[MediaItem | Link]:
    """The items of all literals in a text, such as the JSON of an attribute. See `read`."""
    literals = javascript.read(text).literals()
    return [each for literal in literals for each in read(page, literal, origin)]


def _entries(page: Document, value: Any, place: _Place) -> Iterator[MediaItem | Link]:
    """The entries of a list, and of the lists in it."""
    if isinstance(value, str):  # which may be anything, unless its extension tells
        yield from _entry(page, value, place._replace(kind=None))
        return
    found = [*_entry(page, value, place)] if isinstance(value, dict) else []
    if found:
        yield from found
    elif isinstance(value, list) and is_one_thing(page, value):
        yield from _entry(page, value, place)
    elif isinstance(value, list):
        place = place._replace(title=None)  # which is that of the list
        for inner in value:
            yield from _entries(page, inner, place)
    elif isinstance(value, dict):
        # Text that stands alone is a track in a list, but not in an object.
        parts = [each for each in value.values() if isinstance(each, list | dict)]
        place = _within(value, place) if parts else place
        for inner in parts:
            yield from _entries(page, inner, place)


def _within(data: Mapping[str, Any], place: _Place) -> _Place:
    """The place inside an object that is no track itself, but may speak for one."""
    title, artist, date = (first_text(data, keys) for keys in (_TITLES_AROUND, ARTISTS, DATES))
    if title or artist or date:
        return place._replace(
            title=title or place.title,
            artist=artist or place.artist,
            date=date or place.date,
            levels=_MOST_LEVELS,
        )
    if place.levels > 1:
        return place._replace(levels=place.levels - 1)
    return _Place(place.origin, place.kind)


def _entry(page: Document, value: Any, place: _Place) -> Iterator[MediaItem | Link]:
    """Yield a track with its subtitles; nothing where there is no address."""
    about: Mapping[str, Any] = value if isinstance(value, dict) else {}
    addresses = renditions(page, value, place.kind)
    if addresses:
        yield _item(page, about, addresses, place)
        for key in _CAPTIONS:
            yield from captions(page, as_list(about.get(key)), place.origin)
    for part in (about, *as_list(about.get("sources"))):
        url = embed_in(part)
        if url:
            yield Link(url, place.origin)


def _item(
    page: Document, about: Mapping[str, Any], addresses: list[Alternative], place: _Place
) -> MediaItem:
    best, *others = addresses
    return MediaItem(
        best.url,
        best.type,
        mime=best.mime,
        size=best.size,
        bitrate=best.bitrate,
        height=best.height,
        title=first_text(about, TITLES) or place.title,
        artist=first_text(about, ARTISTS) or place.artist,
        date=date_in(first_text(about, DATES) or place.date),
        album=first_text(about, ALBUMS),
        duration=seconds_in(about),
        thumbnail=thumbnail_in(page, about),
        alternatives=tuple(others),
        origin=place.origin,
    )


def captions(page: Document, listed: Iterable[Any], origin: str) -> Iterator[MediaItem]:
    """The subtitles of a source: `[{kind, label, srclang, src}]`."""
    for track in listed:
        source = first_text(track, ("src", "file", "url"))
        url = page.absolute(source) if source else None
        if url and playable(type_of(url)) is None:
            previews = "thumbnails" in (first_text(track, ("kind",)), first_text(track, ("label",)))
            yield MediaItem(
                url,
                "other",
                title=first_text(track, ("label",)),
                language=first_text(track, ("srclang", "srcLang", "language")),
                origin=origin,
                noise=noise.PREVIEWS if previews else None,
            )


def _number(page: Document, found: list[MediaItem | Link]) -> list[MediaItem | Link]:
    """Give the entries of one list their places in it, each once. One alone has none."""
    unique = each_once(found)
    total = sum(_plays(each) for each in unique)
    if total < 2:
        return unique
    place, out = 0, list[MediaItem | Link]()
    for each in unique:
        if isinstance(each, MediaItem) and _plays(each):
            place += 1
            each = replace(each, position=place, total=total, album=each.album or page.title)
        out.append(each)
    return out


def _plays(found: MediaItem | Link) -> bool:
    return isinstance(found, MediaItem) and found.type != "other"
