"""Playlists of plain files, as players write them: M3U, PLS and XSPF, read into tracks.

M3U is a line for each address, with what is known of it in comments before (`#EXTINF:123,Title`);
PLS is an INI file (`File1=…`, `Title1=…`), XSPF (https://xspf.org) is XML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model.media_types import M3U, extension
from .. import xml
from ..document import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

_STREAM = "#EXT-X-"  # a playlist of HTTP live streaming: its entries are parts of one thing
_EXTINF = re.compile(r"#EXTINF:\s*(-?\d{1,9}(?:\.\d{1,9})?)?", re.ASCII | re.IGNORECASE)
_ATTRIBUTE = re.compile(r'([\w-]{1,40})="([^"]*)"')
_PLS = re.compile(r"(file|title|length)(\d{1,6})\s*=(.*)", re.ASCII | re.IGNORECASE)
_SECONDS = re.compile(r"-?\d{1,9}", re.ASCII)
_MILLISECONDS = re.compile(r"\d{1,12}", re.ASCII)
_LONGEST_LINE = 8192


@dataclass(slots=True)
class PlaylistTrack:
    """A track of a playlist. Its length is in seconds; below 0 for a stream without end.

    addresses: of the same in one or several formats, as they are written
    """

    addresses: Sequence[str] = ()
    title: str = ""
    artist: str = ""
    album: str = ""
    thumbnail: str = ""
    length: float | None = None


def tracks_of(page: Document) -> tuple[str, list[PlaylistTrack]]:
    """The kind of playlist that a page is, and its tracks; empty for any other page."""
    start = page.text[:4096].lstrip()
    if start.startswith("#EXTM3U") or page.mime in M3U or extension(page.url) == "m3u":
        return "M3U", [] if _STREAM in page.text or start.startswith("<") else _m3u(page.text)
    if start[:10].lower() == "[playlist]":
        return "PLS", _pls(page.text)
    if start.startswith("<") and "<playlist" in start:
        return "XSPF", _xspf(page.text)
    return "", []


def _m3u(text: str) -> list[PlaylistTrack]:
    tracks = []
    album = ""
    track = PlaylistTrack()
    for line in text.splitlines():
        line = line.strip()
        name, _, value = line.partition(":")
        if not line or len(line) > _LONGEST_LINE:
            continue
        if not line.startswith("#"):
            track.addresses = (line,)
            track.album = track.album or album
            tracks.append(track)
            track = PlaylistTrack()
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


def _read_extinf(track: PlaylistTrack, line: str) -> None:
    """`#EXTINF:123 tvg-logo="a.png",Title`: seconds, attributes, title."""
    found = _EXTINF.match(line)
    rest = line[found.end() :] if found else line
    attributes = dict(_ATTRIBUTE.findall(rest))
    track.length = float(found[1]) if found and found[1] else None
    track.title = _ATTRIBUTE.sub("", rest).partition(",")[2] or attributes.get("tvg-name", "")
    track.thumbnail = attributes.get("tvg-logo", "")


def _pls(text: str) -> list[PlaylistTrack]:
    """`File1=…`, `Title1=…`, `Length1=…`, in any order."""
    tracks: dict[int, PlaylistTrack] = {}
    for line in text.splitlines():
        found = _PLS.match(line.strip()[:_LONGEST_LINE])
        if found is None:
            continue
        track = tracks.setdefault(int(found[2]), PlaylistTrack())
        key, value = found[1].lower(), found[3].strip()
        if key == "file":
            track.addresses = (value,)
        elif key == "title":
            track.title = value
        elif _SECONDS.fullmatch(value):
            track.length = float(value)
    return [tracks[number] for number in sorted(tracks)]


def _xspf(text: str) -> list[PlaylistTrack]:
    """`<playlist><trackList><track><location>…`, with the formats of a track as locations."""
    root = xml.parse_xml(text)
    if root is None or xml.name_of(root) != "playlist":
        return []
    about = xml.children(root)
    lists = about.get("tracklist", ())
    return [
        _xspf_track(each, about)
        for tracklist in lists
        for each in tracklist
        if xml.name_of(each) == "track"
    ]


def _xspf_track(element: _Element, playlist: Mapping[str, Sequence[_Element]]) -> PlaylistTrack:
    about = xml.children(element)
    length = xml.text_in(about, "duration") or ""
    return PlaylistTrack(
        addresses=[each.text or "" for each in about.get("location", ())],
        title=xml.text_in(about, "title") or "",
        artist=xml.text_in(about, "creator") or xml.text_in(playlist, "creator") or "",
        album=xml.text_in(about, "album") or xml.text_in(playlist, "title") or "",
        thumbnail=xml.text_in(about, "image") or xml.text_in(playlist, "image") or "",
        length=int(length) / 1000 if _MILLISECONDS.fullmatch(length) else None,
    )
