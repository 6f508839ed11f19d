"""Frames of audio without a container: how long each is, by its header."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

# The length in bytes of the frame that begins with these bytes; 0: none does.
Measure: TypeAlias = Callable[[bytes], int]

_ID3_HEAD = 10
# Kilobits per second by layer, in steps of the header's field (ISO 11172-3, 2.4.2.3; 13818-3).
_MPEG1_RATES = (
    (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
)
_MPEG2_RATES = (
    (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_MPEG_SAMPLING = (44_100, 48_000, 32_000)  # of MPEG-1; half of it in MPEG-2, a quarter in 2.5
# Kilobits per second of AC-3 (ETSI TS 102 366, table 4.13).
_AC3_RATES = (
    32,
    40,
    48,
    56,
    64,
    80,
    96,
    112,
    128,
    160,
    192,
    224,
    256,
    320,
    384,
    448,
    512,
    576,
    640,
)
_AC3_SAMPLING = (48_000, 44_100, 32_000)


def skip_id3(start: bytes) -> int:
    """Return where the ID3 tags at the start of a body end (ID3v2.4, 3.1); 0: there are none."""
    at = 0
    while start[at : at + 3] == b"ID3" and len(start) >= at + _ID3_HEAD:
        size = 0
        for each in start[at + 6 : at + _ID3_HEAD]:  # seven bits each
            size = size << 7 | each & 0x7F
        at += _ID3_HEAD + size + (_ID3_HEAD if start[at + 5] & 0x10 else 0)
    return at


def measure_adts(head: bytes) -> int:
    """Return the length of an ADTS frame (ISO 14496-3, 1.A.2.2)."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] & 0x3C == 0x3C:
        return 0
    length = (head[3] & 0x03) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0


def measure_mpeg(head: bytes) -> int:
    """Return the length of a frame of MPEG audio, layer I to III (ISO 11172-3, 2.4.1.3)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)  # 3: MPEG-1, 2: MPEG-2, 0: 2.5
    step, sampling = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 4 or step in (0, 15) or sampling == 3:
        return 0
    rates = _MPEG1_RATES if version == 3 else _MPEG2_RATES
    hertz = _MPEG_SAMPLING[sampling] >> {3: 0, 2: 1, 0: 2}[version]
    bits = rates[layer - 1][step - 1] * 1000
    padding = head[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    samples = 72 if layer == 3 and version != 3 else 144
    return samples * bits // hertz + padding


def measure_ac3(head: bytes) -> int:
    """Return the length of a frame of AC-3 or E-AC-3 (ETSI TS 102 366, 4.4.1 and E.1.3.1)."""
    if len(head) < 6 or head[:2] != b"\x0b\x77":
        return 0
    if head[5] >> 3 > 10:  # bsid: E-AC-3
        return 2 * (((head[2] & 0x07) << 8 | head[3]) + 1)
    sampling, code = head[4] >> 6, head[4] & 0x3F
    if sampling == 3 or code >= 2 * len(_AC3_RATES):
        return 0
    words = _AC3_RATES[code >> 1] * 96_000 // _AC3_SAMPLING[sampling]
    return 2 * (words + (code & 1 if sampling == 1 else 0))


FRAMES: Mapping[str, Measure] = MappingProxyType(
    {"aac": measure_adts, "mp3": measure_mpeg, "ac3": measure_ac3}
)
