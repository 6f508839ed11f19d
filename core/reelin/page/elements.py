"""How elements of a page are read as media: shared by the extractors that look at markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

from ..model.facts import lines_in
from ..model.item import Alternative, Link, MediaItem, replace_fields
from ..model.media_types import MediaType, extension, path_of, type_of
from . import noise
from .stream_names import heading_before, is_nameless_stream
from .text import fold
from .text import text_of as text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

    from .document import Document

_Found = TypeVar("_Found", Alternative, MediaItem | Link)

FILE_TYPES = frozenset(["image", "video", "audio", "document", "archive"])
# Files of no media type that belong to media. Programs are not among them.
_DOWNLOADS = frozenset("ass lrc srt ssa torrent ttml vtt".split())
# `/wiki/File:Photo.jpg` is a page about an image, in every wiki of that kind.
_DESCRIPTION_PAGE = re.compile(r"[^\W\d]{3,}:", re.UNICODE)
_PAGES = frozenset("asp aspx htm html jsp php swf xhtml".split())
# Addresses of players that show one video or track.
_PLAYER = re.compile(
    r"https?://(?:[\w-]{1,60}\.){0,4}(?:youtube(?:-nocookie)?\.com/(?:embed/|shorts/|v/|watch)"
    r"|youtu\.be/|vimeo\.com/|dailymotion\.com/|dai\.ly/|soundcloud\.com/|bandcamp\.com/|twitch\.tv/)"
)


def player_items(page: Document, element: _Element) -> Iterator[MediaItem]:
    """The tracks of a <video>, <audio> or like element, then its media: one item, all qualities.

    Sources of the same format with titles of their own are a playlist, as MediaElement has it.
    """
    yield from _tracks(page, element)
    sources = [*element.iter("source")]
    entries = _playlist(sources)
    if not entries:
        yield from _item(page, element, [element, *sources], _fallbacks(page, element))
    for number, (title, formats) in enumerate(entries.items(), start=1):
        cover = url_in(page, formats[0].get("data-playlist-thumbnail", ""))
        for item in _item(page, element, formats):
            yield replace_fields(
                item,
                title=title,
                thumbnail=cover or item.thumbnail,
                position=number,
                total=len(entries),
            )


def complete(page: Document, element: _Element, found: MediaItem | Link) -> MediaItem | Link:
    """Add what a player's element says to what was found in its attributes."""
    if isinstance(found, Link) or found.type == "other":
        return found
    stated = _facts(page, element)
    return replace_fields(found, **{name: getattr(found, name) or stated[name] for name in stated})


def _playlist(sources: list[_Element]) -> Mapping[str, list[_Element]]:
    """The sources of one player by title, where they are different things; else empty."""
    titles = [each.get("title", "") for each in sources]
    formats = [extension(each.get("src", "")) for each in sources]
    # Browsers never come to a second source of the same format: then scripts use it.
    several = len(set(zip(titles, formats, strict=True))) > len(set(formats))
    entries: dict[str, list[_Element]] = {}
    if several and all(titles) and not any(map(_lines, sources)):
        for title, source in zip(titles, sources, strict=True):
            entries.setdefault(title, []).append(source)
    return entries


def _item(
    page: Document, element: _Element, holders: list[_Element], same: Iterable[Alternative] = ()
) -> Iterator[MediaItem]:
    # Browsers take the first source that they can play; of several sizes the largest is best.
    found = sorted(_sources(page, holders), key=lambda each: -(each.height or 0))
    if not found:
        return
    best, *others = each_once([*found, *same])
    tag = str(element.tag)
    kind: MediaType = "audio" if "audio" in tag else "video"
    item = MediaItem(
        best.url,
        best.type or kind,
        mime=best.mime,
        height=best.height,
        alternatives=tuple(others),
        origin=f"<{tag}>",
        **_facts(page, element),
    )
    if item.title is None and is_nameless_stream(best.url, best.mime):
        item = replace_fields(item, title=heading_before(element))
    yield item


def _fallbacks(page: Document, element: _Element) -> Iterator[Alternative]:
    """The links inside a player: to the same, for browsers that cannot play it."""
    for link in element.iter("a"):
        url = url_in(page, link.get("href", ""))
        kind = playable(type_of(url)) if url else None
        if url and kind:
            yield Alternative(url, type=kind)


def _facts(page: Document, element: _Element) -> Mapping[str, Any]:
    """The facts of its media that a player's element states; `artist` and its like are AMP's."""
    poster = next(filter(None, map(element.get, ("poster", "data-poster", "artwork"))), None)
    return {
        "title": title_of(element),
        "artist": element.get("artist"),
        "album": element.get("album"),
        "thumbnail": page.absolute(poster) if poster else None,
    }


def _sources(page: Document, holders: list[_Element]) -> Iterator[Alternative]:
    """The sources of a player: its own, then those of its <source> elements."""
    for holder in holders:
        for name, value in holder.items():
            if name != "src" and not (name.startswith("data-") and name.endswith("src")):
                continue
            url = url_in(page, value)
            if url is None or type_of(url) == "image":
                continue
            mime = (holder.get("type") or "").partition(";")[0].strip().lower()
            yield Alternative(
                url,
                type=playable(type_of(url)),
                mime=mime if "/" in mime else None,
                height=_lines(holder) or lines_in(url),
                label=holder.get("label") or holder.get("res") or holder.get("size"),
            )


def _tracks(page: Document, element: _Element) -> Iterator[MediaItem]:
    for track in element.iter("track"):
        url = url_in(page, track.get("src", ""))
        if url:
            yield MediaItem(
                url,
                "other",
                title=track.get("label"),
                language=track.get("srclang"),
                origin=f"<track kind={track.get('kind', 'subtitles')}>",
                noise=noise.PREVIEWS if track.get("label") == "thumbnails" else None,
            )


def url_in(page: Document, value: str) -> str | None:
    """The absolute URL that an attribute holds, or None where it holds data or nothing."""
    value = value.strip()
    if not value or value[0] in "{[#" or value.startswith("data:"):
        return None
    return page.absolute(value)


def each_once(found: Iterable[_Found]) -> list[_Found]:
    """The first of each URL, in order."""
    first: dict[str, _Found] = {}
    for each in found:
        first.setdefault(each.url, each)
    return list(first.values())


def is_file(url: str) -> bool:
    """Whether a URL names a file by its extension, rather than a page about it."""
    if type_of(url) not in FILE_TYPES and extension(url) not in _DOWNLOADS:
        return False
    last = path_of(url).rpartition("/")[2]
    if "%" in last:
        last = unquote(last)
    return ":" not in last or not _DESCRIPTION_PAGE.match(last)


def is_player(url: str) -> bool:
    """Whether a URL is that of a known site's player, or of the page that it plays."""
    return _PLAYER.match(url) is not None


def is_page(url: str) -> bool:
    """Whether a URL is that of a page or player, although it stands where files should."""
    return extension(url) in _PAGES or is_player(url)


def playable(kind: str | None) -> MediaType | None:
    """`audio` and `video` as they are; None for all else."""
    return "audio" if kind == "audio" else "video" if kind == "video" else None


def title_of(element: _Element) -> str | None:
    """The name that a person would give it: alt, title, label, or the caption of its figure."""
    for name in ("alt", "title", "aria-label", "data-title", "data-caption"):
        text = fold(element.get(name, ""))
        if text:
            return text
    for ancestor in element.iterancestors("figure"):
        caption = next(ancestor.iter("figcaption"), None)
        return text_of(caption) if caption is not None else None
    return None


def caption_of(link: _Element) -> str | None:
    """The name that a link gives to its image: caption or title, else the image's own."""
    for name in ("data-caption", "data-title", "title"):
        text = fold(link.get(name, ""))
        if text:
            return text
    image = next(link.iter("img", "amp-img"), None)
    return None if image is None else title_of(image)


def _lines(source: _Element) -> int | None:
    """The height that a source's quality attributes state: `size=720`, `res=1080p`."""
    names = ["size", "res", "data-res", "data-quality", "label"]
    # A player's own height is that of its box.
    names += ["data-height", "height"] if source.tag == "source" else []
    for name in names:
        found = re.match(r"(\d{3,4})p?\b", source.get(name, ""))
        if found:
            return int(found[1])
    return None
