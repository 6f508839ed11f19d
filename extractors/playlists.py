"""Playlists of plain files, when the page itself is one: M3U, PLS and XSPF.

The playlists of HTTP live streaming are M3U as well, but their entries are parts of one thing:
they are not read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from reelin import (
    Alternative,
    Extractor,
    Link,
    MediaItem,
    Page,
    elements,
    extension,
    hookimpl,
    playlist,
    type_of,
)

NESTED = ("m3u", "pls", "xspf")
LONGEST_TITLE = 300


class Playlists(Extractor):
    """The tracks of M3U, PLS and XSPF playlists, in their order."""

    name = "playlists"
    finds = "<playlist><trackList><track><location>1.mp3</location></track></trackList></playlist>"

    live: Annotated[bool, "also radio and other streams that may never end"] = False

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what a playlist plays; nothing on other pages, and of HTTP live streaming."""
        kind, tracks = playlist.tracks_of(page)
        items = [item for track in tracks for item in _item(page, track, kind)]
        total = sum(extension(item.url) not in NESTED for item in items)
        number = 0
        for item in items:
            if extension(item.url) in NESTED:
                yield Link(item.url, item.origin, offsite=True)
                continue
            number += 1
            if total > 1:
                item = replace(item, position=number, total=total)
            yield replace(item, noise=None) if self.live else item


def _item(page: Page, track: playlist.PlaylistTrack, kind: str) -> Iterator[MediaItem]:
    """A track as an item; nothing where no address is one."""
    urls = [url for each in track.addresses if (url := elements.url_in(page, each))]
    if not urls:
        return
    length = track.length or 0
    endless = length < 0 and type_of(urls[0]) is None
    yield MediaItem(
        urls[0],
        type_of(urls[0]),
        title=_fold(track.title),
        artist=_fold(track.artist),
        album=_fold(track.album),
        duration=length if length > 0 else None,
        thumbnail=elements.url_in(page, track.thumbnail),
        alternatives=tuple(Alternative(url) for url in dict.fromkeys(urls[1:])),
        origin=kind,
        noise="perhaps a stream that never ends" if endless else None,
    )


def _fold(text: str) -> str | None:
    return " ".join(text.split())[:LONGEST_TITLE] or None


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `playlists`."""
    return [Playlists()]
