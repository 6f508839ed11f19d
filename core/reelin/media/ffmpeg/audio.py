"""Audio made into another kind of file, with its tags and its cover, in one run."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from ...model.audio import Audio
from ...model.errors import ConvertError
from ...model.item import MediaItem
from .probe import Probe, Stream
from .program import Ffmpeg, Input, ProgressCallback, tag

_PCM = frozenset(["pcm_f32le", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8"])
# Codecs that may go into such a file as they are.
_CODECS = {
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
# How images begin, what they are to ffmpeg, and what is made of them.
_IMAGES = (
    (re.compile(rb"\xff\xd8\xff"), "jpeg_pipe", "copy"),
    (re.compile(rb"\x89PNG\r\n"), "png_pipe", "copy"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp_pipe", "mjpeg"),
)
_MOST_PIXELS = "50000000"
_COVER_CODECS = frozenset(["mjpeg", "png"])
# Entries of MP4 that are no tags.
_NO_TAGS = "major_brand minor_version compatible_brands handler_name vendor_id language".split()
_SHORT = 0.98  # of a file that ffmpeg complained about


@dataclass(frozen=True, slots=True)
class Tags:
    """Tags to write into the file. An empty one leaves what was there."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    track: str | None = None
    date: str | None = None

    @classmethod
    def from_item(cls, item: MediaItem) -> Tags:
        """Take the tags that an item has."""
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


def takes_cover(probe: Probe, wish: Audio) -> bool:
    """Whether a cover would be of use: the kind of file can hold one, and it has none."""
    return wish.format in _WITH_COVER and not _find_covers(probe)


async def transcode(
    ffmpeg: Ffmpeg,
    source: Path,
    probe: Probe,
    out: Path,
    wish: Audio,
    *,
    tags: Tags | None = None,
    cover: bytes | None = None,
    progress: ProgressCallback | None = None,
) -> None:
    """Make of the first audio stream of `source` the file `out`.

    What is of the wanted kind already is copied, unless a lower rate is wanted. A cover that is no
    image is left out. Raises `ConvertError` when there is no audio, when ffmpeg fails, or when it
    could not read all.

    probe: what `source` holds
    """
    audio = next(iter(probe.select("audio")), None)
    if audio is None:
        raise ConvertError("there is no audio in it")
    meter = _ProgressMeter(progress)
    inputs = [Input(source)]
    images = _keep_cover(probe, wish)
    if not images and cover is not None and wish.format in _WITH_COVER:
        images = await _add_cover(ffmpeg, cover, out, inputs)
    arguments = [
        *("-map", f"0:{audio.number}"),
        *images,
        *_choose_codec(audio, wish),
        *_choose_tags(audio, tags),
        *_choose_muxer(wish),
    ]
    complaint = await ffmpeg.run(inputs, arguments, out, progress=meter)
    if complaint and probe.exact and meter.seconds < (probe.duration or 0.0) * _SHORT:
        raise ConvertError(
            f"ffmpeg: {complaint} ({meter.seconds:.1f} of {probe.duration:.1f} s were made)"
        )


def _choose_tags(audio: Stream, tags: Tags | None) -> list[str]:
    """Return the arguments for tags: those that are there, and over them those that are given."""
    return [
        # Ogg has its tags with the stream, others with the file.
        *("-map_metadata", "0", "-map_metadata", f"0:s:{audio.number}"),
        *(word for each in _NO_TAGS for word in ("-metadata", f"{each}=")),
        *(tags.arguments if tags else ()),
    ]


class _ProgressMeter:
    """Hands on how many seconds were made, and remembers it."""

    def __init__(self, progress: ProgressCallback | None) -> None:
        self._progress = progress
        self.seconds = 0.0

    def __call__(self, seconds: float) -> None:
        self.seconds = seconds
        if self._progress is not None:
            self._progress(seconds)


def _choose_codec(stream: Stream, wish: Audio) -> tuple[str, ...]:
    rate = wish.rate
    if stream.codec in _CODECS[wish.format] and (
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


def _choose_muxer(wish: Audio) -> tuple[str, ...]:
    if wish.format == "mp3":
        return ("-id3v2_version", "3", "-f", "mp3")
    if wish.format == "m4a":
        return ("-movflags", "+faststart", "-f", "ipod")
    return ("-f", wish.format)


# The cover


def _find_covers(probe: Probe) -> list[Stream]:
    return [each for each in probe.covers if each.codec in _COVER_CODECS]


def _keep_cover(probe: Probe, wish: Audio) -> list[str]:
    """Return the arguments that keep the cover of the source; none where there is none."""
    if wish.format not in _WITH_COVER:
        return []
    cover = next(iter(_find_covers(probe)), None)
    return _attach(f"0:{cover.number}", "copy") if cover else []


async def _add_cover(ffmpeg: Ffmpeg, cover: bytes, out: Path, inputs: list[Input]) -> list[str]:
    """Make a cover one of the inputs; return its arguments, none where it is no image."""
    for begins, container, codec in _IMAGES:
        if begins.match(cover):
            path = out.with_name(out.name + ".cover")
            await asyncio.to_thread(path.write_bytes, cover)
            image = Input(path, container, ("-max_pixels", _MOST_PIXELS))
            try:
                await ffmpeg.check(image)
            except ConvertError:
                return []
            inputs.append(image)
            return _attach("1:v:0", codec)
    return []


def _attach(stream: str, codec: str) -> list[str]:
    return ["-map", stream, "-c:v", codec, "-disposition:v:0", "attached_pic"]
