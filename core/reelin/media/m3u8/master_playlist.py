"""Reading multivariant playlists (RFC 8216bis, 4.4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .attributes import parse_resolution
from .encryption import Key
from .reader import PlaylistReader, is_yes
from .values import Master, Rendition, SessionData, Steering, Variant

MAX_VARIANTS = 200


def read_master(url: str, lines: Iterable[str], first: int) -> Master:
    """Read the multivariant playlist in these lines. Raises `M3U8Error`."""
    reader = _MasterReader(url, {})
    reader.read(lines, first)
    return reader.make_master()


class _MasterReader(PlaylistReader):
    def __init__(self, url: str, imports: Mapping[str, str]) -> None:
        super().__init__(url, imports)
        self._stream: dict[str, str] | None = None
        self._refused = 0
        self._variants: list[Variant] = []
        self._renditions: list[Rendition] = []
        self._iframes: list[Variant] = []
        self._keys: list[Key] = []
        self._data: list[SessionData] = []
        self._steering: Steering | None = None
        self.tags |= {
            "#EXT-X-STREAM-INF": self._read_stream_inf,
            "#EXT-X-MEDIA": self._read_media,
            "#EXT-X-I-FRAME-STREAM-INF": self._read_iframe_stream_inf,
            "#EXT-X-SESSION-KEY": self._read_session_key,
            "#EXT-X-SESSION-DATA": self._read_session_data,
            "#EXT-X-CONTENT-STEERING": self._read_content_steering,
            "#EXTINF": self._refuse_segment,
        }

    def make_master(self) -> Master:
        if self._stream is not None:
            self.note("the last EXT-X-STREAM-INF has no address: left out")
        if self._refused and not self._variants:
            self.line = 0
            raise self.fail("none of its variants has an http or https address")
        return Master(
            self.url,
            tuple(self._variants),
            renditions=tuple(self._renditions),
            iframes=tuple(self._iframes),
            session_keys=tuple(self._keys),
            session_data=tuple(self._data),
            steering=self._steering,
            version=self.version,
            independent_segments=self.independent_segments,
            start=self.start,
            variables=self.variables,
            notes=tuple(self.notes),
        )

    def add_address(self, text: str) -> None:
        if self._stream is None:
            self.note("an address without EXT-X-STREAM-INF before it: left out")
            return
        attributes, self._stream = self._stream, None
        if not self._add_variant(self._variants, attributes, self.expand(text)):
            self._refused += 1

    def _read_stream_inf(self, value: str) -> None:
        if self._stream is not None:
            self.note("the EXT-X-STREAM-INF before this one has no address: left out")
        self._stream = self.read_attributes(value)

    def _read_iframe_stream_inf(self, value: str) -> None:
        attributes = self.read_attributes(value)
        self._add_variant(self._iframes, attributes, attributes.get("URI", ""))

    def _add_variant(
        self, variants: list[Variant], attributes: Mapping[str, str], uri: str
    ) -> bool:
        joined = self.join(uri)
        if joined is None:
            self.note(f"a variant's address is not http or https: {uri[:80]!r}: left out")
            return False
        if len(variants) == MAX_VARIANTS:
            raise self.fail(f"more than {MAX_VARIANTS} variants")
        variants.append(self._make_variant(joined, attributes))
        return True

    def _make_variant(self, uri: str, attributes: Mapping[str, str]) -> Variant:
        bandwidth = self.read_integer(attributes, "BANDWIDTH")
        if bandwidth is None:
            self.note("a variant without BANDWIDTH")
        captions = attributes.get("CLOSED-CAPTIONS") or None
        return Variant(
            uri,
            bandwidth=bandwidth,
            average_bandwidth=self.read_integer(attributes, "AVERAGE-BANDWIDTH"),
            codecs=_clean_codecs(attributes.get("CODECS")),
            supplemental_codecs=_clean_codecs(attributes.get("SUPPLEMENTAL-CODECS")),
            resolution=self.read_attribute(attributes, "RESOLUTION", parse_resolution),
            frame_rate=self.read_decimal(attributes, "FRAME-RATE"),
            hdcp=attributes.get("HDCP-LEVEL") or None,
            allowed_cpc=attributes.get("ALLOWED-CPC") or None,
            video_range=attributes.get("VIDEO-RANGE") or None,
            video_layout=attributes.get("REQ-VIDEO-LAYOUT") or None,
            audio=attributes.get("AUDIO") or None,
            video=attributes.get("VIDEO") or None,
            subtitles=attributes.get("SUBTITLES") or None,
            closed_captions=None if captions == "NONE" else captions,
            stable_id=attributes.get("STABLE-VARIANT-ID") or None,
            pathway=attributes.get("PATHWAY-ID") or None,
            name=attributes.get("NAME") or None,
            score=self.read_decimal(attributes, "SCORE"),
        )

    def _read_media(self, value: str) -> None:
        attributes = self.read_attributes(value)
        uri = attributes.get("URI") or None
        joined = self.join(uri) if uri else None
        if "TYPE" not in attributes or (uri and joined is None):
            self.note("a rendition without TYPE, or whose address is not http or https: left out")
            return
        characteristics = attributes.get("CHARACTERISTICS", "")
        self._renditions.append(
            Rendition(
                attributes["TYPE"].upper(),
                attributes.get("GROUP-ID", ""),
                attributes.get("NAME", ""),
                joined,
                language=attributes.get("LANGUAGE") or None,
                assoc_language=attributes.get("ASSOC-LANGUAGE") or None,
                default=is_yes(attributes, "DEFAULT"),
                autoselect=is_yes(attributes, "AUTOSELECT"),
                forced=is_yes(attributes, "FORCED"),
                instream_id=attributes.get("INSTREAM-ID") or None,
                characteristics=tuple(filter(None, map(str.strip, characteristics.split(",")))),
                channels=attributes.get("CHANNELS") or None,
                bit_depth=self.read_integer(attributes, "BIT-DEPTH"),
                sample_rate=self.read_integer(attributes, "SAMPLE-RATE"),
                stable_id=attributes.get("STABLE-RENDITION-ID") or None,
            )
        )

    def _read_session_key(self, value: str) -> None:
        key = self.read_key(value)
        if key is not None:
            self._keys.append(key)

    def _read_session_data(self, value: str) -> None:
        attributes = self.read_attributes(value)
        if "DATA-ID" not in attributes:
            self.note("EXT-X-SESSION-DATA without DATA-ID: left out")
            return
        uri = attributes.get("URI")
        self._data.append(
            SessionData(
                attributes["DATA-ID"],
                attributes.get("VALUE"),
                self.join(uri) if uri else None,
                attributes.get("LANGUAGE") or None,
                attributes.get("FORMAT", "JSON").upper(),
            )
        )

    def _read_content_steering(self, value: str) -> None:
        attributes = self.read_attributes(value)
        uri = self.join(attributes.get("SERVER-URI", ""))
        if uri is None:
            self.note("content steering without an http or https address: left out")
            return
        self._steering = Steering(uri, attributes.get("PATHWAY-ID") or None)

    def _refuse_segment(self, _: str) -> None:
        raise self.fail("it holds both variants and segments (EXTINF), which 4.1 forbids")


def _clean_codecs(text: str | None) -> str | None:
    return ",".join(map(str.strip, text.split(","))) if text else None
