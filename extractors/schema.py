"""What pages tell search engines of their media: schema.org, as JSON-LD and as microdata.

Both are read into the same objects: `{"@type": "VideoObject", "contentUrl": …, "name": …}`. Video,
audio and files are wanted wherever they stand. Pictures mostly are not: `image` and `thumbnailUrl`
of an article show what the page shows, in crops for search engines; they add what they know to
the same picture on the page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from reelin import (
    Alternative,
    Extractor,
    Link,
    MediaItem,
    MediaType,
    Page,
    elements,
    extension,
    facts,
    hookimpl,
    javascript,
    noise,
    srcset,
    type_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

Thing = Mapping[str, Any]

KINDS: Mapping[str, MediaType] = {
    "AudioObject": "audio",
    "Audiobook": "audio",
    "MusicRecording": "audio",
    "PodcastEpisode": "audio",
    "Clip": "video",
    "VideoObject": "video",
    "ImageObject": "image",
    "Photograph": "image",
}
# Where things have pictures of themselves, and whose pictures are nobody's.
PICTURES = frozenset("image photo primaryImageOfPage thumbnail thumbnailUrl".split())
OWN = PICTURES | {"encoding"}
# Where the address of its file stands, where it should, and where that of its player does.
ADDRESSES = ("contentUrl", "contentURL", "embedUrl", "embedURL", "url")
FILES = frozenset(ADDRESSES[:2])
PLAYERS = frozenset(ADDRESSES[2:4])
GALLERIES = frozenset(["ImageGallery", "MediaGallery"])
APART = tuple(
    "author brand comment contributor creator editor logo member organization person provider"
    " publisher review website".split()
)
# A thing's own audio or video is called and dated as the thing is.
PARTS = frozenset(["associatedMedia", "audio", "encoding", "media", "video"])
PASSED_ON = (
    "name headline datePublished duration inLanguage partOfSeries byArtist inAlbum author position"
).split()
# What people put around JSON, and what may not stand in it.
AROUND = re.compile(r"(?://|/\*)?\s{0,9}(?:<!--|-->|<!\[CDATA\[|\]\]>)\s{0,9}(?:\*/)?")
CONTROL = re.compile(r"[\x00-\x1f]")
BETWEEN = re.compile(r"[\s,;]*")
MIME = re.compile(r"[a-z]+/[\w.+-]+")
NO_URL = re.compile(r"[<>{}\n]")
DEEPEST = 40
LEAST_BITRATE = 4000  # what is less, without a unit, is not in bits per second
NOTHING: Thing = MappingProxyType({})
BITRATE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s?([kM]?)(?:bps|bits?/s|b/s|bits?)?", re.IGNORECASE)
PIXELS = re.compile(r"(\d{1,6})(?:\.\d{1,9})?\s?(?:px|pixels?)?", re.IGNORECASE)
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
LONGEST = 4096


class Schema(Extractor):
    """JSON-LD and microdata of schema.org: video, audio, pictures, and what is told of them."""

    name = "schema"

    teasers: Annotated[bool, "also the pictures that articles are announced with"] = False

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what a page's structured data describes, in document order."""
        if not page.is_markup:
            return
        things = [*_json_ld(page), *_microdata(page)]
        if not things:
            return
        teaser = None if self.teasers else noise.TEASER
        yield from _Reader(page, teaser, set(_pictured(things))).finds(things)


# JSON-LD


def _json_ld(page: Page) -> Iterator[Any]:
    if "ld+json" in page.text:
        for script in page.scripts:
            if "ld+json" in script.type:
                yield from _documents(script.text)


def _documents(text: str) -> list[Any]:
    """The values of a script, which should be one; what is no JSON is read as JavaScript."""
    text = AROUND.sub(" ", text)
    if '"' not in text:
        text = html.unescape(text)
    decoder, at = json.JSONDecoder(strict=False), _behind(text, 0)
    found: list[Any] = []
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return [*found, *javascript.read(CONTROL.sub(" ", text[at:])).literals()]
        found.append(value)
        at = _behind(text, at)
    return found


def _behind(text: str, at: int) -> int:
    gap = BETWEEN.match(text, at)
    return gap.end() if gap else at


# Microdata


def _microdata(page: Page) -> list[Any]:
    """The outermost things, each property with a list of values."""
    if "itemprop" not in page.text:
        return []
    scopes: dict[_Element, dict[str, Any]] = {}
    outermost = []
    for element in page.tree.xpath("//*[@itemprop or @itemscope]"):
        around = islice(element.iterancestors(), DEEPEST)
        holder = next((scopes[each] for each in around if each in scopes), None)
        value: Any = None
        if "itemscope" in element.attrib:
            value = {"@type": element.get("itemtype", "").split()}
            scopes[element] = value
        if holder is None:
            outermost += [value] if value else []
            continue
        for name in element.get("itemprop", "").split():
            holder.setdefault(name, []).append(value or _value(element))
    return outermost


def _value(element: _Element) -> str | None:
    for name in ("content", "src", "href", "data", "datetime", "value"):
        if name in element.attrib:
            return element.get(name)
    return elements.text_of(element)


# Things of either


def _pictured(value: Any, key: str = "", depth: int = 0) -> Iterator[str]:
    """The @ids of things that are named as the picture or logo of others."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for each in value:
            yield from _pictured(each, key, depth + 1)
    elif isinstance(value, dict):
        if isinstance(value.get("@id"), str) and (key in PICTURES or key == "logo"):
            yield value["@id"]
        for name, each in value.items():
            if isinstance(each, list | dict):
                yield from _pictured(each, name, depth + 1)


@dataclass
class _Reader:
    """Turns things into items.

    teaser:   why pictures of articles are not wanted; None if they are
    pictured: the @ids of things that are pictures of others
    """

    page: Page
    teaser: str | None
    pictured: set[str]

    def finds(
        self, value: Any, key: str = "", holder: Thing = NOTHING, depth: int = 0
    ) -> Iterator[MediaItem | Link]:
        """Everything within a value; `key` says what it is to its holder."""
        if depth > DEEPEST:
            return
        if isinstance(value, list):
            for each in value:
                yield from self.finds(each, key, holder, depth + 1)
        elif isinstance(value, dict):
            yield from self._within(value, key, holder, depth)
        elif key in PICTURES:
            url = self._url(value)
            if url and type_of(url) in (None, "image"):
                item = MediaItem(url, "image", origin=_origin(holder, key))
                yield replace(item, noise=self._against(item, key, holder, NOTHING))

    def _within(
        self, thing: Thing, key: str, holder: Thing, depth: int
    ) -> Iterator[MediaItem | Link]:
        """A thing, if it is media, and what it has."""
        passed_on = [name for name in PASSED_ON if name in holder] if key in PARTS else []
        whole = {**{name: holder[name] for name in passed_on}, **thing}
        apart = any(each.lower().endswith(APART) for each in (key, *_types(thing)))
        found = self._media(whole, _origin(thing, key))
        own: frozenset[str] = frozenset()
        if isinstance(found, MediaItem):
            own = OWN
            if found.type != "image":
                yield found
            elif not apart:
                yield replace(found, noise=self._against(found, key, holder, thing))
        elif found:
            yield found
        for name, value in thing.items():
            if name not in own and not (apart and name in PICTURES):
                yield from self.finds(value, name, thing, depth + 1)

    def _against(self, item: MediaItem, key: str, holder: Thing, thing: Thing) -> str | None:
        """Why a picture is not wanted, or None."""
        shown = key not in PICTURES or not GALLERIES.isdisjoint(_types(holder))
        if self.teaser and (not shown or thing.get("@id") in self.pictured):
            return self.teaser
        return noise.by_facts(item.url, item.width, item.height)

    def _media(self, thing: Thing, origin: str) -> MediaItem | Link | None:
        """The item that a thing is, or a link to its player."""
        kind = _kind(thing)
        renditions = self._renditions(thing, kind)
        if not renditions:
            return self._player(thing, origin) if elements.playable(kind) else None
        best, *others = renditions
        artist = _text(thing, "byArtist") or (
            _text(thing, "author", "creator") if best.type == "audio" else None
        )
        return MediaItem(
            best.url,
            best.type,
            mime=best.mime,
            width=best.width,
            height=best.height,
            bitrate=best.bitrate,
            title=_text(thing, "name", "headline", "caption"),
            artist=artist,
            album=_text(thing, "inAlbum", "partOfSeries"),
            position=_number(thing, "position") if best.type == "audio" else None,
            date=facts.date_in(_text(thing, "uploadDate", "datePublished", "dateCreated")),
            duration=facts.seconds_in(_text(thing, "duration")),
            language=_language(thing),
            thumbnail=self._thumbnail(thing, best),
            alternatives=tuple(others),
            origin=origin,
        )

    def _renditions(self, thing: Thing, kind: MediaType | None) -> list[Alternative]:
        """The files of a thing and of its encodings, the largest first, then as written."""
        found: dict[str, Alternative] = {}
        encodings = _each(thing.get("encoding")) if kind else []
        for each in (thing, *(part for part in encodings if isinstance(part, dict))):
            mime = _mime(each)
            for key in ADDRESSES:
                for url in filter(None, map(self._url, _each(each.get(key)))):
                    told = _type_at(url, kind, mime, is_file=key in FILES)
                    if told and url != self.page.final_url and url not in found:
                        found[url] = Alternative(
                            url,
                            type=told,
                            mime=mime,
                            width=_number(each, "width"),
                            height=_number(each, "height"),
                            bitrate=_bitrate(_text(each, "bitrate")),
                        )
        return sorted(found.values(), key=lambda each: -(each.height or 0))

    def _player(self, thing: Thing, origin: str) -> Link | None:
        """Where a thing is played: on the page's own site, or on one that is known for it."""
        for key in ADDRESSES:
            for url in filter(None, map(self._url, _each(thing.get(key)))):
                own = self.page.has_origin_of(url)
                if elements.is_player(url) or (own and key in PLAYERS and extension(url) != "swf"):
                    return Link(url, origin)
        return None

    def _thumbnail(self, thing: Thing, best: Alternative) -> str | None:
        for key in ("thumbnailUrl", "thumbnail", "image"):
            for each in _each(thing.get(key)):
                if isinstance(each, dict):
                    each = next(iter(_each(each.get("contentUrl") or each.get("url"))), None)
                url = self._url(each)
                # A film's poster that the page shows is a picture of its own.
                if url and url != best.url and (best.type == "image" or url not in self._shown):
                    return url
        return None

    def _url(self, value: Any) -> str | None:
        """The absolute URL that a value is; None for text, markup and data."""
        if not isinstance(value, str) or len(value) > LONGEST or NO_URL.search(value):
            return None
        if "/" not in value and "." not in value:
            return None  # such as `null`
        return elements.url_in(self.page, value.replace("&amp;", "&"))

    @cached_property
    def _shown(self) -> set[str | None]:
        """The addresses that the page's images have."""
        found: set[str | None] = set()
        for value in self.page.tree.xpath("//img/@*[contains(name(), 'src')]"):
            sizes = srcset.parse(value) if "srcset" in value.attrname else []
            found.update(self.page.absolute(each) for each in (*(s.url for s in sizes), str(value)))
        return found


def _origin(thing: Thing, key: str) -> str:
    return " ".join(filter(None, ("schema.org", *_types(thing)[:1], key)))


def _types(thing: Thing) -> list[str]:
    """The names of its types without their vocabulary."""
    return [
        re.split(r"[/:#]", each[-LONGEST:])[-1]
        for each in _each(thing.get("@type"))
        if isinstance(each, str)
    ]


def _kind(thing: Thing) -> MediaType | None:
    return next((KINDS[each] for each in _types(thing) if each in KINDS), None)


def _type_at(
    url: str, kind: MediaType | None, mime: str | None, *, is_file: bool
) -> MediaType | None:
    """The type of the file at a URL of a thing; None where there is a page or a player.

    is_file: the URL stands where only files should
    """
    if elements.is_page(url):
        return None
    told = type_of(url)
    if told in ("audio", "video", "image"):
        fits = told == kind or (told != "image" and kind in ("audio", "video"))
        # An .mp4 may hold sound alone.
        found = "audio" if (told, kind) == ("video", "audio") else told
        return found if fits or is_file else None
    if told == "other" or not is_file:
        return None
    family = (mime or "").partition("/")[0]
    return told or elements.playable(family) or ("image" if family == "image" else kind)


# Facts


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(thing: Thing, *keys: str) -> str | None:
    """The first of these properties that is text, a number or something named."""
    for key in keys:
        for value in _each(thing.get(key)):
            if isinstance(value, dict):
                value = next(iter(_each(value.get("name") or value.get("value"))), None)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                text = " ".join(html.unescape(str(value)[:LONGEST]).split())
                if text:
                    return text
    return None


def _number(thing: Thing, key: str) -> int | None:
    """A count, or pixels: `640`, `"640px"`, `{"value": 640}`."""
    found = PIXELS.fullmatch(_text(thing, key) or "")
    return int(found[1]) or None if found else None


def _mime(thing: Thing) -> str | None:
    mime = (_text(thing, "encodingFormat", "fileFormat") or "").partition(";")[0].strip().lower()
    return mime if MIME.fullmatch(mime) and mime != "text/html" else None


def _bitrate(text: str | None) -> int | None:
    """Bits per second: `128 kbps`, `2.5Mbps`, `128000`."""
    found = BITRATE.fullmatch(text or "")
    if not found:
        return None
    rate = float(found[1]) * {"": 1, "k": 1e3, "m": 1e6}[found[2].lower()]
    return int(rate) if rate >= LEAST_BITRATE else None


def _language(thing: Thing) -> str | None:
    for value in _each(thing.get("inLanguage")):
        tag = (
            _text(value, "alternateName", "identifier", "name")
            if isinstance(value, dict)
            else value
        )
        if isinstance(tag, str) and LANGUAGE.fullmatch(tag.strip()):
            return tag.strip().replace("_", "-")
    return None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `schema`."""
    return [Schema()]
