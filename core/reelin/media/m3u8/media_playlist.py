"""Reading media playlists: their own tags (RFC 8216bis, 4.4.3 and 4.4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .attributes import parse_decimal, parse_integer
from .segment_reader import SegmentReader
from .values import DateRange, Media, PreloadHint, RenditionReport


def read_media(url: str, lines: Iterable[str], first: int, variables: Mapping[str, str]) -> Media:
    """Read the media playlist in these lines. Raises `M3U8Error`."""
    reader = _MediaReader(url, variables)
    reader.read(lines, first)
    return reader.make_media()


class _MediaReader(SegmentReader):
    def __init__(self, url: str, imports: Mapping[str, str]) -> None:
        super().__init__(url, imports)
        self._target_duration: float | None = None
        self._part_target: float | None = None
        self._discontinuity_sequence = 0
        self._doubt = ""  # why the media sequence numbers may not be what the server means
        self._endlist = False
        self._playlist_type: str | None = None
        self._iframes_only = False
        self._hints: list[PreloadHint] = []
        self._reports: list[RenditionReport] = []
        self._dateranges: list[DateRange] = []
        self.tags |= {
            "#EXT-X-TARGETDURATION": self._read_target_duration,
            "#EXT-X-MEDIA-SEQUENCE": self._read_media_sequence,
            "#EXT-X-DISCONTINUITY-SEQUENCE": self._read_discontinuity_sequence,
            "#EXT-X-ENDLIST": self._read_endlist,
            "#EXT-X-PLAYLIST-TYPE": self._read_playlist_type,
            "#EXT-X-I-FRAMES-ONLY": self._read_iframes_only,
            "#EXT-X-PART-INF": self._read_part_inf,
            "#EXT-X-SKIP": self._read_skip,
            "#EXT-X-PRELOAD-HINT": self._read_preload_hint,
            "#EXT-X-RENDITION-REPORT": self._read_rendition_report,
            "#EXT-X-DATERANGE": self._read_daterange,
        }

    def make_media(self) -> Media:
        self._check_numbers()
        if self._playlist_type == "VOD" and not self._endlist:
            if self.described:
                raise self.fail("it breaks off: neither EXT-X-ENDLIST nor the last address came")
            self._endlist = True  # it must not change (4.4.3.5)
            self.note("EXT-X-PLAYLIST-TYPE is VOD, and EXT-X-ENDLIST is missing: taken as complete")
        if self.described:
            self.note("the last EXTINF has no address: left out")
        return Media(
            self.url,
            tuple(self.segments),
            version=self.version,
            target_duration=self._target_duration,
            part_target=self._part_target,
            media_sequence=self.media_sequence,
            discontinuity_sequence=self._discontinuity_sequence,
            endlist=self._endlist,
            playlist_type=self._playlist_type,
            iframes_only=self._iframes_only,
            independent_segments=self.independent_segments,
            start=self.start,
            skipped=self.skipped,
            parts=tuple(self.parts),
            preload_hints=tuple(self._hints),
            rendition_reports=tuple(self._reports),
            dateranges=tuple(self._dateranges),
            notes=tuple(self.notes),
        )

    def _check_numbers(self) -> None:
        """Refuse numbers in doubt where they are the IV; elsewhere they do no harm."""
        if self.media_sequence < 0:
            self._doubt = "EXT-X-MEDIA-SEQUENCE is negative"
        if not self._doubt:
            return
        for segment in self.segments:
            keys = (segment.key, segment.map.key if segment.map else None)
            if any(key and key.iv is None for key in keys):
                self.line = 0
                raise self.fail(
                    f"{self._doubt}, and its segments are encrypted with their numbers as IV"
                )

    def _read_target_duration(self, value: str) -> None:
        self._target_duration = parse_decimal(value)
        if self._target_duration is None or self._target_duration < 0:
            self.note(f"EXT-X-TARGETDURATION is {value[:80]!r}")

    def _read_media_sequence(self, value: str) -> None:
        number = parse_integer(value)
        if number is None:
            self._doubt = f"EXT-X-MEDIA-SEQUENCE is {value[:80]!r}"
            self.note(f"{self._doubt}: not used")
        elif not self.segments:
            self.media_sequence = number
        elif number != self.media_sequence:
            self._doubt = "EXT-X-MEDIA-SEQUENCE stands after the first segment"
            self.note(f"{self._doubt}: not used")

    def _read_discontinuity_sequence(self, value: str) -> None:
        number = parse_integer(value)
        if number is None or self.segments or self.discontinuity:
            self.note("EXT-X-DISCONTINUITY-SEQUENCE is not a number, or comes late: not used")
            return
        self.discontinuity = self._discontinuity_sequence = number

    def _read_endlist(self, _: str) -> None:
        self._endlist = True

    def _read_playlist_type(self, value: str) -> None:
        self._playlist_type = value.strip().upper() or None

    def _read_iframes_only(self, _: str) -> None:
        self._iframes_only = True

    def _read_part_inf(self, value: str) -> None:
        self._part_target = self.read_decimal(self.read_attributes(value), "PART-TARGET")

    def _read_skip(self, value: str) -> None:
        if self.segments:
            self.note("EXT-X-SKIP stands after the first segment: not used")
            return
        self.skipped = self.read_integer(self.read_attributes(value), "SKIPPED-SEGMENTS") or 0

    def _read_preload_hint(self, value: str) -> None:
        attributes = self.read_attributes(value)
        uri = self.join(attributes.get("URI", ""))
        if uri:
            start = self.read_integer(attributes, "BYTERANGE-START") or 0
            length = self.read_integer(attributes, "BYTERANGE-LENGTH")
            self._hints.append(PreloadHint(attributes.get("TYPE", "").upper(), uri, start, length))

    def _read_rendition_report(self, value: str) -> None:
        attributes = self.read_attributes(value)
        uri = self.join(attributes.get("URI", ""))
        if uri:
            number = self.read_integer(attributes, "LAST-MSN")
            part = self.read_integer(attributes, "LAST-PART")
            self._reports.append(RenditionReport(uri, number, part))

    def _read_daterange(self, value: str) -> None:
        attributes = self.read_attributes(value)
        if "ID" not in attributes:
            self.note("EXT-X-DATERANGE without ID: left out")
            return
        others = [each for each in attributes.items() if each[0].startswith(("X-", "SCTE35-"))]
        self._dateranges.append(
            DateRange(
                attributes["ID"],
                attributes.get("CLASS") or None,
                self.read_date(attributes.get("START-DATE", "")),
                self.read_date(attributes.get("END-DATE", "")),
                self.read_decimal(attributes, "DURATION"),
                self.read_decimal(attributes, "PLANNED-DURATION"),
                tuple(others),
            )
        )
