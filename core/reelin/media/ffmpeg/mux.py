"""Streams put together into one file, as they are: nothing is decoded, nothing gets worse.

A track is one file, or several where its stream is discontinuous: each of these parts has a clock
of its own, and may have other parameters, such as another size of its pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Literal, TypeAlias

from ...model.errors import ConvertError
from . import packed
from .probe import Media, Stream
from .program import Ffmpeg, Progress, Source, tag
from .vtt import Cue, apart, cues, joined

Takes: TypeAlias = Literal["film", "pictures", "sound", "text"]

_MAPS: dict[Takes, tuple[str, ...]] = {
    "film": ("v:0?", "a?"),
    "pictures": ("v:0",),
    "sound": ("a:0",),
    "text": ("s:0",),
}
# Of these each frame says how it is to be read, once it is in MPEG-TS.
_SELF_CONTAINED = frozenset("aac ac3 eac3 h264 hevc mp1 mp2 mp3 mpeg1video mpeg2video".split())
# What MPEG-TS holds shows only when the first frame of it comes.
_PATIENCE = ("-probesize", "50M", "-analyzeduration", "20M")
_WITH_TEXT = (".m4a", ".mp4")
_FOR_IPOD = frozenset(["aac", "alac"])
_MUXERS = {"aac": "adts", "mp3": "mp3", "ts": "mpegts"}


@dataclass(frozen=True, slots=True)
class Track:
    """What of a stream goes into a file.

    parts:     its files, in order; more than one where the stream is discontinuous, and then all
               tracks of the stream have as many. A part of text is WebVTT: any number of files,
               with an empty line between them.
    takes:     `film` (pictures, and sound if there is any), `pictures`, `sound` or `text`
    container: of its parts, in ffmpeg's words: `mpegts`, `mp4`, `aac`…; None: ffmpeg looks itself
    language:  BCP 47 tag
    title:     as a player's menu shows it
    """

    parts: tuple[Path, ...]
    takes: Takes = "film"
    container: str | None = None
    language: str | None = None
    title: str | None = None


class PartsDiffer(ConvertError):
    """What MP4 keeps once for a whole stream changes from part to part. MPEG-TS holds that."""


async def mux(
    ffmpeg: Ffmpeg,
    out: Path,
    tracks: Sequence[Track],
    *,
    title: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Make of these tracks the file `out`, which is what its extension says; its path.

    mp4, m4a, mp3, aac or ts; text goes into the first two. Without an extension it gets the one
    that suits: mp4, of sound alone m4a or mp3. What is made on the way is beside `out`, and is no
    larger than what there is.

    Raises `ConvertError` when it cannot be done, and `PartsDiffer` where only `ts` can be made; the
    parts are left as they are.
    """
    folder = Path(await asyncio.to_thread(mkdtemp, prefix="mux-", dir=out.parent))
    try:
        return await _Mux(ffmpeg, folder, tracks).make(out, title, progress)
    finally:
        await asyncio.to_thread(rmtree, folder, ignore_errors=True)


class _Mux:
    """One file in the making. `folder` is for what is made on the way."""

    def __init__(self, ffmpeg: Ffmpeg, folder: Path, tracks: Sequence[Track]) -> None:
        self._ffmpeg = ffmpeg
        self._folder = folder
        self._played = [each for each in tracks if each.takes != "text"]
        self._texts = [each for each in tracks if each.takes == "text"]

    async def make(self, out: Path, title: str | None, progress: Progress | None) -> Path:
        periods = [await self._looked_at(period) for period in self._periods()]
        if not out.suffix:
            out = out.with_suffix(_suffix(periods[0]))
        if out.suffix != ".ts":
            for changing in zip(*periods, strict=True):
                _refuse_change(changing)
        begins = [_begin(each) for each in periods]
        if len(periods) == 1:
            sources = self._synchronized(0, periods[0])
            offsets = [0.0]
            maps = [_map(at, each) for at, each in enumerate(self._played)]
        else:
            parts = await self._in_one_file_each(periods)
            source, offsets = await self._one_after_another(parts)
            sources = [source]
            maps = [["-map", "0:v?", "-map", "0:a?"]]
        texts = self._texts if out.suffix in _WITH_TEXT else []
        for at, each in enumerate(texts):
            maps.append(_map(len(sources), each))
            sources.append(await self._text(at, each, begins, offsets))
        arguments = [
            *(each for several in maps for each in several),
            *("-c", "copy"),
            *await asyncio.to_thread(self._about, periods[0]),
            *(tag("title", title) if title else []),
            *_kind(out, periods),
        ]
        await self._ffmpeg.run(sources, arguments, out, progress=progress)
        return out

    def _periods(self) -> Iterator[list[tuple[Path, Track]]]:
        """The parts that are played at the same time. Raises `ConvertError` if some have none."""
        counts = [len(each.parts) for each in self._played]
        if len(set(counts)) > 1:
            told = " and ".join(map(str, counts))
            raise ConvertError(f"its tracks come in {told} parts: nobody knows which go together")
        for parts in zip(*(each.parts for each in self._played), strict=True):
            yield list(zip(parts, self._played, strict=True))

    async def _looked_at(self, period: Sequence[tuple[Path, Track]]) -> list[Media]:
        """What is in these files; packed audio begins when it says so, or else with the others."""
        found = [await self._ffmpeg.look(_source(part, track)) for part, track in period]
        own = [each for each in found if not packed.is_packed(each)]
        for at, (media, (part, _)) in enumerate(zip(found, period, strict=True)):
            if packed.is_packed(media):
                start = await asyncio.to_thread(packed.start_of, part)
                if start is None:
                    start = own[0].start if own else 0.0
                found[at] = replace(media, start=start)
        return found

    def _synchronized(self, at: int, period: Sequence[Media]) -> list[Source]:
        """The files of a period, on one clock that begins with the first of them."""
        begin = _begin(period)
        return [
            # What ffmpeg does by itself is to have each file begin at 0.
            _source(each.parts[at], each, "-itsoffset", f"{apart(media.start - begin):.6f}")
            for each, media in zip(self._played, period, strict=True)
        ]

    # Several periods

    async def _in_one_file_each(self, periods: Sequence[Sequence[Media]]) -> list[Path]:
        """One file for each period, with all that is played in it."""
        if self._follow_on(periods):
            return list(self._played[0].parts)
        codecs = {each.codec for period in periods for media in period for each in media.streams}
        kind = "mpegts" if codecs <= _SELF_CONTAINED else "matroska"
        arguments = [word for at, each in enumerate(self._played) for word in _map(at, each)]
        made = []
        for at, period in enumerate(periods):
            path = self._folder / f"{at}.part"
            sources = self._synchronized(at, period)
            await self._ffmpeg.run(sources, [*arguments, "-c", "copy", "-f", kind], path)
            made.append(path)
        return made

    def _follow_on(self, periods: Sequence[Sequence[Media]]) -> bool:
        """Whether the parts can be read one after another as they are."""
        (first, *others) = self._played
        kinds = {tuple(each.kind for each in media.streams) for (media, *_) in periods}
        is_film = first.container == "mpegts" and first.takes == "film"
        return is_film and not others and len(kinds) == 1

    async def _one_after_another(self, parts: Sequence[Path]) -> tuple[Source, list[float]]:
        """The parts as one source, and when each of them begins in it."""
        offsets, lines = [0.0], ["ffconcat version 1.0"]
        for each in parts:
            seen = await self._ffmpeg.look(Source(each))
            offsets.append(offsets[-1] + (seen.duration or 0.0))
            name = str(each.absolute()).replace("'", "'\\''")
            lines.append(f"file 'file:{name}'")
        path = self._folder / "list"
        await asyncio.to_thread(path.write_text, "\n".join(lines), encoding="utf-8")
        return Source(path, "concat", ("-safe", "0")), offsets[:-1]

    # Text

    async def _text(
        self, at: int, track: Track, begins: Sequence[float], offsets: Sequence[float]
    ) -> Source:
        path = self._folder / f"{at}.vtt"
        await asyncio.to_thread(_write_text, path, track, begins, offsets)
        return Source(path, "webvtt")

    # What is said of the streams

    def _about(self, period: Sequence[Media]) -> list[str]:
        """Languages and titles of tracks, and which is played where nobody chooses."""
        words = ["-disposition:s", "0"]
        number = 0
        for each, media in zip(self._played, period, strict=True):
            heard = {"pictures": 0, "sound": 1}.get(each.takes, len(media.of("audio")))
            for _ in range(heard):
                words += [f"-disposition:a:{number}", "0" if number else "default"]
                words += _described(f"s:a:{number}", each)
                number += 1
        for at, each in enumerate(self._texts):
            words += _described(f"s:s:{at}", each)
        return words


def _suffix(period: Sequence[Media]) -> str:
    """The extension of a file for what is in these."""
    if any(media.of("video") for media in period):
        return ".mp4"
    codecs = {each.codec for media in period for each in media.of("audio")}
    return ".mp3" if codecs == {"mp3"} else ".m4a"


def _source(path: Path, track: Track, *options: str) -> Source:
    patience = _PATIENCE if track.container == "mpegts" else ()
    return Source(path, track.container, (*patience, *options))


def _map(at: int, track: Track) -> list[str]:
    return [word for each in _MAPS[track.takes] for word in ("-map", f"{at}:{each}")]


def _begin(period: Sequence[Media]) -> float:
    """When the first of these files begins, on their common clock."""
    first = period[0].start
    return first + min(apart(each.start - first) for each in period)


def _refuse_change(parts: Sequence[Media]) -> None:
    """MP4 keeps once how the frames of a track are to be read; pictures say it again."""
    kinds = list(dict.fromkeys(tuple(map(_parameters, _kept(each))) for each in parts))
    if len(kinds) > 1:
        told = [" and ".join(each) or "nothing" for each in kinds]
        raise PartsDiffer(f"its parts differ, MP4 cannot hold them: {', '.join(told)}")


def _kept(media: Media) -> list[Stream]:
    return [*media.of("video")[:1], *media.of("audio")]


def _parameters(stream: Stream) -> str:
    if stream.kind == "video":
        return stream.codec
    return f"{stream.codec} {stream.rate} Hz {stream.layout}"


def _described(stream: str, track: Track) -> list[str]:
    words = []
    if track.language:
        words += tag(f"{stream} language", _three_letters(track.language))
    if track.title:
        # Some players read the one, some the other.
        words += [*tag(f"{stream} title", track.title), *tag(f"{stream} handler_name", track.title)]
    return words


def _three_letters(language: str) -> str:
    """A language as MP4 names it (ISO 639-2/T)."""
    first = language.replace("_", "-").partition("-")[0].lower()
    if len(first) != 2:
        return first
    from yt_dlp.utils import ISO639Utils

    return str(ISO639Utils.short2long(first) or first)


def _kind(out: Path, periods: Sequence[Sequence[Media]]) -> list[str]:
    """The muxer for a file, and what it is to do."""
    name = out.suffix.removeprefix(".")
    if name in _MUXERS:
        return ["-f", _MUXERS[name]]
    streams = [each for media in periods[0] for each in _kept(media)]
    codecs = {each.codec for each in streams}
    words = ["-c:s", "mov_text", "-movflags", "+faststart"]
    if "hevc" in codecs and len(periods) == 1:  # the name under which Apple's players take it
        words += ["-tag:v", "hvc1"]
    is_ipod = name == "m4a" and codecs <= _FOR_IPOD
    return [*words, "-f", "ipod" if is_ipod else "mp4"]


def _write_text(
    path: Path, track: Track, begins: Sequence[float], offsets: Sequence[float]
) -> None:
    """The text of all periods as one file, on the clock of the whole."""
    found = []
    for part, begin, offset in zip(track.parts, begins, offsets, strict=True):
        text = part.read_text(encoding="utf-8", errors="replace")
        for each in cues(text, begin):
            found.append(Cue(each.start + offset, each.end + offset, each.settings, each.text))
    path.write_text(joined(found), encoding="utf-8")
