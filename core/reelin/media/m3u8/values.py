"""Playlists as values: `Master` with its variants, `Media` with its segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime

from .encryption import Key
from .media_segments import Part, Segment


@dataclass(frozen=True, slots=True)
class PreloadHint:
    """EXT-X-PRELOAD-HINT (4.4.5.3): a resource that will be there soon. `type`: `PART` or `MAP`."""

    type: str
    uri: str
    start: int = 0
    length: int | None = None


@dataclass(frozen=True, slots=True)
class RenditionReport:
    """EXT-X-RENDITION-REPORT (4.4.5.4): how far another rendition has got."""

    uri: str
    last_number: int | None = None
    last_part: int | None = None


@dataclass(frozen=True, slots=True)
class DateRange:
    """EXT-X-DATERANGE (4.4.5.1), one per tag. `others`: SCTE35-… and X-… as written."""

    id: str
    kind: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    duration: float | None = None
    planned: float | None = None
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """EXT-X-START (4.4.2.2): where to begin; a negative offset counts from the end."""

    offset: float
    precise: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """A media playlist (4.4.3): segments to be played one after the other.

    url:             where it was read; relative URIs were resolved against it
    target_duration: as written, upper bound of the segments' durations; None: not said
    media_sequence:  number of its first segment, those skipped counted
    endlist:         no more segments will come, as EXT-X-ENDLIST or the type VOD says; without it
                     the stream is live
    playlist_type:   `VOD`, `EVENT` or None
    skipped:         segments that a delta update leaves out at its start (4.4.5.2)
    parts:           those of the segment that is not there yet
    notes:           what was not as it should be, and how it was taken
    """

    url: str
    segments: tuple[Segment, ...] = ()
    _: KW_ONLY
    version: int | None = None
    target_duration: float | None = None
    part_target: float | None = None
    media_sequence: int = 0
    discontinuity_sequence: int = 0
    endlist: bool = False
    playlist_type: str | None = None
    iframes_only: bool = False
    independent_segments: bool = False
    start: Start | None = None
    skipped: int = 0
    parts: tuple[Part, ...] = ()
    preload_hints: tuple[PreloadHint, ...] = ()
    rendition_reports: tuple[RenditionReport, ...] = ()
    dateranges: tuple[DateRange, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds of all segments whose duration is known."""
        return sum(each.duration or 0.0 for each in self.segments)


@dataclass(frozen=True, slots=True)
class Variant:
    """EXT-X-STREAM-INF or EXT-X-I-FRAME-STREAM-INF (4.4.6.2, 4.4.6.3).

    bandwidth, average_bandwidth: bits per second
    codecs, supplemental_codecs:  as in RFC 6381
    resolution:   width and height in pixels
    audio, video, subtitles, closed_captions: GROUP-IDs of renditions that go with it
    stable_id, pathway: its name across pathways, and the pathway it is on (content steering)
    """

    uri: str
    _: KW_ONLY
    bandwidth: int | None = None
    average_bandwidth: int | None = None
    codecs: str | None = None
    supplemental_codecs: str | None = None
    resolution: tuple[int, int] | None = None
    frame_rate: float | None = None
    hdcp: str | None = None
    allowed_cpc: str | None = None
    video_range: str | None = None
    video_layout: str | None = None
    audio: str | None = None
    video: str | None = None
    subtitles: str | None = None
    closed_captions: str | None = None
    stable_id: str | None = None
    pathway: str | None = None
    name: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Rendition:
    """EXT-X-MEDIA (4.4.6.1): audio, video or text that goes with variants of its group.

    type: `AUDIO`, `VIDEO`, `SUBTITLES` or `CLOSED-CAPTIONS`
    uri:  its media playlist; None: it is contained in the variant's own segments
    """

    type: str
    group: str
    name: str
    uri: str | None = None
    _: KW_ONLY
    language: str | None = None
    assoc_language: str | None = None
    default: bool = False
    autoselect: bool = False
    forced: bool = False
    instream_id: str | None = None
    characteristics: tuple[str, ...] = ()
    channels: str | None = None
    bit_depth: int | None = None
    sample_rate: int | None = None
    stable_id: str | None = None


@dataclass(frozen=True, slots=True)
class SessionData:
    """EXT-X-SESSION-DATA (4.4.6.4): a value, or where it is. `format`: `JSON` or `RAW`."""

    id: str
    value: str | None = None
    uri: str | None = None
    language: str | None = None
    format: str = "JSON"


@dataclass(frozen=True, slots=True)
class Steering:
    """EXT-X-CONTENT-STEERING (4.4.6.6): who says which pathway to take, and the first one."""

    uri: str
    pathway: str | None = None


@dataclass(frozen=True, slots=True)
class Master:
    """A multivariant playlist (4.4.6): the same thing in several qualities.

    variables: what its media playlists may import (4.4.2.3)
    notes:     what was not as it should be, and how it was taken
    """

    url: str
    variants: tuple[Variant, ...] = ()
    _: KW_ONLY
    renditions: tuple[Rendition, ...] = ()
    iframes: tuple[Variant, ...] = ()
    session_keys: tuple[Key, ...] = ()
    session_data: tuple[SessionData, ...] = ()
    steering: Steering | None = None
    version: int | None = None
    independent_segments: bool = False
    start: Start | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def streams(self) -> tuple[tuple[Variant, ...], ...]:
        """The variants, each with its mirrors: those that are the same from another place."""
        found: dict[object, dict[str, Variant]] = {}
        for variant in self.variants:
            found.setdefault(_identify(variant), {}).setdefault(variant.uri, variant)
        return tuple(tuple(mirrors.values()) for mirrors in found.values())


def _identify(variant: Variant) -> object:
    """Return a value that is the same for mirrors of each other (6.2.4 and 7.1).

    A pathway has rendition groups of its own. Variants that say nothing are nobody's mirrors.
    """
    if variant.stable_id:
        return variant.stable_id
    if not variant.bandwidth:
        return variant.uri
    groups = (variant.audio, variant.video, variant.subtitles, variant.closed_captions)
    return (
        variant.bandwidth,
        variant.average_bandwidth,
        variant.codecs,
        variant.supplemental_codecs,
        variant.resolution,
        variant.frame_rate,
        variant.hdcp,
        variant.allowed_cpc,
        variant.video_range,
        variant.video_layout,
        variant.name,
        variant.score,
        None if variant.pathway else groups,
    )
