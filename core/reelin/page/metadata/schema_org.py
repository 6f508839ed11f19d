"""Things of structured data as media with facts, in the words of https://schema.org.

`contentUrl` is the file of a MediaObject, `embedUrl` its player, `url` mostly its page; `encoding`
holds the same in other formats. Values are read however they are written: text, number, list, or
a thing that has a `name` or `value`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...model import facts
from ...model.item import Alternative, Link, MediaItem
from ...model.media_types import MediaType, extension, type_of
from ..document import Document
from ..elements import is_page, is_player, playable, url_in
from ..text import fold
from .linked_data import Thing

_KINDS: Mapping[str, MediaType] = {
    "AudioObject": "audio",
    "Audiobook": "audio",
    "MusicRecording": "audio",
    "PodcastEpisode": "audio",
    "Clip": "video",
    "VideoObject": "video",
    "ImageObject": "image",
    "Photograph": "image",
}
# Where the address of its file stands, where it should, and where that of its player does.
_ADDRESSES = ("contentUrl", "contentURL", "embedUrl", "embedURL", "url")
_FILES = frozenset(_ADDRESSES[:2])
_PLAYERS = frozenset(_ADDRESSES[2:4])
_MIME = re.compile(r"[a-z]+/[\w.+-]+")
_NO_URL = re.compile(r"[<>{}\n]")
_LONGEST = 4096


def media(page: Document, thing: Thing, origin: str) -> MediaItem | Link | None:
    """The item that a thing is, or a link to its player; None for all that is no media."""
    kind = next((_KINDS[each] for each in types(thing) if each in _KINDS), None)
    renditions = _renditions(page, thing, kind)
    if not renditions:
        return _player(page, thing, origin) if playable(kind) else None
    best, *others = renditions
    is_audio = best.type == "audio"
    return MediaItem(
        best.url,
        best.type,
        mime=best.mime,
        width=best.width,
        height=best.height,
        bitrate=best.bitrate,
        title=text(thing, "name", "headline", "caption"),
        artist=text(thing, "byArtist", *(("author", "creator") if is_audio else ())),
        album=text(thing, "inAlbum", "partOfSeries"),
        position=facts.count_in(text(thing, "position")) if is_audio else None,
        date=facts.date_in(text(thing, "uploadDate", "datePublished", "dateCreated")),
        duration=facts.seconds_in(text(thing, "duration")),
        language=_language(thing),
        thumbnail=_thumbnail(page, thing, best),
        alternatives=tuple(others),
        origin=origin,
    )


def types(thing: Thing) -> list[str]:
    """The names of its types without their vocabulary."""
    return [
        re.split(r"[/:#]", each[-_LONGEST:])[-1]
        for each in values(thing.get("@type"))
        if isinstance(each, str)
    ]


def values(value: Any) -> list[Any]:
    """The values of a property, which may be one or a list of them."""
    return value if isinstance(value, list) else [] if value is None else [value]


def text(thing: Thing, *keys: str) -> str | None:
    """The first of these properties that is text, a number or something named."""
    for key in keys:
        for value in values(thing.get(key)):
            if isinstance(value, dict):
                value = next(iter(values(value.get("name") or value.get("value"))), None)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                found = fold(html.unescape(str(value)[:_LONGEST]))
                if found:
                    return found
    return None


def url_of(page: Document, value: Any) -> str | None:
    """The absolute URL that a value is; None for text, markup and data."""
    if not isinstance(value, str) or len(value) > _LONGEST or _NO_URL.search(value):
        return None
    if "/" not in value and "." not in value:
        return None  # such as `null`
    return url_in(page, value.replace("&amp;", "&"))


def _renditions(page: Document, thing: Thing, kind: MediaType | None) -> list[Alternative]:
    """The files of a thing and of its encodings, the largest first, then as written."""
    found: dict[str, Alternative] = {}
    encodings = values(thing.get("encoding")) if kind else []
    for each in (thing, *(part for part in encodings if isinstance(part, dict))):
        mime = _mime(each)
        for key, url in _addresses(page, each):
            file_type = _type_at(url, kind, mime, is_file=key in _FILES)
            if file_type and url != page.final_url and url not in found:
                found[url] = Alternative(
                    url,
                    type=file_type,
                    mime=mime,
                    width=facts.pixels_in(text(each, "width")) or None,
                    height=facts.pixels_in(text(each, "height")) or None,
                    bitrate=facts.bits_in(text(each, "bitrate")),
                )
    return sorted(found.values(), key=lambda each: -(each.height or 0))


def _addresses(page: Document, thing: Thing) -> Iterator[tuple[str, str]]:
    """The properties of a thing that are addresses, and each of their URLs."""
    for key in _ADDRESSES:
        for url in (url_of(page, each) for each in values(thing.get(key))):
            if url:
                yield key, url


def _type_at(
    url: str, kind: MediaType | None, mime: str | None, *, is_file: bool
) -> MediaType | None:
    """The type of the file at a URL of a thing; None where there is a page or a player.

    is_file: the URL stands where only files should
    """
    if is_page(url):
        return None
    known = type_of(url)
    if known in ("audio", "video", "image"):
        fits = known == kind or (known != "image" and kind in ("audio", "video"))
        # An .mp4 may hold audio alone.
        found = "audio" if (known, kind) == ("video", "audio") else known
        return found if fits or is_file else None
    if known == "other" or not is_file:
        return None
    family = (mime or "").partition("/")[0]
    return known or playable(family) or ("image" if family == "image" else kind)


def _player(page: Document, thing: Thing, origin: str) -> Link | None:
    """A link to the player of a thing: on the page's own site, or on one that is known for it."""
    for key, url in _addresses(page, thing):
        own = key in _PLAYERS and page.has_origin_of(url) and extension(url) != "swf"
        if own or is_player(url):
            return Link(url, origin)
    return None


def _thumbnail(page: Document, thing: Thing, best: Alternative) -> str | None:
    for key in ("thumbnailUrl", "thumbnail", "image"):
        for each in values(thing.get(key)):
            if isinstance(each, dict):
                each = next(iter(values(each.get("contentUrl") or each.get("url"))), None)
            url = url_of(page, each)
            if url and url != best.url:
                return url
    return None


def _mime(thing: Thing) -> str | None:
    mime = (text(thing, "encodingFormat", "fileFormat") or "").partition(";")[0].strip().lower()
    return mime if _MIME.fullmatch(mime) and mime != "text/html" else None


def _language(thing: Thing) -> str | None:
    """`inLanguage: "en"`, or `{"@type": "Language", "alternateName": "en"}`."""
    for value in values(thing.get("inLanguage")):
        if isinstance(value, dict):
            value = text(value, "alternateName", "identifier", "name")
        if isinstance(value, str) and facts.language_in(value):
            return facts.language_in(value)
    return None
