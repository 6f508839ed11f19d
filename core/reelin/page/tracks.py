"""Track lists as data: objects and arrays, of scripts or attributes, turned into items.

Whatever the player, authors write the same few things: `{title: 'Chapter 1', src: '1.mp3'}`, a
list of such, a list of plain addresses, `{sources: [{src, type, size}, …], poster, tracks}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from ..model import facts
from ..model.facts import date_in
from ..model.item import Alternative, Link, MediaItem, MediaType
from ..model.media_types import extension, media_type, type_of
from . import javascript, noise
from .document import Document
from .elements import each_once, playable, url_in
from .javascript.joins import Join

# What authors call the address of a track, and its other facts.
SOURCES = (
    "src sources source file files url urls mp3 m4a aac ogg oga opus wav flac audio webma fla mp4"
    " m4v webm webmv ogv flv video hls dash m3u8 m3u8v m3u8a href link path stream contentUrl"
).split()
# Those that mean media also where the extension does not tell.
_CERTAIN = frozenset(["src", "source", "sources", "file", "url", "urls"])
_TITLES = ("title", "name", "label", "chapter", "text", "caption")
_ARTISTS = ("artist", "author", "performer", "narrator", "reader")
_DATES = tuple("date datePublished publishedAt published uploadDate pubDate createdAt".split())
_TITLES_AROUND = ("title", "headline")  # `name` and the like are often those of a component
_ALBUMS = ("album", "book", "series")
THUMBNAILS = "poster cover cover_art_url artwork pic thumbnail image thumb".split()
_DURATIONS = ("duration", "length")
_SIZES = "fileSize filesize file_size sizeInBytes size_in_bytes contentLength bytes size".split()
_LEAST_SIZE = 10_000  # bytes: a smaller `size` are lines, as in `size: 720`
_CAPTIONS = ("tracks", "textTracks", "subtitles", "captions")
_MAY_BE_SOUND = ("webm", "mp4")
_QUALITIES = ("size", "height", "res", "resolution", "quality", "label")
_LINES = re.compile(r"(\d{3,4})p?\b")
_EMBEDS = {"youtube": "https://www.youtube.com/watch?v={}", "vimeo": "https://vimeo.com/{}"}
_EMBED_ID = re.compile(r"[\w-]+\Z")
_LONGEST_URL = 4096
_WHOLE = re.compile(r"[a-z]+:|//", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"""[<>"'()#]|\A[^/]*[\s=]""")  # before a part: text for people, queries
_MOST_QUALITIES = 12
_MOST_FORMATS = 6  # that scripts make of one name
_MOST_LEVELS = 2  # of objects around a track that speak for it


class _Place(NamedTuple):
    """Where a value stands, and what the object around says: `{title, date, media: {url}}`.

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
        return _numbered(page, [*_entries(page, data, place)])
    if not isinstance(data, dict):
        return []
    found = [*_entry(page, data, place)]
    if found:
        return found
    place = _within(data, place)
    return [each for inner in data.values() for each in _read(page, inner, place)]


def is_track(page: Document, data: Any) -> bool:
    """Whether an object is an entry of its own: something that plays, with what is said of it."""
    return isinstance(data, dict) and bool(_renditions(page, data))


def in_text(page: Document, text: str, origin: str) -> list[MediaItem | Link]:
    """The items of all literals in a text, such as the JSON of an attribute. See `read`."""
    literals = javascript.read(text).literals()
    return [each for literal in literals for each in read(page, literal, origin)]


def embedded(provider: str, video: str) -> str | None:
    """The page of a video that a player embeds by its id (or URL); None for other providers."""
    video = video.strip()
    if video.startswith("//"):
        return "https:" + video
    if re.match(r"https?://", video, re.IGNORECASE):
        return video
    page = _EMBEDS.get(provider.strip().lower())
    return page.format(video) if page and _EMBED_ID.match(video) else None


def completed(page: Document, data: Any, joins: Iterable[Join]) -> Any:
    """The value with its addresses whole, where scripts put them together only on use."""
    by_name: dict[str, list[Join]] = {}
    for join in joins:
        by_name.setdefault(join.name, []).append(join)
    return _completed(page, data, by_name)


def _completed(page: Document, data: Any, joins: Mapping[str, Sequence[Join]]) -> Any:
    if isinstance(data, list):
        return [_completed(page, each, joins) for each in data]
    if not isinstance(data, dict):
        return data
    whole = {key: _completed(page, each, joins) for key, each in data.items()}
    for name in joins.keys() & data.keys():
        found = whole_addresses(page, data[name], joins[name])
        if found:
            whole.pop(name)
            whole["sources"] = found
    return whole


def whole_addresses(page: Document, part: Any, joins: Iterable[Join]) -> list[str]:
    """The media addresses that joins make of a part of one; none of a part that is whole."""
    if not _is_text(part) or _WHOLE.match(part):
        return []
    fitting = islice((join for join in joins if _fits(join.before, part)), _MOST_FORMATS)
    made = [f"{join.before}{part}{join.after}" for join in fitting]
    return [each for each in made if playable(type_of(url_in(page, each) or ""))]


def _fits(before: str, part: str) -> bool:
    """Whether both may be an address: no text for people, and not two roots."""
    return not _NO_ADDRESS.search(before) and not (before.endswith("/") and part.startswith("/"))


def _entries(page: Document, value: Any, place: _Place) -> Iterator[MediaItem | Link]:
    """The entries of a list, and of the lists in it."""
    if isinstance(value, str):  # which may be anything, unless its extension tells
        yield from _entry(page, value, place._replace(kind=None))
        return
    found = [*_entry(page, value, place)] if isinstance(value, dict) else []
    if found:
        yield from found
    elif isinstance(value, list) and _is_one_thing(page, value):
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
    title, artist, date = (_text(data, keys) for keys in (_TITLES_AROUND, _ARTISTS, _DATES))
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
    """One track with its subtitles; nothing where there is no address."""
    about: Mapping[str, Any] = value if isinstance(value, dict) else {}
    renditions = _renditions(page, value, place.kind)
    if renditions:
        yield _item(page, about, renditions, place)
        for key in _CAPTIONS:
            yield from captions(page, _list(about.get(key)), place.origin)
    for part in (about, *_list(about.get("sources"))):
        url = _embed(part)
        if url:
            yield Link(url, place.origin)


def _item(
    page: Document, about: Mapping[str, Any], renditions: list[Alternative], place: _Place
) -> MediaItem:
    best, *others = renditions
    return MediaItem(
        best.url,
        best.type,
        mime=best.mime,
        size=best.size,
        bitrate=best.bitrate,
        height=best.height,
        title=_text(about, _TITLES) or place.title,
        artist=_text(about, _ARTISTS) or place.artist,
        date=date_in(_text(about, _DATES) or place.date),
        album=_text(about, _ALBUMS),
        duration=_seconds(about),
        thumbnail=_thumbnail(page, about),
        alternatives=tuple(others),
        origin=place.origin,
    )


def _renditions(
    page: Document, value: Any, kind: MediaType | None = None, depth: int = 3
) -> list[Alternative]:
    """The addresses of one thing, largest first: itself, its sources, one for each format."""
    found: list[Alternative] = []
    if isinstance(value, str):
        url = url_in(page, value) if len(value) < _LONGEST_URL else None
        if url and (playable(type_of(url)) or (kind and type_of(url) is None)):
            found.append(Alternative(url, type=_type_at(url, kind)))
    elif isinstance(value, list) and depth:
        found = [each for part in value for each in _renditions(page, part, kind, depth - 1)]
    elif isinstance(value, dict) and depth and not _embed(value):
        for key in _source_keys(value):
            inner = value[key]
            known = _kind(value, is_list=isinstance(inner, list))
            known = known or (kind if key in _CERTAIN else None)
            parts = _renditions(page, inner, known, depth - 1)
            found += [_described(each, value) for each in parts] if _is_text(inner) else parts
    return each_once(sorted(found, key=lambda each: -(each.height or 0))) if found else found


def _type_at(url: str, kind: MediaType | None) -> MediaType | None:
    """What is at an address, by its extension; of a player of sound, films are sound as well."""
    if kind == "audio" and extension(url) in _MAY_BE_SOUND:
        return kind
    return playable(type_of(url)) or kind


def _source_keys(value: Mapping[str, Any]) -> list[str]:
    """Where an entry has its addresses; with a title, also under a name of the author's own."""
    known = [key for key in SOURCES if key in value and not _are_tracks(value[key])]
    if known or not _text(value, _TITLES):
        return known
    own = (key for key, each in value.items() if isinstance(each, str) and "/" in each)
    return [key for key in own if key not in {*_TITLES, *THUMBNAILS}]


def _are_tracks(value: Any) -> bool:
    """Whether a list holds tracks of their own, each with its title, and no sources of one."""
    return any(_text(each, ("title", "name")) for each in _list(value))


def _kind(value: Mapping[str, Any], *, is_list: bool) -> MediaType | None:
    """What `type` says of an address without an extension: a MIME type, or a word for a list."""
    text = value.get("type")
    if not isinstance(text, str):
        return None
    if "/" in text:
        return None if text.removeprefix("video/") in _EMBEDS else playable(media_type(text))
    return playable(text) if is_list else None


def _described(rendition: Alternative, value: Mapping[str, Any]) -> Alternative:
    """A rendition with what stands beside its address: MIME type, size, bit rate, lines, label."""
    mime, height = value.get("type"), _height(value) or facts.lines_in(rendition.url)
    return replace(
        rendition,
        mime=mime if isinstance(mime, str) and "/" in mime else None,
        size=_size(value),
        bitrate=facts.bits_in(str(value.get("bitrate", ""))),
        height=height if rendition.type == "video" else None,
        label=f"{height}p" if height else _text(value, ("label", "quality")),
    )


def _is_one_thing(page: Document, values: Sequence[Any]) -> bool:
    """Whether a list holds no tracks but the qualities or formats of one."""
    if not 2 <= len(values) <= _MOST_QUALITIES:
        return False
    found = [_renditions(page, each) for each in values]
    if not all(len(each) == 1 for each in found):
        return False
    if any(_text(each, ("title", "name")) for each in values):
        return False
    parts = [each[0] for each in found]
    for key in ([each.height for each in parts], [each.url.rpartition(".")[2] for each in parts]):
        if None not in key and len(set(key)) == len(key):
            stems = {each.url.rpartition(".")[0] for each in parts}
            return len(stems) == 1 or parts[0].height is not None
    return False


def _embed(part: Any) -> str | None:
    """The page of a video that is named by provider and id: `{src: 'x', provider: 'vimeo'}`."""
    if not isinstance(part, dict) or not ("provider" in part or "type" in part):
        return None
    provider = _text(part, ("provider",)) or (_text(part, ("type",)) or "").removeprefix("video/")
    video = _text(part, ("src", "id", "videoId"))
    return embedded(provider, video) if video and provider in _EMBEDS else None


def captions(page: Document, listed: Iterable[Any], origin: str) -> Iterator[MediaItem]:
    """The subtitles of a source: `[{kind, label, srclang, src}]`."""
    for track in listed:
        source = _text(track, ("src", "file", "url"))
        url = page.absolute(source) if source else None
        if url and playable(type_of(url)) is None:
            previews = "thumbnails" in (_text(track, ("kind",)), _text(track, ("label",)))
            yield MediaItem(
                url,
                "other",
                title=_text(track, ("label",)),
                language=_text(track, ("srclang", "srcLang", "language")),
                origin=origin,
                noise=noise.PREVIEWS if previews else None,
            )


def _numbered(page: Document, found: list[MediaItem | Link]) -> list[MediaItem | Link]:
    """The entries of one list with their places in it, each once. One alone has none."""
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


def _height(value: Mapping[str, Any]) -> int | None:
    """The lines that a quality tells: `size: 720`, `label: '1080p'`."""
    for key in _QUALITIES:
        found = _LINES.match(str(value.get(key, "")))
        if found and 100 <= int(found[1]) < 9000:
            return int(found[1])
    return None


def _seconds(about: Mapping[str, Any]) -> float | None:
    """The duration that an entry tells, or what holds its address: `{title, audio: {url}}`."""
    holders = (about, *(about[key] for key in SOURCES if isinstance(about.get(key), dict)))
    told = (str(each.get(key, "")) for each in holders for key in _DURATIONS)
    return next(filter(None, map(facts.seconds_in, told)), None)


def _size(value: Mapping[str, Any]) -> int | None:
    told = (facts.count_in(str(value.get(key, ""))) or 0 for key in _SIZES)
    return next((size for size in told if size >= _LEAST_SIZE), None)


def _thumbnail(page: Document, about: Mapping[str, Any]) -> str | None:
    """The picture of an entry: an address, or an object that has one, or a list of either."""
    for value in map(about.get, THUMBNAILS):
        first = value[0] if value and isinstance(value, list) else value
        address = first if _is_text(first) else _text(first, ("src", "url"))
        if address:
            return page.absolute(address)
    return None


def _text(about: Any, keys: Sequence[str]) -> str | None:
    """The first of these entries that is text, white space folded."""
    for key in keys if isinstance(about, dict) else ():
        value = about.get(key)
        if value and isinstance(value, str):
            folded = " ".join(value.split())
            if folded:
                return folded
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
