"""Streams put together into one file, as they are: nothing is decoded, nothing gets worse.

A track is one file, or several where its stream is discontinuous: each of these parts has a clock
of its own, and may have other parameters, such as another size of its video. The parts that are
played at the same time are a period.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TypeAlias

from ...model.errors import ConvertError
from . import packed
from .mux_track import MuxTrack, describe_all, list_muxed
from .probe import Probe, Stream
from .program import Ffmpeg, Input, ProgressCallback, tag
from .vtt import Cue, is_mapped, join_cues, read_cues, unwrap

logger = logging.getLogger(__name__)

Period: TypeAlias = Sequence[Probe]

# Of these each frame says how it is to be read, once it is in MPEG-TS.
_SELF_CONTAINED = frozenset("aac ac3 eac3 h264 hevc mp1 mp2 mp3 mpeg1video mpeg2video".split())
_WITH_SUBTITLES = (".m4a", ".mp4")
_FOR_IPOD = frozenset(["aac", "alac"])
_MUXERS = {"aac": "adts", "mp3": "mp3", "ts": "mpegts"}


class PartsDiffer(ConvertError):
    """Parts of a stream differ in what MP4 keeps once for the whole of it. MPEG-TS holds them."""


async def mux(
    ffmpeg: Ffmpeg,
    out: Path,
    tracks: Sequence[MuxTrack],
    *,
    title: str | None = None,
    progress: ProgressCallback | None = None,
) -> Path:
    """Make of these tracks the file `out`, which is what its extension says; return its path.

    mp4, m4a, mp3, aac or ts; subtitles go into the first two. Without an extension it gets the one
    that suits: mp4, of audio alone m4a or mp3. What is made on the way is beside `out`, and is no
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
    """A file in the making. `folder` is for what is made on the way."""

    def __init__(self, ffmpeg: Ffmpeg, folder: Path, tracks: Sequence[MuxTrack]) -> None:
        self._ffmpeg = ffmpeg
        self._folder = folder
        self._played = [each for each in tracks if each.takes != "subtitles"]
        self._subtitles = [each for each in tracks if each.takes == "subtitles"]

    async def make(self, out: Path, title: str | None, progress: ProgressCallback | None) -> Path:
        periods = [await self._probe(period) for period in self._split_periods()]
        if not out.suffix:
            out = out.with_suffix(_choose_suffix(periods[0]))
        if out.suffix != ".ts":
            for changing in zip(*periods, strict=True):
                _refuse_change(changing)
        if len(periods) == 1:
            inputs, offsets = self._synchronize(0, periods[0]), [0.0]
            maps = [track.map_from(at) for at, track in enumerate(self._played)]
        else:
            inputs, offsets = await self._join_periods(periods)
            maps = [["-map", "0:v?", "-map", "0:a?"]]
        begins = [_find_begin(each) for each in periods]
        subtitles = self._subtitles if out.suffix in _WITH_SUBTITLES else []
        for track in subtitles:
            maps.append(track.map_from(len(inputs)))
            inputs.append(await self._write_subtitles(len(inputs), track, begins, offsets))
        arguments = [
            *(word for several in maps for word in several),
            *("-c", "copy"),
            *await asyncio.to_thread(describe_all, self._played, periods[0], subtitles),
            *(tag("title", title) if title else []),
            *_choose_muxer(out, periods),
        ]
        try:
            await self._ffmpeg.run(inputs, arguments, out, progress=progress)
        except ConvertError:
            lenient = _pass_over_damaged_audio(out, periods[0])
            if not lenient:
                raise
            complaint = await self._ffmpeg.run(inputs, [*arguments, *lenient], out)
            logger.warning(
                "%s: frames of audio that are damaged are left out: %s", title, complaint
            )
        return out

    def _split_periods(self) -> Iterator[list[tuple[Path, MuxTrack]]]:
        """Yield the parts of each period. Raises `ConvertError` if some tracks have none there."""
        counts = [len(each.parts) for each in self._played]
        if len(set(counts)) > 1:
            numbers = " and ".join(map(str, counts))
            problem = f"its tracks come in {numbers} parts: nobody knows which go together"
            raise ConvertError(problem)
        for parts in zip(*(each.parts for each in self._played), strict=True):
            yield list(zip(parts, self._played, strict=True))

    async def _probe(self, period: Sequence[tuple[Path, MuxTrack]]) -> Period:
        """Look into the files of a period.

        Packed audio begins when it says so, or else with the others.
        """
        found = [await self._ffmpeg.probe(track.make_input(part)) for part, track in period]
        own = [each for each in found if not packed.is_packed(each)]
        for at, (probe, (part, _)) in enumerate(zip(found, period, strict=True)):
            if packed.is_packed(probe):
                start = await asyncio.to_thread(packed.read_start, part)
                if start is None:
                    start = own[0].start if own else 0.0
                found[at] = replace(probe, start=start)
        return found

    def _synchronize(self, at: int, period: Period) -> list[Input]:
        """Return the files of period `at`, on one clock that begins with the first of them."""
        begin = _find_begin(period)
        return [
            # Left alone, ffmpeg has each file begin at 0.
            track.make_input(track.parts[at], "-itsoffset", f"{unwrap(probe.start - begin):.6f}")
            for track, probe in zip(self._played, period, strict=True)
        ]

    # Several periods

    async def _join_periods(self, periods: Sequence[Period]) -> tuple[list[Input], list[float]]:
        """Return all periods as one input, and the seconds at which each of them begins in it."""
        offsets, lines = [0.0], ["ffconcat version 1.0"]
        for each in await self._make_parts(periods):
            probe = await self._ffmpeg.probe(Input(each))
            offsets.append(offsets[-1] + (probe.duration or 0.0))
            name = str(each.absolute()).replace("'", "'\\''")
            lines.append(f"file 'file:{name}'")
        path = self._folder / "list"
        await asyncio.to_thread(path.write_text, "\n".join(lines), encoding="utf-8")
        return [Input(path, "concat", ("-safe", "0"))], offsets[:-1]

    async def _make_parts(self, periods: Sequence[Period]) -> list[Path]:
        """Make one file for each period, with all that is played in it."""
        if self._follow_on(periods):
            return list(self._played[0].parts)
        codecs = {each.codec for period in periods for probe in period for each in probe.streams}
        muxer = "mpegts" if codecs <= _SELF_CONTAINED else "matroska"
        maps = [word for at, track in enumerate(self._played) for word in track.map_from(at)]
        paths = []
        for at, period in enumerate(periods):
            path = self._folder / f"{at}.part"
            inputs = self._synchronize(at, period)
            await self._ffmpeg.run(inputs, [*maps, "-c", "copy", "-f", muxer], path)
            paths.append(path)
        return paths

    def _follow_on(self, periods: Sequence[Period]) -> bool:
        """Whether the parts can be read one after another as they are."""
        (first, *others) = self._played
        kinds = {tuple(each.kind for each in probe.streams) for (probe, *_) in periods}
        is_whole = first.container == "mpegts" and first.takes == "all"
        return is_whole and not others and len(kinds) == 1

    async def _write_subtitles(
        self, number: int, track: MuxTrack, begins: Sequence[float], offsets: Sequence[float]
    ) -> Input:
        path = self._folder / f"{number}.vtt"
        await asyncio.to_thread(_write_cues, path, track, begins, offsets)
        return Input(path, "webvtt")


def _choose_suffix(period: Period) -> str:
    """Return the extension of a file for what is in these."""
    if any(probe.select("video") for probe in period):
        return ".mp4"
    codecs = {each.codec for probe in period for each in probe.select("audio")}
    return ".mp3" if codecs == {"mp3"} else ".m4a"


def _find_begin(period: Period) -> float:
    """Return the time at which the first of these files begins, on their common clock."""
    first = period[0].start
    return first + min(unwrap(each.start - first) for each in period)


def _refuse_change(parts: Sequence[Probe]) -> None:
    """Raise `PartsDiffer` for a track whose frames are not always to be read in the same way.

    MP4 keeps that once; of video the frames say it again.
    """
    kinds = list(dict.fromkeys(tuple(map(_describe, list_muxed(each))) for each in parts))
    if len(kinds) > 1:
        words = [" and ".join(each) or "nothing" for each in kinds]
        raise PartsDiffer(f"its parts differ, MP4 cannot hold them: {', '.join(words)}")


def _describe(stream: Stream) -> str:
    if stream.kind == "video":
        return stream.codec
    return f"{stream.codec} {stream.rate} Hz {stream.layout}"


def _choose_muxer(out: Path, periods: Sequence[Period]) -> list[str]:
    """Return the arguments for the muxer of a file."""
    name = out.suffix.removeprefix(".")
    if name in _MUXERS:
        return ["-f", _MUXERS[name]]
    codecs = {each.codec for probe in periods[0] for each in list_muxed(probe)}
    words = ["-c:s", "mov_text", "-movflags", "+faststart"]
    if "hevc" in codecs and len(periods) == 1:  # the name under which Apple's players take it
        words += ["-tag:v", "hvc1"]
    is_ipod = name == "m4a" and codecs <= _FOR_IPOD
    return [*words, "-f", "ipod" if is_ipod else "mp4"]


def _pass_over_damaged_audio(out: Path, period: Period) -> list[str]:
    """Return arguments by which frames that are cut do not end all; empty: there are none.

    By itself ffmpeg's muxer of MP4 gives up at the first frame of AAC whose header cannot be read,
    as where a segment ends within one. Before the muxer, the same filter leaves that frame out.
    """
    if out.suffix not in _WITH_SUBTITLES:
        return []
    audio = [each for probe in period for each in list_muxed(probe) if each.kind == "audio"]
    numbers = [number for number, each in enumerate(audio) if each.codec == "aac"]
    return [word for number in numbers for word in (f"-bsf:a:{number}", "aac_adtstoasc")]


def _write_cues(
    path: Path, track: MuxTrack, begins: Sequence[float], offsets: Sequence[float]
) -> None:
    """Write the subtitles of all periods as one file, on the clock of the whole.

    What is in one part although the film is in several is on the clock of the whole already, or on
    that of the film, if this goes on; what is in several although the film is in one is on its.

    Raises `ConvertError` for subtitles of a clock that begins anew they do not say where.
    """
    texts = [each.read_text(encoding="utf-8", errors="replace") for each in track.parts]
    if len(texts) == 1 or len(begins) == 1:
        if any(map(is_mapped, texts)) and not _goes_on(begins, offsets):
            raise ConvertError("they do not say where the video is discontinuous")
        begins, offsets = [begins[0]] * len(texts), [offsets[0]] * len(texts)
    cues = []
    for text, begin, offset in zip(texts, begins, offsets, strict=True):
        for each in read_cues(text, begin):
            cues.append(Cue(each.start + offset, each.end + offset, each.settings, each.text))
    path.write_text(join_cues(cues), encoding="utf-8")


def _goes_on(begins: Sequence[float], offsets: Sequence[float]) -> bool:
    """Whether periods that begin at these times are played at these seconds, one second or so."""
    return all(
        abs(unwrap(begin - begins[0]) - offset) < 1
        for begin, offset in zip(begins, offsets, strict=True)
    )
