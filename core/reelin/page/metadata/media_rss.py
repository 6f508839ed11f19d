"""Media RSS (https://www.rssboard.org/media-rss), and what is written like it.

`<media:content url type medium width height fileSize duration bitrate>` is one file, as are RSS's
`<enclosure>` and Atom's `<link rel=enclosure>`; those in one `<media:group>` are renditions of one
thing. Names are read without their namespace: prefixes are often wrong or undeclared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...model.facts import bits_in, count_in, language_in, pixels_in, seconds_in
from ...model.item import MediaItem, as_alternative, replace_fields
from ...model.media_types import type_of
from .. import noise, xml
from ..document import Document
from ..elements import playable, url_in
from ..xml import Parts
from .posts import kind_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_PLAYED = ("audio/", "video/")  # MIME types of what is an episode, whatever a link to it is called
# What Media RSS calls a file and is a page with a player.
_PLAYER_PAGES = ("application/x-shockwave-flash", "text/html", "application/xhtml+xml")


def files(page: Document, parts: Parts) -> Iterator[MediaItem]:
    """The files that a post attaches, in any of the ways; `is_player` says which are none."""
    for element in parts.get("group", ()):
        group = xml.children(element)
        best = _best(_file(page, each) for each in group.get("content", ()))
        if best is not None:
            yield replace_fields(
                best,
                title=best.title or xml.words_in(group, "title"),
                thumbnail=best.thumbnail or thumbnail(page, group),
            )
    same: dict[str, list[MediaItem | None]] = {}
    for element in parts.get("content", ()):
        item = _file(page, element)
        if item is not None:
            # One image in several widths: the same file, but for what is asked of it.
            sized = item.width and type_of(item.url) == "image"
            same.setdefault(item.url.partition("?")[0] if sized else item.url, []).append(item)
    yield from filter(None, map(_best, same.values()))
    links = [each for each in parts.get("link", ()) if _attaches(each)]
    attached = [_file(page, each) for each in (*parts.get("enclosure", ()), *links)]
    yield from filter(None, attached or _alternate(page, parts))


def _alternate(page: Document, parts: Parts) -> Iterator[MediaItem | None]:
    """`<podcast:alternateEnclosure type><podcast:source uri>`: of a post that has no other file."""
    for element in parts.get("alternateenclosure", ()):
        source = next(iter(xml.children(element).get("source", ())), None)
        if source is not None:
            source.set("type", element.get("type", ""))
            yield _file(page, source)


def _attaches(link: _Element) -> bool:
    """Whether a link of Atom leads to a file, by its relation or by its type."""
    mime = link.get("type", "").strip().lower()
    return link.get("rel", "").strip().lower() == "enclosure" or mime.startswith(_PLAYED)


def is_player(item: MediaItem) -> bool:
    """Whether what is attached is a page that plays something, rather than a file.

    A file's extension beats the type: some programs say text/html of every enclosure.
    """
    return item.mime in _PLAYER_PAGES and not playable(type_of(item.url))


def thumbnail(page: Document, parts: Parts) -> str | None:
    """The URL of the image of a post or of a file."""
    for element in (*parts.get("image", ()), *parts.get("thumbnail", ())):
        url = url_in(page, element.get("href") or element.get("url") or "")
        if url:
            return url
    return None


def _file(page: Document, element: _Element) -> MediaItem | None:
    """Read an `enclosure`, a `media:content`, or Atom's `link` or `content`, as an item."""
    about = xml.attributes(element)
    said = [about.get(key, "").strip() for key in ("url", "href", "src", "resource", "uri", "link")]
    if xml.name_of(element) == "enclosure":
        said.append((element.text or "").strip())
    url = url_in(page, xml.in_place(element, next(filter(None, said), "")))
    if url is None:
        return None
    parts = xml.children(element)
    mime = about.get("type", "").partition(";")[0].strip().lower()
    kind = kind_of(url, mime, about.get("medium", ""))
    width, height = (pixels_in(about.get(side)) or None for side in ("width", "height"))
    return MediaItem(
        url,
        kind,
        mime=mime if "/" in mime else None,
        title=xml.words_in(parts, "title") or xml.plain(about.get("title", "")),
        size=count_in(about.get("length") or about.get("filesize")),
        width=width,
        height=height,
        duration=seconds_in(about.get("duration")),
        bitrate=bits_in(f"{about.get('bitrate')} kbps"),
        language=language_in(about.get("lang") or about.get("hreflang")),
        thumbnail=thumbnail(page, parts),
        origin=f"<{xml.name_of(element)}>",
        noise=noise.by_facts(url, width, height) if kind == "image" else None,
    )


def _best(items: Iterable[MediaItem | None]) -> MediaItem | None:
    """Renditions of one thing as one item: what plays before images, the largest first."""
    found = [item for item in items if item is not None]
    renditions = [item for item in found if not is_player(item)]
    if not renditions:
        return next(iter(found), None)
    renditions.sort(key=lambda item: (item.type == "image", -_area(item), -(item.bitrate or 0)))
    best, *others = renditions
    same = [each for each in others if (each.type == "image") == (best.type == "image")]
    return replace_fields(best, alternatives=tuple(map(as_alternative, same)))


def _area(item: MediaItem) -> int:
    return (item.width or item.height or 0) * (item.height or item.width or 0)
