"""Sound of another kind, with its tags and its cover, in one run."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from ...model.audio import Audio
from ...model.errors import ConvertError
from ...model.item import MediaItem
from .probe import Media, Stream
from .program import Ffmpeg, Progress, Source, tag

_PCM = frozenset(["pcm_f32le", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8"])
# What may go into such a file as it is.
_SAME = {
    "flac": frozenset(["flac"]),
    "m4a": frozenset(["aac", "alac"]),
    "mp3": frozenset(["mp3"]),
    "opus": frozenset(["opus"]),
    "wav": _PCM,
}
_ENCODERS = {"m4a": "aac", "mp3": "libmp3lame", "opus": "libopus"}
# Where nobody names a rate. MP3 has a rate that varies: it is the better one at the same size.
_QUALITIES = {
    ("m4a", "best"): ("-b:a", "256k"),
    ("m4a", "worst"): ("-b:a", "64k"),
    ("mp3", "best"): ("-q:a", "0"),
    ("mp3", "worst"): ("-q:a", "9"),
    ("opus", "best"): ("-b:a", "192k"),
    ("opus", "worst"): ("-b:a", "48k"),
}
_MOST_OPUS = 256  # of one channel
# libopus knows no others.
_LAYOUTS = "aformat=channel_layouts=7.1|6.1|5.1|5.0|quad|3.0|stereo|mono"
_WITH_COVER = frozenset(["flac", "m4a", "mp3"])
# How pictures begin, what they are to ffmpeg, and what is made of them.
_PICTURES = (
    (re.compile(rb"\xff\xd8\xff"), "jpeg_pipe", "copy"),
    (re.compile(rb"\x89PNG\r\n"), "png_pipe", "copy"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp_pipe", "mjpeg"),
)
_MOST_PIXELS = "50000000"
_COVER_CODECS = frozenset(["mjpeg", "png"])
# What MP4 keeps beside tags.
_NO_TAGS = "major_brand minor_version compatible_brands handler_name vendor_id language".split()
_SHORT = 0.98  # of a file that ffmpeg complained about


@dataclass(frozen=True, slots=True)
class Tags:
    """What is written into the file. An empty one leaves what was there."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    track: str | None = None
    date: str | None = None

    @classmethod
    def of(cls, item: MediaItem) -> Tags:
        """What an item says of itself."""
        total = f"/{item.total}" if item.total else ""
        return cls(
            item.title,
            item.artist,
            item.album,
            f"{item.position}{total}" if item.position else None,
            f"{item.date:%Y-%m-%d}" if item.date else None,
        )

    @property
    def arguments(self) -> list[str]:
        known = {name: getattr(self, name) for name in self.__slots__}
        return [word for name, value in known.items() if value for word in tag(name, value)]


def takes_cover(media: Media, wish: Audio) -> bool:
    """Whether a cover would be of use: the kind of file can hold one, and it has none."""
    return wish.format in _WITH_COVER and not _covers(media)


async def transcode(
    ffmpeg: Ffmpeg,
    source: Path,
    media: Media,
    out: Path,
    wish: Audio,
    *,
    tags: Tags | None = None,
    cover: bytes | None = None,
    progress: Progress | None = None,
) -> None:
    """Make of the first sound of `source`, which holds `media`, the file `out`.

    What is of the wanted kind already is copied, unless a lower rate is wanted. A cover that is no
    picture is left out. Raises `ConvertError` when there is no sound, when ffmpeg fails, or when it
    could not read all.
    """
    heard = media.of("audio")
    if not heard:
        raise ConvertError("there is no sound in it")
    made = _Made(progress)
    sources = [Source(source)]
    pictures = _own_cover(media, wish)
    if not pictures and cover is not None and wish.format in _WITH_COVER:
        pictures = await _given_cover(ffmpeg, cover, out, sources)
    arguments = [
        *("-map", f"0:{heard[0].number}"),
        *pictures,
        *_codec(heard[0], wish),
        # Ogg has its tags with the stream, others with the file.
        *("-map_metadata", "0", "-map_metadata", f"0:s:{heard[0].number}"),
        *(word for each in _NO_TAGS for word in ("-metadata", f"{each}=")),
        *(tags.arguments if tags else ()),
        *_muxer(wish),
    ]
    complaint = await ffmpeg.run(sources, arguments, out, progress=made)
    if complaint and media.exact and made.seconds < (media.duration or 0.0) * _SHORT:
        raise ConvertError(
            f"ffmpeg: {complaint} ({made.seconds:.1f} of {media.duration:.1f} s were made)"
        )


class _Made:
    """Remembers how many seconds were made."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.seconds = 0.0

    def __call__(self, seconds: float) -> None:
        self.seconds = seconds
        if self._progress is not None:
            self._progress(seconds)


def _codec(stream: Stream, wish: Audio) -> tuple[str, ...]:
    rate = wish.rate
    if stream.codec in _SAME[wish.format] and (
        wish.is_lossless
        or wish.quality == "best"
        or (rate is not None and stream.bitrate is not None and stream.bitrate <= rate)
    ):
        return ("-c:a", "copy")
    if wish.is_lossless:
        is_deep = (stream.sample or "").startswith("s32") or stream.codec.startswith("pcm_f")
        if wish.format == "wav":
            return ("-c:a", "pcm_s24le" if is_deep else "pcm_s16le")
        return ("-c:a", "flac", "-sample_fmt", "s32" if is_deep else "s16")
    if rate and wish.format == "opus" and stream.layout == "mono":
        rate = min(rate, _MOST_OPUS)
    quality = ("-b:a", f"{rate}k") if rate else _QUALITIES[wish.format, wish.quality]
    layouts = ("-af", _LAYOUTS) if wish.format == "opus" else ()
    return ("-c:a", _ENCODERS[wish.format], *quality, *layouts)


def _muxer(wish: Audio) -> tuple[str, ...]:
    if wish.format == "mp3":
        return ("-id3v2_version", "3", "-f", "mp3")
    if wish.format == "m4a":
        return ("-movflags", "+faststart", "-f", "ipod")
    return ("-f", wish.format)


# The cover


def _covers(media: Media) -> list[Stream]:
    return [each for each in media.covers if each.codec in _COVER_CODECS]


def _own_cover(media: Media, wish: Audio) -> list[str]:
    if wish.format not in _WITH_COVER:
        return []
    return [word for each in _covers(media)[:1] for word in _attached(f"0:{each.number}", "copy")]


async def _given_cover(ffmpeg: Ffmpeg, cover: bytes, out: Path, sources: list[Source]) -> list[str]:
    """Arguments for a cover that becomes one of the sources; none where it is no picture."""
    for begins, container, codec in _PICTURES:
        if begins.match(cover):
            path = out.with_name(out.name + ".cover")
            await asyncio.to_thread(path.write_bytes, cover)
            source = Source(path, container, ("-max_pixels", _MOST_PIXELS))
            try:
                await ffmpeg.check(source)
            except ConvertError:
                return []
            sources.append(source)
            return _attached("1:v:0", codec)
    return []


def _attached(stream: str, codec: str) -> list[str]:
    return ["-map", stream, "-c:v", codec, "-disposition:v:0", "attached_pic"]
