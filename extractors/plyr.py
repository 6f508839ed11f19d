"""Plyr players: their markup, and the sources and track lists that scripts give them.

Plyr (https://plyr.io) takes <video> and <audio> elements as they are, YouTube and Vimeo by
`data-plyr-provider`, and whatever a script assigns to `player.source`. Audiobooks keep their
chapters in an array of a script, or in data attributes of a list.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from reelin import (
    Extractor,
    FetchError,
    Link,
    MediaItem,
    Page,
    Scripts,
    UsageError,
    elements,
    hookimpl,
    tracks,
    type_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

PLAYERS = "[data-plyr-provider], [data-plyr-config], [class*=plyr], .js-player"
MEDIA = "video, audio"
# The attributes of elements that are no players, by which playlists are written in markup.
DATA = "//@*[starts-with(name(), 'data-')] | //option/@value"
NO_ENTRIES = ("video", "audio", "source", "track", "img", "script", "iframe", "embed", "object")
USE = re.compile(r"\bPlyr\s*[.(]|\bplyr\.setup\b")
# Files that are known to hold no page's own tracks.
LIBRARY = re.compile(
    r"(?:plyr|jquery|bootstrap|hls|dash|popper|vue|react|polyfills?|modernizr|analytics|gtag|gtm)"
    r"(?:[.-](?:\d[\w.]*|all|bundle|core|global|light|polyfilled|prod|slim|min))*\.m?js$",
    re.IGNORECASE,
)


class Plyr(Extractor):
    """Plyr players: audio and video, qualities, subtitles, audiobook chapters and playlists."""

    name = "plyr"
    finds = '<video class="plyr"><source src="cats.mp4" size="720"></video>'

    max_scripts: Annotated[int, "script files of the site that are read for sources"] = 3

    async def extract(self, page: Page) -> AsyncIterator[MediaItem | Link]:
        """Yield what the players of a page play; nothing on a page without Plyr."""
        if not page.is_markup or not await asyncio.to_thread(_has_plyr, page):
            return
        found = await asyncio.to_thread(_on_page, page)
        for each in found:
            yield each
        if any(isinstance(each, Link) or each.type != "other" for each in found):
            return
        # A player without a source: a script file of the site's own must give it one.
        files = []
        for url in _own_scripts(page)[: max(0, self.max_scripts)]:
            try:
                files.append((url, (await page.get(url)).text))
            except FetchError:
                continue  # a script that is gone gives no player a source either
        for each in await asyncio.to_thread(_in_files, page, files):
            yield each


def _has_plyr(page: Page) -> bool:
    if "plyr" not in page.text.lower():
        return False
    if page.select(PLAYERS) or any(USE.search(script.text) for script in page.scripts):
        return True
    return any("plyr" in url.lower() for url in page.urls("script", "src"))


def _on_page(page: Page) -> list[MediaItem | Link]:
    """What markup and inline scripts hold."""
    titles = _titles(page)
    found: list[MediaItem | Link] = []
    for element in page.select(MEDIA):
        for item in elements.player_items(page, element):
            found.append(_titled(item, titles.get(element)))
    found += _embeds(page)
    found += _list_entries(page)
    return found + _in_scripts(page, page.data)


# Players in markup


def _titles(page: Page) -> Mapping[_Element, str]:
    """The titles that `new Plyr('#player', {title: …})` and `data-plyr-config` give elements."""
    titles: dict[_Element, str] = {}
    for _, call in page.data.calls("Plyr"):
        selector, config = (*call.args, None, None)[:2]
        if isinstance(selector, str) and _title_in(config):
            titles.update(dict.fromkeys(_selected(page, selector), _title_in(config)))
    for element in page.select("[data-plyr-config]"):
        title = _title_in(_json(element.get("data-plyr-config", "")))
        if title:
            titles[element] = title
    return titles


def _titled(item: MediaItem, title: str | None) -> MediaItem:
    return replace(item, title=title) if title and item.type != "other" else item


def _title_in(config: Any) -> str:
    title = config.get("title") if isinstance(config, dict) else None
    return " ".join(title.split()) if isinstance(title, str) else ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _selected(page: Page, selector: str) -> list[_Element]:
    try:
        return page.select(selector)
    except UsageError:
        return []  # a browser would not find a player by it either


def _embeds(page: Page) -> Iterator[Link]:
    """Videos of YouTube and Vimeo that a Plyr plays."""
    for element in page.select("[data-plyr-embed-id]"):
        provider = element.get("data-plyr-provider", "")
        url = tracks.embedded(provider, element.get("data-plyr-embed-id", ""))
        if url:
            yield Link(url, origin="data-plyr-embed-id")
    for url in page.urls(".plyr__video-embed iframe", "src"):
        yield Link(url, origin=".plyr__video-embed iframe")


# Playlists in data attributes


def _list_entries(page: Page) -> list[MediaItem | Link]:
    """Elements that carry the address of a track: `<li data-src="1.mp3">Chapter 1`."""
    entries = []
    found: list[MediaItem | Link] = []
    for element, data in _with_data(page).items():
        for value in data.values():
            if value[:1] in ("[", "{"):
                found += tracks.in_text(page, value, f"data of <{element.tag!s}>")
        entry = _list_entry(page, element, data)
        if entry:
            entries.append(entry)
    return [*tracks.read(page, entries, "playlist in data attributes"), *found]


def _with_data(page: Page) -> Mapping[_Element, Mapping[str, str]]:
    """The elements with data attributes that are no players, and these without `data-`."""
    found: dict[_Element, dict[str, str]] = {}
    for value in page.tree.xpath(DATA):
        element, name = value.getparent(), str(value.attrname).removeprefix("data-")
        if element.tag not in NO_ENTRIES and not name.startswith("plyr-"):
            found.setdefault(element, {})[name] = value.strip()
    return found


def _list_entry(page: Page, element: _Element, data: Mapping[str, str]) -> dict[str, str]:
    """The data of one element as an object like those of scripts; empty if it is no track."""
    addresses = {name: value for name, value in data.items() if _is_track(page, value)}
    if not addresses:
        return {}
    entry = {"text": elements.text_of(element) or "", **data}
    if not any(name in tracks.SOURCES for name in addresses):
        entry["src"] = next(iter(addresses.values()))
    return entry


def _is_track(page: Page, value: str) -> bool:
    if "." not in value or len(value) > 4096:
        return False
    url = elements.url_in(page, value)
    return url is not None and elements.playable(type_of(url)) is not None


# Sources in scripts


def _in_scripts(page: Page, found: Scripts) -> list[MediaItem | Link]:
    """What scripts list, and what they give to players."""
    items = [*found.lists]
    for where, assignment in found.assignments("source"):
        items += tracks.read(page, assignment.value, where)
    for where, call in found.calls("Plyr"):
        for argument in call.args[1:]:
            items += tracks.read(page, argument, where)
    return items


def _in_files(page: Page, files: Sequence[tuple[str, str]]) -> list[MediaItem | Link]:
    return _in_scripts(page, Scripts(page, files)) if files else []


def _own_scripts(page: Page) -> list[str]:
    """Script files of the page's own site that are no library, if there is a player for them."""
    if not page.select(f"{PLAYERS}, {MEDIA}"):
        return []
    return [
        url
        for url in page.urls("script", "src")
        if page.has_origin_of(url) and not LIBRARY.match(url.rpartition("/")[2])
    ]


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `plyr`."""
    return [Plyr()]
