"""Plyr players: their markup, and the sources and track lists that scripts give them.

Plyr (https://plyr.io) takes <video> and <audio> elements as they are, YouTube and Vimeo by
`data-plyr-provider`, and whatever a script assigns to `player.source`. Audiobooks keep their
chapters in an array of a script, or in data attributes of a list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reelin import (
    Extractor,
    Link,
    MediaItem,
    Page,
    Player,
    UsageError,
    elements,
    hookimpl,
    tracks,
    type_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

PLAYERS = "[data-plyr-provider], [data-plyr-config], [class*=plyr], .js-player"
# The attributes of elements that are no players, by which playlists are written in markup.
DATA = "//@*[starts-with(name(), 'data-')] | //option/@value"
NO_ENTRIES = ("video", "audio", "source", "track", "img", "script", "iframe", "embed", "object")


class Plyr(Player):
    """Plyr players: audio and video, qualities, subtitles, audiobook chapters and playlists."""

    name = "plyr"
    finds = '<video class="plyr"><source src="cats.mp4" size="720"></video>'
    marks = ("plyr",)
    plays_in = f"{PLAYERS}, video, audio"
    calls = ("Plyr",)
    assignments = ("source",)

    def is_on(self, page: Page) -> bool:
        """A page that only writes about it has neither its elements nor its scripts."""
        return super().is_on(page) and bool(page.select(PLAYERS) or page.data.loads(self.marks))

    def given(self, args: tuple[Any, ...]) -> Iterable[Any]:
        """`new Plyr('#player', {…})`: what stands behind the element."""
        return args[1:]

    def in_markup(self, page: Page) -> Iterator[MediaItem | Link]:
        """The elements that become players, embedded videos, and playlists in attributes."""
        titles = _titles(page)
        for element in page.select("video, audio"):
            for item in elements.player_items(page, element):
                title = titles.get(element) if item.type != "other" else None
                yield replace(item, title=title) if title else item
        for element in page.select("[data-plyr-embed-id]"):
            provider = element.get("data-plyr-provider", "")
            url = tracks.page_of_video(provider, element.get("data-plyr-embed-id", ""))
            if url:
                yield Link(url, origin="data-plyr-embed-id")
        for url in page.urls(".plyr__video-embed iframe", "src"):
            yield Link(url, origin=".plyr__video-embed iframe")
        yield from _playlists(page)


def _titles(page: Page) -> Mapping[_Element, str]:
    """The titles that `new Plyr('#player', {title: …})` and `data-plyr-config` give elements."""
    titles: dict[_Element, str] = {}
    for _, call in page.data.calls("Plyr"):
        selector, config = (*call.args, None, None)[:2]
        if isinstance(selector, str) and _title_in(config):
            titles.update(dict.fromkeys(_select(page, selector), _title_in(config)))
    for element in page.select("[data-plyr-config]"):
        title = _title_in(_json(element.get("data-plyr-config", "")))
        if title:
            titles[element] = title
    return titles


def _title_in(config: Any) -> str:
    title = config.get("title") if isinstance(config, dict) else None
    return " ".join(title.split()) if isinstance(title, str) else ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _select(page: Page, selector: str) -> list[_Element]:
    try:
        return page.select(selector)
    except UsageError:
        return []  # a browser would not find a player by it either


def _playlists(page: Page) -> list[MediaItem | Link]:
    """Elements that carry the address of a track: `<li data-src="1.mp3">Chapter 1`."""
    entries = []
    found: list[MediaItem | Link] = []
    for element, data in _with_data(page).items():
        for value in data.values():
            if value[:1] in ("[", "{"):
                found += tracks.in_text(page, value, f"data of <{element.tag!s}>")
        addresses = {name: value for name, value in data.items() if _is_track(page, value)}
        if addresses:
            entry = {"text": elements.text_of(element) or "", **data}
            if not any(name in tracks.SOURCES for name in addresses):
                entry["src"] = next(iter(addresses.values()))
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


def _is_track(page: Page, value: str) -> bool:
    if "." not in value or len(value) > 4096:
        return False
    url = elements.url_in(page, value)
    return url is not None and elements.playable(type_of(url)) is not None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `plyr`."""
    return [Plyr()]
