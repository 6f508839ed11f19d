"""What may stand before the packets or boxes of a segment, and is no part of them.

Streams are put on hosts that take only pictures: there each segment stands behind a small one,
whole or only its first bytes, filled up or not. Scripts send line ends and byte order marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .containers import HEAD, detect_container

_NEAR = 5 * 188  # bytes in which web players look for the first packet (hls.js, TSDemuxer)
_BLANK = re.compile(rb"(?:\xef\xbb\xbf|[ \t\r\n\0])+")
# What a container may begin with: a sync byte, a tag, or the type of a first box.
_BEGINS = re.compile(rb"\x47|ID3|ftyp|moof|moov|prft|sidx|styp|emsg")
PNG = b"\x89PNG\r\n\x1a\n"


def find_media(body: bytes, size: int, *, is_decrypted: bool) -> tuple[int, str] | None:
    """Return where media begin behind something else, and their container; None: nowhere.

    body: the first bytes of a segment of `size` bytes, or all of them
    is_decrypted: then a first packet that makes no sense was decrypted wrongly, and is none that
                  could be passed over
    """
    for at in _list_places(body, is_decrypted):
        reach = len(body) if body[at : at + 3] == b"ID3" else at + HEAD  # tags hold whole pictures
        kind = detect_container(body[at:reach], size - at)
        if kind is not None:
            return at, kind
    return None


def find_picture_end(body: bytes) -> int:
    """Return where the picture ends that a body begins with; 0: it begins with none."""
    for magic, find_end in _PICTURES.items():
        if body.startswith(magic):
            return min(find_end(body), len(body))
    return 0


def _list_places(body: bytes, is_decrypted: bool) -> Iterator[int]:
    """Yield the places where media may begin, in order."""
    picture = find_picture_end(body)
    blank = _BLANK.match(body, picture)
    near = _NEAR if picture or blank or not is_decrypted else 187
    # From the start on, as a picture may be cut off, and its header say more.
    for first in dict.fromkeys((0, picture)):
        for found in _BEGINS.finditer(body, first, first + near + 8):
            for each in (found.start() - 4, found.start()):
                if first <= each <= first + near:
                    yield each
    yield picture
    if blank:
        yield blank.end()


def _end_png(body: bytes) -> int:
    """Follow the chunks of a PNG up to its last one (PNG, 5.3)."""
    at = len(PNG)
    while at + 8 <= len(body):
        kind = body[at + 4 : at + 8]
        if not kind.isalpha() or (at == len(PNG)) != (kind == b"IHDR"):  # not all of a picture
            return at
        at += 12 + int.from_bytes(body[at : at + 4], "big")
        if kind == b"IEND":
            break
    return at


def _end_gif(body: bytes) -> int:
    """Follow the blocks of a GIF up to its trailer (GIF 89a, appendix A)."""

    def table_at(flags: int) -> int:
        return 3 << (flags & 7) + 1 if flags & 0x80 else 0

    if len(body) < 13:
        return len(body)
    at = 13 + table_at(body[10])
    while at + 10 < len(body) and body[at] in b"\x21\x2c":
        at += 2 if body[at] == 0x21 else 11 + table_at(body[at + 9])
        while at < len(body) and body[at]:
            at += body[at] + 1
        at += 1
    return at + 1 if body[at : at + 1] == b";" else at


def _end_jpeg(body: bytes) -> int:
    """Follow the segments of a JPEG up to its end marker (ITU T.81, B.1.1)."""
    at = 2
    while body[at : at + 1] == b"\xff" and at + 4 <= len(body):
        if body[at + 1] == 0xD9:
            return at + 2
        length = int.from_bytes(body[at + 2 : at + 4], "big")
        if body[at + 1] == 0xDA:  # what is compressed follows, in which no such marker occurs
            end = body.find(b"\xff\xd9", at + 2 + length)
            return end + 2 if end >= 0 else len(body)
        at += 2 + length
    return at


def _end_bmp(body: bytes) -> int:
    """Return what the header of a BMP says; no more than its head where that is beyond the end."""
    size = int.from_bytes(body[2:6], "little")
    return size if 26 <= size < len(body) else min(54, len(body))


def _end_riff(body: bytes) -> int:
    """Return what the header of a WebP says."""
    return 8 + int.from_bytes(body[4:8], "little") if body[8:12] == b"WEBP" else 0


_PICTURES: dict[bytes, Callable[[bytes], int]] = {
    PNG: _end_png,
    b"GIF8": _end_gif,
    b"\xff\xd8\xff": _end_jpeg,
    b"BM": _end_bmp,
    b"RIFF": _end_riff,
}
