"""A text as a playlist: whether it is one, which kind it is, and what protects it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...model.urls import join
from .encryption import protection
from .master_playlist import read_master
from .media_playlist import read_media
from .reader import M3U8Error
from .values import Master, Media

MAX_LENGTH = 4 * 1024 * 1024

_VARIANTS = re.compile(r"^[ \t]*#EXT-X-STREAM-INF[ \t]*:", re.MULTILINE)
_MASTER_ONLY = re.compile(
    r"^[ \t]*#EXT-X-(?:MEDIA|I-FRAME-STREAM-INF|SESSION-DATA|SESSION-KEY|CONTENT-STEERING)[ \t]*:",
    re.MULTILINE,
)
_SEGMENTS = re.compile(r"^[ \t]*#(?:EXTINF|EXT-X-TARGETDURATION)[ \t]*:", re.MULTILINE)


def is_playlist(text: str) -> bool:
    """Whether a text is an HLS playlist, whatever its name and content type say.

    A list of songs begins with `#EXTM3U` too, but has none of HLS's own tags.
    """
    return text.lstrip("\ufeff \t\r\n").startswith("#EXTM3U") and "#EXT-X-" in text


def parse(text: str, url: str, variables: Mapping[str, str] | None = None) -> Master | Media:
    """Read a playlist. Raises `M3U8Error`.

    url:       its address after redirects, which its URIs are relative to
    variables: those of the multivariant playlist that led here (`Master.variables`)
    """
    base = join(url, url) if url.lower().startswith(("http://", "https://")) else None
    if base is None:
        raise M3U8Error(f"{url!r} is not an address of http or https", url=url)
    if len(text) > MAX_LENGTH:
        raise M3U8Error(f"The playlist {base} is larger than {MAX_LENGTH >> 20} MB", url=base)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    first = _find_first_tag(lines, base)
    if _is_master(text):
        return read_master(base, lines[first:], first + 1)
    return read_media(base, lines[first:], first + 1, variables or {})


def drm_of(playlist: Master | Media) -> tuple[str, ...]:
    """Name what protects a playlist that reelin has no key for; empty if it can be read.

    Names are `Widevine`, `FairPlay`, `PlayReady`, or the method (`SAMPLE-AES`). A multivariant
    playlist shows it by its session keys, which it need not list.
    """
    if isinstance(playlist, Master):
        return protection(playlist.session_keys)
    in_force = {id(each.keys): each.keys for each in playlist.segments}
    maps = {id(each.map): each.map for each in playlist.segments if each.map}
    in_force |= {id(each.keys): each.keys for each in maps.values()}
    return tuple(dict.fromkeys(name for keys in in_force.values() for name in protection(keys)))


def _find_first_tag(lines: list[str], url: str) -> int:
    """Return the index of the line where the playlist begins: that of its first tag.

    Raises `M3U8Error` where there is none, unless the text is empty.
    """
    for number, line in enumerate(lines):
        line = line.lstrip()
        if line.startswith("#EXT"):
            return number
        if line.startswith("<"):
            break
    else:
        if not any(map(str.strip, lines)):
            return 0
    raise M3U8Error(f"{url} is not a playlist: it does not begin with #EXTM3U", url=url)


def _is_master(text: str) -> bool:
    """Whether it is multivariant: with variants, or with the tags that go with them (4.1)."""
    if _VARIANTS.search(text):
        return True
    return bool(_MASTER_ONLY.search(text)) and not _SEGMENTS.search(text)
