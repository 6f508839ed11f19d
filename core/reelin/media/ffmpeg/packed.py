"""Audio without a container, as HLS packs it: only an ID3 tag says when it begins.

RFC 8216bis, 3.1.4: the time of the first sample, on the clock of MPEG-TS.
"""

from __future__ import annotations

from pathlib import Path

from .probe import Probe

_CONTAINERS = frozenset(["aac", "ac3", "eac3", "mp3"])
_OWNER = b"com.apple.streaming.transportStreamTimestamp\0"
_CLOCK = 90_000
_LONGEST_TAG = 1 << 16  # bytes; more is an image, which has no place there


def is_packed(probe: Probe) -> bool:
    """Whether a file is such audio, which has no clock of its own."""
    return not _CONTAINERS.isdisjoint(probe.containers)


def read_start(path: Path) -> float | None:
    """Return the second at which such a file begins; None where it does not say so."""
    with path.open("rb") as file:
        head = file.read(_LONGEST_TAG)
    tag, found, rest = head.partition(_OWNER)
    if not tag.startswith(b"ID3") or not found or len(rest) < 8:
        return None
    return int.from_bytes(rest[:8], "big") % (1 << 33) / _CLOCK
