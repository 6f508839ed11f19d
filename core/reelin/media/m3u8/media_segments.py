"""Media segments as values, each with the key and the initialization section that it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .attributes import ByteRange
from .encryption import Key, choose_key


@dataclass(frozen=True, slots=True)
class Map:
    """EXT-X-MAP (4.4.4.5): the initialization section that segments need before them.

    keys:   those in force where the tag stands: how it is encrypted itself
    number: the media sequence number of the segment after it
    """

    uri: str
    byterange: ByteRange | None = None
    keys: tuple[Key, ...] = ()
    number: int = field(default=0, compare=False)

    @property
    def key(self) -> Key | None:
        """The key that decrypts it, if `keys` holds one that is no DRM system's."""
        return choose_key(self.keys)

    @property
    def iv(self) -> bytes:
        """The IV that decrypts it: it must be explicit by 4.4.4.5; where it is not, `number`.

        That is what players do, and a playlist's notes say so. A wrong IV spoils the first box.
        """
        return _choose_iv(self.key, self.number)


@dataclass(frozen=True, slots=True)
class Part:
    """EXT-X-PART (4.4.4.9): a piece of a segment, announced before the segment is whole."""

    uri: str
    duration: float | None = None
    byterange: ByteRange | None = None
    independent: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A media segment, with all that its playlist says of it (4.4.4).

    uri:       absolute URL; empty only for a gap without one
    number:    media sequence number
    duration:  seconds; None where that is not known
    title:     the text behind EXTINF's comma
    byterange: the part of the resource that it is, its start always known; None: all of it
    keys:      in force, one per KEYFORMAT; empty: not encrypted
    map:       the initialization section that it needs
    discontinuity: discontinuity sequence number; timestamps and codecs go on only within one
    gap:       EXT-X-GAP: the bytes are missing, and are not to be fetched
    date:      EXT-X-PROGRAM-DATE-TIME of its first sample, where it stands before this segment
    bitrate:   bits per second, of EXT-X-BITRATE
    parts:     those that it was announced in
    """

    uri: str
    number: int
    duration: float | None = None
    title: str = ""
    byterange: ByteRange | None = None
    keys: tuple[Key, ...] = ()
    map: Map | None = None
    discontinuity: int = 0
    gap: bool = False
    date: datetime | None = None
    bitrate: int | None = None
    parts: tuple[Part, ...] = ()

    @property
    def key(self) -> Key | None:
        """The key that decrypts it, if `keys` holds one that is no DRM system's."""
        return choose_key(self.keys)

    @property
    def iv(self) -> bytes:
        """The IV that decrypts it: its key's own, else its number as 128 bits (5.2)."""
        return _choose_iv(self.key, self.number)


def _choose_iv(key: Key | None, number: int) -> bytes:
    return key.iv if key and key.iv is not None else (number % (1 << 128)).to_bytes(16, "big")
