"""Reading segments: each address with the tags that stand before it (RFC 8216bis, 4.4.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from ...model.facts import date_in
from .attributes import ByteRange, parse_byte_range, parse_decimal, parse_integer
from .encryption import Key
from .media_segments import Map, Part, Segment
from .reader import PlaylistReader, is_yes

MAX_SEGMENTS = 200_000
MAX_KEY_FORMATS = 16

_PLAIN_EXTINF = re.compile(r"[ \t]*([0-9]{1,9}(?:\.[0-9]{0,20})?)[ \t]*(?:,(.*))?")
# As lists of TV stations write it: `-1 tvg-id="x" group="News, local",Title`.
_ODD_EXTINF = re.compile(r'[ \t]*([^\s,"]*)((?:[^,"]|"[^"]*"?)*)(?:,(.*))?', re.DOTALL)


class SegmentReader(PlaylistReader):
    """Collects segments: an address takes what was said since the one before it."""

    def __init__(self, url: str, imports: Mapping[str, str]) -> None:
        super().__init__(url, imports)
        self.segments: list[Segment] = []
        self.media_sequence = 0
        self.skipped = 0
        # In force until another tag of its kind.
        self.discontinuity = 0
        self._keys_by_format: dict[str, Key] = {}
        self._keys: tuple[Key, ...] = ()
        self._map: Map | None = None
        self._due: tuple[str, ByteRange | None, tuple[Key, ...]] | None = None
        self._bitrate: int | None = None
        # Where ranges without a start go on.
        self._next_byte: dict[str, int] = {}
        self._next_part_byte: dict[str, int] = {}
        self._last = ("", "")
        # Of the next segment only.
        self.described = False
        self.parts: list[Part] = []
        self._duration: float | None = None
        self._title = ""
        self._range: str | None = None
        self._gap = False
        self._date: datetime | None = None
        self.tags |= {
            "#EXTINF": self._read_extinf,
            "#EXT-X-BYTERANGE": self._read_byterange,
            "#EXT-X-DISCONTINUITY": self._read_discontinuity,
            "#EXT-X-KEY": self._read_key,
            "#EXT-X-MAP": self._read_map,
            "#EXT-X-PROGRAM-DATE-TIME": self._read_program_date_time,
            "#EXT-X-GAP": self._read_gap,
            "#EXT-X-BITRATE": self._read_bitrate,
            "#EXT-X-PART": self._read_part,
        }

    def add_address(self, text: str) -> None:
        if len(self.segments) == MAX_SEGMENTS:
            raise self.fail(f"more than {MAX_SEGMENTS} segments")
        if not self.described:
            self.note("a segment without EXTINF")
        uri = self._resolve(text)
        if self._due:
            self._begin_map(*self._due)
        ranged = None
        if self._range is not None:
            ranged = self._place_range(self._range, uri, self._next_byte)
        self.segments.append(
            Segment(
                uri,
                self._next_number(),
                self._duration,
                self._title,
                ranged,
                self._keys,
                self._map,
                self.discontinuity,
                self._gap,
                self._date,
                None if ranged else self._bitrate,
                tuple(self.parts),
            )
        )
        self.described = self._gap = False
        self._duration = self._date = None
        self._title = ""
        self._range = None
        if self.parts:
            self.parts = []

    def _next_number(self) -> int:
        return self.media_sequence + self.skipped + len(self.segments)

    def _resolve(self, text: str) -> str:
        if text == self._last[0]:
            return self._last[1]
        uri = self.join(self.expand(text))
        if uri is None:
            if self._gap:
                return ""
            raise self.fail(
                f"the segment {text[:80]!r} is not at an http or https address, so it cannot be had"
            )
        self._last = (text, uri)
        return uri

    def _place_range(self, text: str, uri: str, ends: dict[str, int]) -> ByteRange:
        """Place a range: without a start it goes on where the last one of its URI ended."""
        found = parse_byte_range(text)
        if found is None:
            raise self.fail(f"{text[:80]!r} is not a byte range, written as length@start")
        length, start = found
        if start is None:
            if uri not in ends:
                self.note("a byte range without start, and none of this URI before it: taken as 0")
            start = ends.get(uri, 0)
        ends[uri] = start + length
        return ByteRange(start, length)

    def _read_extinf(self, value: str) -> None:
        if self.described:
            self.note("the EXTINF before this one has no address: left out")
        self.described = True
        found = _PLAIN_EXTINF.fullmatch(value)
        if found:
            self._duration = float(found[1])
            self._title = (found[2] or "").strip()
            return
        odd = _ODD_EXTINF.match(value)
        seconds = parse_decimal(odd[1]) if odd else None
        self._duration = seconds if seconds is not None and seconds >= 0 else None
        self._title = (odd[3] or "").strip() if odd else ""
        if self._duration is None:
            self.note("a segment without a duration")

    def _read_byterange(self, value: str) -> None:
        self._range = self.expand(value)

    def _read_discontinuity(self, _: str) -> None:
        self.discontinuity += 1

    def _read_key(self, value: str) -> None:
        """Put a key in the place of the one of its KEYFORMAT; METHOD=NONE ends them all."""
        key = self.read_key(value)
        if key is None:
            self._keys_by_format.clear()
            self._keys = ()
            return
        if self._keys_by_format.get(key.format) == key:
            return
        self._keys_by_format[key.format] = key
        if len(self._keys_by_format) > MAX_KEY_FORMATS:
            raise self.fail(f"more than {MAX_KEY_FORMATS} key formats at once")
        self._keys = tuple(self._keys_by_format.values())

    def _read_map(self, value: str) -> None:
        attributes = self.read_attributes(value)
        uri = self.join(attributes.get("URI", ""))
        if uri is None:
            raise self.fail("EXT-X-MAP has no http or https address: its segments cannot be played")
        written = attributes.get("BYTERANGE")
        ranged = self._place_range(written, uri, {uri: 0}) if written else None
        if ranged:
            self._next_byte.setdefault(uri, ranged.start + ranged.length)
        self._due = (uri, ranged, self._keys)

    def _begin_map(self, uri: str, ranged: ByteRange | None, keys: tuple[Key, ...]) -> None:
        """Make a map at its first segment: only there its number is known."""
        self._due = None
        found = Map(uri, ranged, keys, self._next_number())
        if found == self._map:
            return
        self._map = found
        if found.key and found.key.iv is None:
            self.note(f"an encrypted EXT-X-MAP, its key without IV: taken as {found.number}")

    def _read_program_date_time(self, value: str) -> None:
        self._date = self.read_date(value)

    def read_date(self, value: str) -> datetime | None:
        """Read a date; None, with a note, if it is none."""
        found = date_in(value)
        if found is None and value:
            self.note(f"{value[:80]!r} is not a date")
        return found

    def _read_gap(self, _: str) -> None:
        self._gap = True

    def _read_bitrate(self, value: str) -> None:
        kilobits = parse_integer(value)
        self._bitrate = kilobits * 1000 if kilobits and kilobits > 0 else None

    def _read_part(self, value: str) -> None:
        attributes = self.read_attributes(value)
        uri = self.join(attributes.get("URI", ""))
        written = attributes.get("BYTERANGE")
        if uri is None or (written and parse_byte_range(written) is None):
            self.note("EXT-X-PART without an http or https address, or a bad range: left out")
            return
        self.parts.append(
            Part(
                uri,
                self.read_decimal(attributes, "DURATION"),
                self._place_range(written, uri, self._next_part_byte) if written else None,
                is_yes(attributes, "INDEPENDENT"),
                is_yes(attributes, "GAP"),
            )
        )
