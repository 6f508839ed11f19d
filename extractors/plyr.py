"""Plyr players: their markup, and the sources and track lists that scripts give them.

Plyr (https://plyr.io) takes <video> and <audio> elements as they are, YouTube and Vimeo by
`data-plyr-provider`, and whatever a script assigns to `player.source`. Audiobooks keep their
chapters in an array, or in data attributes of a list.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from reelin import (
    Alternative,
    Extractor,
    FetchError,
    Link,
    MediaItem,
    Page,
    elements,
    hookimpl,
    javascript,
    type_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

PLAYERS = "[data-plyr-provider], [data-plyr-config], [class*=plyr], .js-player"
EMBEDS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
}
# What authors call the address of a track, and its other facts.
SOURCES = (
    "src sources source file url mp3 m4a ogg opus wav flac audio mp4 webm video href link path"
    " stream"
).split()
TITLES = ("title", "name", "label", "chapter", "text", "caption")
ARTISTS = ("artist", "author", "performer", "narrator", "reader")
THUMBNAILS = ("poster", "cover", "artwork", "thumbnail", "image", "thumb")
LIST_DATA = ("data-src", "data-audio", "data-file", "data-track", "data-url", "data-video")
LIBRARIES = re.compile(r"plyr|jquery|bootstrap|hls|polyfill|analytics|gtm|gtag", re.IGNORECASE)


class Plyr(Extractor):
    """Plyr players: audio and video, qualities, subtitles, audiobook chapters and playlists."""

    name = "plyr"

    max_scripts: Annotated[int, "script files of the site that are read for sources"] = 3

    async def extract(self, page: Page) -> AsyncIterator[MediaItem | Link]:
        if not page.is_markup:
            return
        found = await asyncio.to_thread(_on_page, page)
        for each in found or ():
            yield each
        if found is None or any(isinstance(each, MediaItem) for each in found):
            return
        # A player without a source: a script of the site's own must give it one.
        for url in _own_scripts(page)[: self.max_scripts]:
            try:
                script = await page.get(url)
            except FetchError:
                continue  # a script that is gone gives no player a source either
            for item in await asyncio.to_thread(_from_script, page, script.text, url):
                yield item


def _on_page(page: Page) -> list[MediaItem | Link] | None:
    """What markup and inline scripts hold; None when there is no Plyr on the page."""
    if not _has_plyr(page):
        return None
    found: list[MediaItem | Link] = []
    for element in page.tree.iter("video", "audio"):
        found += [_configured(item, element) for item in elements.player_items(page, element)]
    found += _embeds(page)
    found += _list_entries(page)
    for script in page.scripts:
        found += _from_script(page, script.text, f"script {script.number}")
    return found


def _has_plyr(page: Page) -> bool:
    if "plyr" not in page.text.lower():
        return False
    if page.select(PLAYERS) or any("Plyr" in script.text for script in page.scripts):
        return True
    return any("plyr" in url.lower() for url in page.urls("script", "src"))


def _configured(item: MediaItem, element: _Element) -> MediaItem:
    """The item of an element, with the title that its `data-plyr-config` gives it."""
    try:
        title = json.loads(element.get("data-plyr-config") or "{}").get("title")
    except (ValueError, AttributeError, RecursionError):
        title = None
    if item.type == "other" or not isinstance(title, str):
        return item
    return replace(item, title=title, origin=f"{item.origin} data-plyr-config")


def _embeds(page: Page) -> Iterator[Link]:
    """Videos of YouTube and Vimeo that a Plyr plays."""
    for element in page.select("[data-plyr-provider]"):
        provider = element.get("data-plyr-provider", "").lower()
        video = element.get("data-plyr-embed-id", "").strip()
        if video.startswith(("http:", "https:", "//")):
            yield Link(page.absolute(video) or video, origin="data-plyr-embed-id")
        elif video and provider in EMBEDS:
            yield Link(EMBEDS[provider].format(video), origin="data-plyr-embed-id")
    for url in page.urls(".plyr__video-embed iframe", "src"):
        yield Link(url, origin=".plyr__video-embed iframe")


# Playlists in data attributes


def _list_entries(page: Page) -> list[MediaItem]:
    """Elements of a list that carry the address of a track: `<li data-src="1.mp3">Chapter 1`."""
    found = []
    for element in page.select(", ".join(f"[{name}]" for name in LIST_DATA)):
        if element.tag in ("video", "audio", "source", "img", "script", "iframe"):
            continue
        values = (element.get(name) for name in LIST_DATA)
        urls = [elements.url_in(page, value) for value in values if value]
        url = next((each for each in urls if each and elements.playable(type_of(each))), None)
        if url:
            found.append(
                MediaItem(
                    url,
                    type_of(url),
                    title=element.get("data-title") or elements.text_of(element),
                    artist=element.get("data-artist") or element.get("data-author"),
                    origin=f"<{element.tag!s}> of a playlist",
                )
            )
    return _numbered(page, found)


# Sources in scripts


def _from_script(page: Page, text: str, where: str) -> list[MediaItem]:
    """The sources of a player, and the playlists, that a script holds as data."""
    source = javascript.read(text)
    found: list[MediaItem] = []
    for assignment in source.assignments("source"):
        found += _entries(page, assignment.value, f"{where}: {assignment.path}")
    for call in source.calls("Plyr"):
        for argument in call.args[1:]:
            found += _entries(page, argument, f"{where}: new Plyr")
    for literal in source.literals():
        found += _entries(page, literal, where)
    return found


def _entries(page: Page, value: Any, where: str) -> list[MediaItem]:
    """The items of a literal: an entry, a list of entries, or something that holds them."""
    if isinstance(value, dict):
        item = _entry(page, value, where)
        if item is not None:
            return [item, *_captions(page, value, where)]
        return [item for inner in value.values() for item in _entries(page, inner, where)]
    if not isinstance(value, list):
        return []
    own = [_entry(page, each, where) for each in value]
    if any(own):
        return _numbered(page, [item for item in own if item is not None])
    return [item for inner in value for item in _entries(page, inner, where)]


def _entry(page: Page, value: Any, where: str) -> MediaItem | None:
    """One track of a list: its address as text, or an object with an address and more."""
    renditions = _renditions(page, value)
    if not renditions:
        return None
    best = max(renditions, key=lambda each: each.height or 0)
    about = value if isinstance(value, dict) else {}
    thumbnail = _text(about, THUMBNAILS)
    duration = about.get("duration")
    return MediaItem(
        best.url,
        best.type,
        mime=best.mime,
        height=best.height,
        title=_text(about, TITLES),
        artist=_text(about, ARTISTS),
        duration=float(duration) if isinstance(duration, int | float) else None,
        thumbnail=page.absolute(thumbnail) if thumbnail else None,
        alternatives=tuple(each for each in renditions if each.url != best.url),
        origin=where,
    )


def _renditions(page: Page, value: Any) -> list[Alternative]:
    """The addresses of one thing: itself, its `sources`, or one under a name for each format."""
    if isinstance(value, str):
        url = elements.url_in(page, value) if len(value) < 2048 else None
        kind = elements.playable(type_of(url)) if url else None
        return [Alternative(url, type=kind)] if url and kind else []
    if not isinstance(value, dict):
        return []
    found: list[Alternative] = []
    for key in SOURCES:
        inner = value.get(key)
        if isinstance(inner, list):
            found += [each for part in inner for each in _renditions(page, part)]
        elif inner is not None:
            found += [_described(each, value) for each in _renditions(page, inner)]
    return list({each.url: each for each in found}.values())


def _described(rendition: Alternative, value: dict[str, Any]) -> Alternative:
    """A rendition with the `type` and `size` that stand beside its address."""
    mime, size = value.get("type"), value.get("size")
    label = value.get("label")
    return replace(
        rendition,
        mime=mime if isinstance(mime, str) and "/" in mime else rendition.mime,
        height=size if isinstance(size, int) and 0 < size < 10_000 else rendition.height,
        label=f"{size}p" if isinstance(size, int) else label if isinstance(label, str) else None,
    )


def _captions(page: Page, value: dict[str, Any], where: str) -> Iterator[MediaItem]:
    """The subtitles of a source: `tracks: [{kind, label, srclang, src}]`."""
    tracks = value.get("tracks")
    for track in tracks if isinstance(tracks, list) else ():
        about = track if isinstance(track, dict) else {}
        url = page.absolute(str(about.get("src", "")))
        if url and "kind" in about:
            language = _text(about, ("srclang", "srcLang"))
            yield MediaItem(
                url, "other", title=_text(about, ("label",)), language=language, origin=where
            )


def _numbered(page: Page, items: list[MediaItem]) -> list[MediaItem]:
    """The entries of one list with their places in it. One alone has none."""
    unique = list({item.url: item for item in items}.values())
    if len(unique) < 2:
        return unique
    return [
        replace(item, position=place, total=len(unique), album=page.title)
        for place, item in enumerate(unique, start=1)
    ]


def _text(about: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    """The first of these entries that is text."""
    for key in keys:
        value = about.get(key)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
    return None


def _own_scripts(page: Page) -> list[str]:
    """Script files of the page's own site that are no library."""
    site = page.final_url.split("/", 3)[:3]
    found = page.urls("script", "src")
    return [url for url in found if url.split("/", 3)[:3] == site and not LIBRARIES.search(url)]


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `plyr`."""
    return [Plyr()]
