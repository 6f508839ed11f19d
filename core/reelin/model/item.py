"""The values that travel through reelin: items, their renditions, links, facts and receipts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, get_args

from .errors import UsageError

MediaType = Literal["image", "video", "audio", "document", "archive", "other"]
MEDIA_TYPES: tuple[MediaType, ...] = ("image", "video", "audio", "document", "archive", "other")

Identity: TypeAlias = tuple[str, str | None]
FileIdentity: TypeAlias = tuple[str, str | None, str | None]

AudioFormat = Literal["mp3", "m4a", "wav", "flac", "opus"]
AudioQuality = Literal["best", "worst", "128k", "192k", "320k"]
AUDIO_FORMATS: tuple[AudioFormat, ...] = get_args(AudioFormat)
AUDIO_QUALITIES: tuple[AudioQuality, ...] = get_args(AudioQuality)
_AUDIO_MIMES = {
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
}

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def no_headers() -> Mapping[str, str]:
    """The one empty mapping that all values without headers share."""
    return NO_HEADERS


@dataclass(frozen=True, slots=True)
class Audio:
    """The kind of file that sound is to become once it is here, such as `Audio("mp3", "192k")`.

    format:  mp3, m4a, wav, flac or opus
    quality: best, worst, or a rate: 128k, 192k, 320k. What loses nothing (wav, flac) is always best
    """

    format: AudioFormat
    quality: AudioQuality = "best"

    def __post_init__(self) -> None:
        for value, known in ((self.format, AUDIO_FORMATS), (self.quality, AUDIO_QUALITIES)):
            if value not in known:
                raise UsageError(f"{value!r} is no kind of sound; there are {', '.join(known)}")

    @classmethod
    def of(cls, format: str, quality: str) -> Self | None:
        """The kind of these names. None where the first is none; any other quality is the best."""
        kind = next((each for each in AUDIO_FORMATS if each == format), None)
        known = next((each for each in AUDIO_QUALITIES if each == quality), AUDIO_QUALITIES[0])
        return cls(kind, known) if kind is not None else None

    def __str__(self) -> str:
        return f"{self.format} {self.quality}"

    @property
    def mime(self) -> str:
        """Its MIME type."""
        return _AUDIO_MIMES[self.format]

    @property
    def rate(self) -> int | None:
        """Kilobits per second, None where none is named."""
        return int(self.quality[:-1]) if self.quality.endswith("k") else None

    @property
    def is_lossless(self) -> bool:
        """Whether it keeps every sample."""
        return self.format in ("flac", "wav")


@dataclass(frozen=True)
class Alternative:
    """Another rendition of an item: the same thing in another format, size or bitrate.

    url:      absolute URL
    type:     media type if it differs from the item's, else None
    mime:     MIME type, such as `video/webm`
    width, height: pixels
    size:     bytes
    bitrate:  bits per second
    codecs:   as in RFC 6381, such as `avc1.4d401e,mp4a.40.2`
    label:    what a player would show in its quality menu, such as `720p`
    format:   which of the formats at `url`, as in `MediaItem`
    """

    url: str
    _: KW_ONLY
    type: MediaType | None = None
    mime: str | None = None
    width: int | None = None
    height: int | None = None
    size: int | None = None
    bitrate: int | None = None
    codecs: str | None = None
    label: str | None = None
    format: str | None = None

    if not TYPE_CHECKING:

        def __init__(self, url, **facts):
            _check(facts, _ALTERNATIVE_NAMES, "Alternative")
            self.__dict__.update(facts, url=url)


@dataclass(frozen=True)
class MediaItem:
    """One picture, track, video or file, and all that its page says about it.

    Only `url` is needed. An extractor leaves out what it does not know.

    url:       absolute URL of the preferred rendition
    type:      image, video, audio, document, archive or other; None: not known yet
    mime:      MIME type
    title, artist, album: as shown to a person
    position:  place in an ordered list, from 1; `total`: the length of that list.
               A positioned and titled item is saved as `01 Title.ext`.
    date:      when it was published, with a time zone
    size:      bytes
    width, height: pixels
    duration:  seconds
    bitrate:   bits per second
    language:  BCP 47 tag, such as `en` or `pt-BR`
    thumbnail: URL of a smaller picture of the same thing
    filename:  the name to save it under (a wish: it is made safe, and unique)
    headers:   request headers that this item needs; they never leave its origin
    alternatives: other renditions, best first
    format:    which of the formats at `url`, in its extractor's own words, such as `137+140`;
               None: the body at `url` itself
    audio:     what its sound is to become once it is here; None: it stays as it is
    protocol:  how its bytes are fetched: `http`, or the name of another transfer
    origin:    where it stands in the page, such as `<video> source` or `script 3: new Plyr`
    noise:     why a person would not want it (`tracking pixel`); None: it is wanted
    extractor, page_url: filled in by reelin
    """

    url: str
    type: MediaType | None = None
    _: KW_ONLY
    mime: str | None = None
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    position: int | None = None
    total: int | None = None
    date: datetime | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    bitrate: int | None = None
    language: str | None = None
    thumbnail: str | None = None
    filename: str | None = None
    headers: Mapping[str, str] = field(default_factory=no_headers, repr=False)
    alternatives: tuple[Alternative, ...] = ()
    format: str | None = None
    audio: Audio | None = None
    protocol: str = "http"
    origin: str = ""
    noise: str | None = None
    extractor: str = ""
    page_url: str = ""

    if not TYPE_CHECKING:

        def __init__(self, url, type=None, **facts):
            # Pages have thousands of items of few facts each: what is unknown stays with the class.
            _check(facts, _ITEM_NAMES, "MediaItem")
            facts["url"], facts["type"] = url, type
            facts.setdefault("headers", NO_HEADERS)
            self.__dict__.update(facts)


_ALTERNATIVE_NAMES = frozenset(each.name for each in fields(Alternative))
_ITEM_NAMES = frozenset(each.name for each in fields(MediaItem))


def _check(facts: Mapping[str, Any], names: frozenset[str], owner: str) -> None:
    """As Python does with the arguments of a call."""
    if not names.issuperset(facts):
        unknown = min(facts.keys() - names)
        raise TypeError(f"{owner}() got an unexpected keyword argument {unknown!r}")


def as_alternative(item: MediaItem) -> Alternative:
    """An item as one of several ways to have the same thing."""
    return Alternative(
        item.url,
        type=item.type,
        mime=item.mime,
        width=item.width,
        height=item.height,
        size=item.size,
        bitrate=item.bitrate,
        format=item.format,
    )


def identity(rendition: MediaItem | Alternative) -> Identity:
    """What makes two renditions the same one: URL and format."""
    return rendition.url, rendition.format


def file_identity(item: MediaItem) -> FileIdentity:
    """What makes two files the same one: the rendition, and what it was to become."""
    return item.url, item.format, str(item.audio) if item.audio else None


def replace_fields(item: MediaItem, **new: Any) -> MediaItem:
    """Return the item with other values of some fields: `dataclasses.replace`, ten times faster."""
    twin = object.__new__(MediaItem)
    twin.__dict__.update(item.__dict__, **new)
    return twin


@dataclass(frozen=True, slots=True)
class Link:
    """A further page that somebody should look at: yielded by an extractor beside items.

    The run visits each URL once and bounds depth and number.

    pages:   0 for a link that leads deeper; else this is the next page of the same thing, and is
             followed until so many pages in a row were seen
    offsite: whether it may lead to another site, although no plugin claims that
    """

    url: str
    origin: str = ""
    pages: int = 0
    offsite: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What a transfer knows once its answer has begun, before the body is read.

    url:       where the bytes really come from, after redirects
    mime:      MIME type, from the headers or, where they do not tell, the first bytes
    type:      media type that follows from `mime`
    size:      length of the whole body in bytes, None when not announced
    date:      Last-Modified, with a time zone
    filename:  what Content-Disposition asks for (RFC 6266), unsafe as received
    """

    url: str
    mime: str | None = None
    type: MediaType | None = None
    size: int | None = None
    date: datetime | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """The receipt of a sink: what was stored, under which name.

    name:    file name (or key, or entry name) within the sink
    size:    bytes
    sha256:  hex digest, None where the sink did not compute one
    new:     False when it was there already, complete and unchanged
    """

    name: str
    size: int
    sha256: str | None = None
    new: bool = True


def as_facts(value: Any) -> dict[str, Any]:
    """Return the known fields of a value above, JSON-ready: nothing empty, and no headers."""
    out: dict[str, Any] = {}
    for each in fields(value):
        known = getattr(value, each.name)
        if each.name == "headers" or known in (None, (), ""):
            continue
        if isinstance(known, datetime):
            known = known.isoformat()
        elif isinstance(known, Audio):
            known = str(known)
        elif isinstance(known, tuple):
            known = [as_facts(part) for part in known]
        out[each.name] = known
    return out
