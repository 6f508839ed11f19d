"""Playlists of plain files, when the page itself is one: M3U, PLS and XSPF.

M3U is a line for each address, with what is known of it in comments before (`#EXTINF:123,Title`);
PLS is an INI file (`File1=…`, `Title1=…`), XSPF is XML. The playlists of HTTP live streaming are
M3U as well, but their entries are parts of one thing: they are not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from reelin import (
    Alternative,
    Extractor,
    Link,
    MediaItem,
    Page,
    elements,
    extension,
    hookimpl,
    type_of,
    xml,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

M3U_TYPES = ("audio/x-mpegurl", "audio/mpegurl", "application/x-mpegurl")
NESTED = ("m3u", "pls", "xspf")
STREAMING = "#EXT-X-"
EXTINF = re.compile(r"#EXTINF:\s*(-?\d{1,9}(?:\.\d{1,9})?)?", re.IGNORECASE)
ATTRIBUTE = re.compile(r'([\w-]{1,40})="([^"]*)"')
PLS = re.compile(r"(file|title|length)(\d{1,6})\s*=(.*)", re.IGNORECASE)
LONGEST_LINE = 8192


class Playlists(Extractor):
    """The tracks of M3U, PLS and XSPF playlists, in their order."""

    name = "playlists"

    live: Annotated[bool, "also radio and other streams that may never end"] = False

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what a playlist plays; nothing on other pages, and of HTTP live streaming."""
        start = page.text[:4096].lstrip()
        if start.startswith("#EXTM3U") or page.mime in M3U_TYPES or extension(page.url) == "m3u":
            tracks = [] if STREAMING in page.text or start.startswith("<") else _m3u(page)
        elif start[:10].lower() == "[playlist]":
            tracks = _pls(page)
        elif start.startswith("<") and "<playlist" in start:
            tracks = _xspf(page)
        else:
            return
        items = [item for track in tracks for item in _item(page, track)]
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


@dataclass(slots=True)
class _Track:
    """What a playlist says of one track. A length below 0 is that of a stream without end."""

    where: str
    addresses: tuple[str, ...] = ()
    title: str = ""
    artist: str = ""
    album: str = ""
    thumbnail: str = ""
    length: float | None = None


def _item(page: Page, track: _Track) -> Iterator[MediaItem]:
    urls = [url for each in track.addresses if (url := elements.url_in(page, each))]
    if not urls:
        return
    endless = track.length is not None and track.length < 0 and type_of(urls[0]) is None
    yield MediaItem(
        urls[0],
        type_of(urls[0]),
        title=_folded(track.title),
        artist=_folded(track.artist),
        album=_folded(track.album),
        duration=track.length if track.length and track.length > 0 else None,
        thumbnail=elements.url_in(page, track.thumbnail),
        alternatives=tuple(Alternative(url) for url in dict.fromkeys(urls[1:])),
        origin=track.where,
        noise="perhaps a stream that never ends" if endless else None,
    )


def _folded(text: str) -> str | None:
    return " ".join(text.split())[:300] or None


def _m3u(page: Page) -> list[_Track]:
    tracks = []
    album = ""
    track = _Track("M3U")
    for line in page.text.splitlines():
        line = line.strip()
        name, _, value = line.partition(":")
        if not line or len(line) > LONGEST_LINE:
            continue
        if not line.startswith("#"):
            track.addresses = (line,)
            track.album = track.album or album
            tracks.append(track)
            track = _Track("M3U")
        elif name == "#EXTINF":
            _read_extinf(track, line)
        elif name == "#PLAYLIST":
            album = value
        elif name == "#EXTART":
            track.artist = value
        elif name == "#EXTALB":
            track.album = album = value
        elif name == "#EXTIMG":
            track.thumbnail = value
    return tracks


def _read_extinf(track: _Track, line: str) -> None:
    """`#EXTINF:123 tvg-logo="a.png",Title`: seconds, attributes, title."""
    found = EXTINF.match(line)
    rest = line[found.end() :] if found else line
    attributes = dict(ATTRIBUTE.findall(rest))
    track.length = float(found[1]) if found and found[1] else None
    track.title = ATTRIBUTE.sub("", rest).partition(",")[2] or attributes.get("tvg-name", "")
    track.thumbnail = attributes.get("tvg-logo", "")


def _pls(page: Page) -> list[_Track]:
    tracks: dict[int, _Track] = {}
    for line in page.text.splitlines():
        found = PLS.match(line.strip()[:LONGEST_LINE])
        if found is None:
            continue
        track = tracks.setdefault(int(found[2]), _Track("PLS"))
        key, value = found[1].lower(), found[3].strip()
        if key == "file":
            track.addresses = (value,)
        elif key == "title":
            track.title = value
        elif re.fullmatch(r"-?\d{1,9}", value, re.ASCII):
            track.length = float(value)
    return [tracks[number] for number in sorted(tracks)]


def _xspf(page: Page) -> list[_Track]:
    root = xml.parse_xml(page.text)
    if root is None or xml.name_of(root) != "playlist":
        return []
    about = xml.texts(root)
    return [
        _xspf_track(each, about)
        for holder in root
        if xml.name_of(holder) == "tracklist"
        for each in holder
        if xml.name_of(each) == "track"
    ]


def _xspf_track(element: _Element, playlist: Mapping[str, list[str]]) -> _Track:
    about = xml.texts(element)
    length = _first(about, "duration")
    return _Track(
        "XSPF",
        addresses=tuple(about.get("location", ())),
        title=_first(about, "title"),
        artist=_first(about, "creator") or _first(playlist, "creator"),
        album=_first(about, "album") or _first(playlist, "title"),
        thumbnail=_first(about, "image") or _first(playlist, "image"),
        length=int(length) / 1000 if re.fullmatch(r"\d{1,12}", length, re.ASCII) else None,
    )


def _first(texts: Mapping[str, Iterable[str]], name: str) -> str:
    return next(filter(None, texts.get(name, ())), "")


@hookimpl
def reelin_extractors() -> list[Extractor]:
    """The built-in `playlists`."""
    return [Playlists()]
