"""What the bytes of a segment are: the containers of HLS (RFC 8216bis, 3.1), told by their start.

Each is told by a chain: packets of one size, boxes that lead to boxes, frames that lead to frames.
A single letter is not enough: the first byte of each MPEG-TS packet is a G.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from ...model.sniff import is_binary
from .audio_frames import FRAMES, Measure, skip_id3

HEAD = 1 << 14  # bytes that tell what a segment is, unless something stands before them
# Bytes of a packet, and where in it the sync byte is: alone, with a time before it (BDAV), with a
# checksum behind it (DVB).
PACKETS = {"ts": (188, 0), "m2ts": (192, 4), "ts204": (204, 0)}
BOXES = frozenset(
    b"emsg free ftyp mdat meta mfra moof moov pdin prft sidx skip ssix styp uuid wide".split()
)
# Gives some bytes of a segment from a place on, 16 or more if there are as many.
Read: TypeAlias = Callable[[int], bytes]

_SYNC = 0x47
_PACKETS_AT_LEAST = 8  # in sequence, or all that there are
_FRAMES_AT_LEAST = 3
_BOXES_AT_MOST = 16  # that are looked at


def detect_container(start: bytes, size: int) -> str | None:
    """Return the container of a segment: `mp4`, a key of `PACKETS` or of `FRAMES`; or None.

    start: its first bytes, `HEAD` of them or more
    size:  how many there are in all
    """
    if _is_mp4(start, size):
        return "mp4"
    for kind, (packet, sync) in PACKETS.items():
        if _is_packets(start, packet, sync):
            return kind
    at = skip_id3(start)
    for kind, measure in FRAMES.items():
        if _is_frames(start, at, size, measure):
            return kind
    return None


def find_whole(kind: str, size: int, read: Read) -> int:
    """Return where the last whole packet, box or frame of a segment ends.

    kind: its container; `size`: its bytes; `read` gives some of them from a place on
    """
    if kind in PACKETS:
        packet, sync = PACKETS[kind]
        end = size - size % packet
        return end if end and read(end - packet + sync)[0] == _SYNC else 0
    at = end = 0 if kind == "mp4" else skip_id3(read(0))
    measure = _measure_box if kind == "mp4" else FRAMES[kind]
    for each in _follow(measure, read, at):
        if each > size:
            break
        end = each
    return end


def is_whole_file(read: Read) -> bool:
    """Whether MP4 describes its own tracks (`moov`): then no other segment goes on in it."""
    at = 0
    for end in _follow(_measure_box, read, at):
        if read(at)[4:8] == b"moov":
            return True
        at = end
    return False


def _is_packets(start: bytes, packet: int, sync: int) -> bool:
    """Whether bytes are MPEG-TS packets, with a table of what is in them (PAT) among the first.

    A segment that goes on where the one before ended may have none: then there have to be more
    packets, and their headers have to make sense (ISO 13818-1, 2.4.3.2).
    """
    places = range(sync, len(start) - packet + sync + 1, packet)
    enough = min(_PACKETS_AT_LEAST, len(places))
    has_table, is_sane = False, True
    for count, at in enumerate(places, start=1):
        if start[at] != _SYNC:
            return False if count <= enough else is_sane and is_binary(start)
        has_table = has_table or (start[at + 1] & 0x1F == 0 and start[at + 2] == 0)
        if has_table and count >= enough:
            return True
        flags = start[at + 3]
        is_sane = is_sane and start[at + 1] < 0x80 and flags < 0x40 and flags & 0x30 != 0
    return len(places) >= _PACKETS_AT_LEAST and is_sane and is_binary(start)


def _is_mp4(start: bytes, size: int) -> bool:
    """Whether bytes are boxes that lead to boxes, none of which is longer than there are bytes."""
    at = 0
    for number, end in enumerate(_follow(_measure_box, lambda at: start[at : at + 16], 0)):
        if start[at + 4 : at + 8] not in BOXES or end > size:
            return False
        at = end
        if at >= len(start) - 8 or number == _BOXES_AT_MOST:
            return True
    goes_on = start[at : at + 4] == bytes(4)  # to the end, wherever that is
    return goes_on and start[at + 4 : at + 8] in BOXES


def _measure_box(head: bytes) -> int:
    """Return the length of a box by its first bytes (ISO 14496-12, 4.2); 0: it does not say."""
    if len(head) < 8:
        return 0
    size, least = int.from_bytes(head[:4], "big"), 8
    if size == 1:
        size, least = int.from_bytes(head[8:16], "big"), 16
    return size if size >= least else 0


def _is_frames(start: bytes, at: int, size: int, measure: Measure) -> bool:
    """Whether frames follow each other from a place on, some of them or all that there are."""
    frames = _follow(measure, lambda at: start[at : at + 8], at)
    return any(
        number == _FRAMES_AT_LEAST or end == size for number, end in enumerate(frames, start=1)
    )


def _follow(measure: Measure, read: Read, at: int) -> Iterator[int]:
    """Yield where each box or frame ends, one behind the other."""
    while length := measure(read(at)):
        at += length
        yield at
