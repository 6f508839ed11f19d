"""The bytes of an HLS stream: every segment, in order, checked; then one file that plays."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

from .. import m3u8
from ..client import Client
from ..errors import ConvertError, ExtractError, FetchError, UsageError
from ..ffmpeg import Ffmpeg, Source
from ..ffmpeg.mux import Takes, Track, mux, suffix
from ..hls import choice as choices
from ..hls.body import BOXES, Body, packed_audio, size_of
from ..hls.live import Live
from ..hls.loading import Mirrors, Playlists
from ..hls.segments import Segments, total
from ..hls.track import Cuts, TrackFiles, signature_of
from ..m3u8 import Master, Media, Rendition, Segment
from ..media_types import path_of
from ..models import Head, MediaType, Stored
from ..names import safe_name
from ..sniff import SNIFF_BYTES
from .base import Incomplete, Order, Transfer
from .batch import LARGE, OLD_SECONDS
from .landing import Landing
from .writer import disk_error

logger = logging.getLogger(__name__)

T = TypeVar("T")
AHEAD = 8  # segments that are fetched at once where nobody asked for another number
_PIECE = 1 << 20
_MUCH = 8 << 20  # bytes of a segment that are written before the next is fetched, to save memory
_MIMES = {
    "aac": "audio/aac",
    "ac3": "audio/ac3",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ts": "video/mp2t",
}
_SOUND = frozenset(["aac", "ac3", "m4a", "mp3"])
_NO_NAMES = frozenset(
    "chunklist hls index manifest master playlist prog_index stream video".split()
)


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the tracks to fetch: its playlist at `url`, and others with the same segments."""

    name: str
    takes: Takes
    url: str
    media: Media
    variables: Mapping[str, str] = field(default_factory=dict)
    mirrors: Mirrors | None = None
    language: str | None = None
    title: str | None = None


@dataclass(slots=True)
class _Batch:
    """Segments that wait to be written together, all of one part. `done`: those before its end."""

    part: int
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0
    done: int = 0
    since: float = field(default_factory=time.monotonic)

    def add(self, body: Body, done: int) -> None:
        self.pieces += body
        self.size += size_of(body)
        self.done = done

    @property
    def is_due(self) -> bool:
        """Whether it is to be written now: it is large, or what a crash would lose is old."""
        return self.size >= LARGE or time.monotonic() - self.since >= OLD_SECONDS


class HlsTransfer(Transfer):
    """The stream of a playlist, multivariant or not, as `item.format` says (see `hls.choice`).

    ffmpeg puts what was fetched into one MP4. Where there is none, or where it fails, the bytes
    stay as they came.
    """

    def __init__(self, order: Order, client: Client, ffmpeg: Ffmpeg) -> None:
        super().__init__(order)
        self._client = client
        self._ffmpeg = ffmpeg
        self._playlists = Playlists(client, self.item)
        self._segments = Segments(client, self.item, client.network.connections or AHEAD)
        self._parts: list[_Part] = []
        self._missing: list[str] = []  # of a live stream
        self._done = self._all = self._bytes = 0
        self._sha256: str | None = None  # of what is kept as it came
        self._thread = ThreadPoolExecutor(1, "reelin-hls")

    async def open(self, landing: Landing | None = None) -> Head:
        await self.take_slot()
        self._parts = await self._planned()
        self._all = sum(total(each.media) for each in self._parts if each.media.endlist)
        is_sound = self._parts[0].takes == "sound"
        await self.admit(self._head_of(self._expected(), "audio" if is_sound else "video"))
        return self.head

    async def chunks(self) -> AsyncGenerator[bytes]:
        folder = Path(await asyncio.to_thread(mkdtemp, prefix="reelin-"))
        try:
            path = await self._made(folder)
            if self._missing:  # before the first byte, so that nobody takes it for whole
                raise FetchError(f"{self.item.url}: {self._lost}", url=self.item.url)
            file = await asyncio.to_thread(path.open, "rb")
            with file:
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    yield piece
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def save(self, landing: Landing) -> Stored:
        token = {"url": self.item.url, "format": self.item.format, "protocol": "hls"}
        folder = await landing.store(token)
        path = await self._made(folder)
        landing.turned_out(self.head, path.suffix.removeprefix("."))
        stored = await landing.adopt(path, self._sha256)
        if self._missing:
            raise Incomplete(self.item.url, self._lost, stored)
        return stored

    @property
    def _lost(self) -> str:
        return "; ".join(self._missing)

    async def close(self) -> None:
        await self._segments.close()
        self._thread.shutdown(wait=False, cancel_futures=True)
        await super().close()

    # What to fetch

    async def _planned(self) -> list[_Part]:
        playlist = await self._playlists.load(self.item.url)
        _refuse_protected(playlist)
        if isinstance(playlist, Media):
            return [self._checked(_Part("main", self._main_takes(), self.item.url, playlist))]
        return await self._of_master(playlist)

    async def _of_master(self, master: Master) -> list[_Part]:
        wish = choices.Choice.read(self.item.format)
        variant, *mirrors = choices.chosen(master, wish)
        sound = choices.sound(master, variant, wish)
        urls = [variant.uri, *(each.uri for each in mirrors)]
        takes: Takes = "film"
        if choices.is_sound(variant):
            takes = "sound"
            if sound is not None and sound.uri is not None:
                urls, sound = [sound.uri], None
        elif sound is not None:
            takes = "pictures"
        for missing in choices.unmet(master, variant, wish):
            logger.warning("%s: it has no %s", master.url, missing)
        url, media, others = await self._first_of(urls, master)
        twins = Mirrors(self._playlists, others, master.variables)
        parts = [_Part("main", takes, url, media, master.variables, twins)]
        if sound is not None:
            parts.append(await self._rendition("sound", "sound", sound, master))
        for number, each in enumerate(choices.subtitles(master, variant, wish)):
            parts.append(await self._rendition(f"text{number}", "text", each, master))
        return [self._checked(each) for each in parts]

    async def _rendition(
        self, name: str, takes: Takes, rendition: Rendition, master: Master
    ) -> _Part:
        assert rendition.uri is not None
        media = await self._playlists.media(rendition.uri, master.variables)
        title = rendition.name or None
        about = (rendition.uri, media, master.variables, None, rendition.language, title)
        return _Part(name, takes, *about)

    async def _first_of(
        self, urls: Sequence[str], master: Master
    ) -> tuple[str, Media, Sequence[str]]:
        """The first of mirrors that can be had, and those behind it."""
        for number, url in enumerate(urls):
            try:
                media = await self._playlists.media(url, master.variables)
                return url, media, urls[number + 1 :]
            except (FetchError, ExtractError) as error:
                if number == len(urls) - 1:
                    raise
                logger.warning("%s; its mirror is taken", error)
        raise ExtractError(f"{master.url}: it names no stream", url=master.url)

    def _main_takes(self) -> Takes:
        return "sound" if self.item.type == "audio" else "film"

    def _checked(self, part: _Part) -> _Part:
        """Raise `ExtractError` for a playlist that cannot be fetched as a whole."""
        media = part.media
        _refuse_protected(media)
        problem = None
        if media.iframes_only:
            problem = "has single pictures only"
        elif not media.endlist and self._order.live is None:
            problem = "is live, it has no end yet; --live SECONDS records a part of it"
        elif not total(media) and media.endlist:
            problem = "has no segments"
        if problem:
            raise ExtractError(f"{media.url} {problem}", url=media.url)
        gaps = len(media.segments) - total(media)
        if gaps:
            logger.warning("%s: %d segments are marked as missing by the site", media.url, gaps)
        for note in media.notes:
            logger.info("%s: %s", media.url, note)
        return part

    # Its name

    def _expected(self) -> str:
        """The extension of what will be made; `_made` may know better.

        Raises `ConvertError` where that needs ffmpeg, and there is none.
        """
        main = self._parts[0]
        if self._lacking is None:
            return "m4a" if main.takes == "sound" else "mp4"
        if len(self._parts) > 1:
            raise ConvertError(f"{self.item.url}: its tracks come apart; {self._lacking}")
        if any(each.map for each in main.media.segments):
            return "m4a" if main.takes == "sound" else "mp4"
        return "aac" if main.takes == "sound" else "ts"

    @property
    def _lacking(self) -> str | None:
        """Why nothing can be put together; None where it can."""
        try:
            self._ffmpeg.require()
        except UsageError as error:
            return str(error)
        return None

    def _head_of(self, ending: str, type: MediaType, size: int | None = None) -> Head:
        name = f"{self._stem()}.{ending}"
        return Head(self.item.url, mime=_MIMES[ending], type=type, size=size, filename=name)

    def _stem(self) -> str:
        """What its file is called, without extension: its title, else by a part of its URL."""
        if self.item.title:
            return safe_name(self.item.title)
        *folders, name = path_of(self.item.url).split("/")
        stems = [name.rpartition(".")[0] or name, *reversed(folders)]
        return next((each for each in stems if each and each.lower() not in _NO_NAMES), "video")

    # The bytes

    async def _made(self, folder: Path) -> Path:
        """Have all tracks fetched into a folder and put together; the file."""
        if all(each.media.endlist for each in self._parts):
            tracks = [await self._track(each, folder) for each in self._parts]
        else:  # what is live passes by at the same time
            tracks = await _together(self._track(each, folder) for each in self._parts)
        self.leave_slot()
        parts = len(tracks[0].parts)
        tracks = [each for each in tracks if await self._can_be_put_in(each, parts)]
        path = await self._muxed(tracks, folder)
        if path is None:
            path = await self._run(_joined, tracks[0], folder)
        size = (await self._run(path.stat)).st_size
        ending = path.suffix.removeprefix(".")
        is_sound = tracks[0].takes == "sound" or ending in _SOUND
        await self.admit(self._head_of(ending, "audio" if is_sound else "video", size))
        return path

    async def _can_be_put_in(self, track: Track, parts: int) -> bool:
        """Whether it is anything but text that nobody can place, which is told."""
        if track.takes != "text":
            return True
        if not await self._run(_is_webvtt, track.parts[0]):
            problem = "are no WebVTT"
        elif len(track.parts) != parts:
            problem = "do not say where the film is discontinuous"
        else:
            return True
        self._missing.append(f"its subtitles {track.title} {problem}, and cannot be put in")
        return False

    async def _muxed(self, tracks: Sequence[Track], folder: Path) -> Path | None:
        """One file of all tracks; None where they are one that has to be kept as it came."""
        if self._lacking is not None:
            logger.warning("%s: kept as it came: %s", self.item.url, self._lacking)
            return None
        try:
            first = await self._ffmpeg.look(Source(tracks[0].parts[0], tracks[0].container))
            path = folder / f"whole.{suffix(first)}"
            await mux(self._ffmpeg, path, tracks, title=self.item.title)
        except OSError as error:
            raise disk_error(error) from error
        except ConvertError as error:
            if len(tracks) > 1:
                raise
            logger.warning("%s: kept as it came: %s", self.item.url, error)
            return None
        return path

    async def _track(self, part: _Part, folder: Path) -> Track:
        """Have one playlist's segments fetched."""
        files = TrackFiles(folder, part.name, hashed=self._lacking is not None)
        try:
            await (self._fetched if part.media.endlist else self._recorded)(part, files)
            self._sha256 = files.sha256
        finally:
            await self._run(files.close)
        return Track(tuple(files.paths), part.takes, None, language=part.language, title=part.title)

    async def _fetched(self, part: _Part, files: TrackFiles) -> None:
        """Append what is missing of one playlist to its files."""
        segments, cuts = part.media.segments, Cuts()
        places = [cuts.part_of(each) for each in segments]
        signature = signature_of(part.media)
        done, size = await self._run(files.resume, signature)
        if done and not await self._ends_with(files, segments[done - 1], part):
            logger.warning("%s: it has changed since it was begun; begun anew", part.media.url)
            await self._run(files.begin, signature)
            done = size = 0
        self._done += sum(not each.gap for each in segments[:done])
        self._bytes += size
        batch = _Batch(places[done - 1] if done else -1)
        writing = asyncio.create_task(asyncio.sleep(0))
        try:
            async with aclosing(self._segments.in_order(segments, done, part.mirrors)) as pieces:
                async for piece in pieces:
                    if places[piece.number] != batch.part:
                        writing = await self._behind(writing, files, batch)
                        batch = _Batch(places[piece.number])
                        batch.pieces.append(await self._segments.map(piece.segment, part.mirrors))
                    batch.add(_as_written(piece.body, part), piece.number + 1)
                    self._count(size_of(piece.body))
                    del piece  # or it would be kept until the next one is here
                    if batch.is_due:
                        writing = await self._behind(writing, files, batch)
                        if batch.size > _MUCH:
                            await writing
                        batch = _Batch(batch.part)
        finally:
            await writing
            await self._write(files, batch)

    async def _ends_with(self, files: TrackFiles, segment: Segment, part: _Part) -> bool:
        """Whether what is here ends with that segment: another version has other bytes."""
        body = await self._segments.body(segment, part.mirrors)
        return await self._run(files.ends_with, _as_written(body, part))

    async def _recorded(self, part: _Part, files: TrackFiles) -> None:
        """Append what a live playlist shows from now on."""
        assert self._order.live is not None
        seconds = self._order.live
        live = Live(self._playlists, part.url, part.media, part.variables, seconds)
        await self._run(files.resume, f"live {time.time_ns()}")
        at, done, before = 0, 0, None
        async for segment in live.segments():
            try:
                body = await self._segments.body(segment)
                init = await self._segments.map(segment)
            except FetchError as error:
                live.lose(error)
                self._segments.forget_failures()
                continue
            # By its bytes: the address of the same map may hold another token at each reload.
            now = (segment.discontinuity, init)
            at += done > 0 and now != before
            done += 1
            batch = _Batch(at)
            if now != before:
                batch.pieces.append(init)
            before = now
            batch.add(_as_written(body, part), done)
            await self._write(files, batch)
            self._count(size_of(body))
        if not done:
            raise FetchError(f"{part.media.url}: nothing came within its time", url=part.media.url)
        if live.lost:
            self._missing.append(f"{live.lost} segments were gone before they could be fetched")
        if live.ended:
            self._missing.append(live.ended)

    async def _behind(
        self, writing: asyncio.Task[None], files: TrackFiles, batch: _Batch
    ) -> asyncio.Task[None]:
        """Begin to write a batch when the one before it is written: the disk sets the pace."""
        await writing
        return asyncio.create_task(self._write(files, batch))

    async def _write(self, files: TrackFiles, batch: _Batch) -> None:
        if batch.done:
            await self._run(files.append, batch.part, batch.pieces, batch.done)

    def _count(self, size: int) -> None:
        self._done += 1
        self._bytes += size
        self.refuse_beyond_bound(self._bytes)
        whole = self._bytes * self._all // self._done if self._all else None
        self.tell(self._bytes, whole, (self._done, self._all or None))

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        """Call something that waits for the disk."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
        except OSError as error:
            raise disk_error(error) from error


async def _together(work: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """What all of these give, at the same time; when one fails, the others are stopped."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _as_written(body: Body, part: _Part) -> Body:
    """Files of text need an empty line between them."""
    return [*body, b"\n\n"] if part.takes == "text" else body


def _refuse_protected(playlist: Master | Media) -> None:
    names = m3u8.drm_of(playlist)
    if names:
        raise ExtractError(
            f"{playlist.url} is protected by {' and '.join(names)}, which reelin does not open",
            url=playlist.url,
        )


def _joined(track: Track, folder: Path) -> Path:
    """The parts of a track in one file, one behind the other, named after what they are."""
    first, *others = track.parts
    whole = folder / f"whole.{_ending_of(first, track.takes)}"
    first.rename(whole)
    with whole.open("ab") as out:
        for each in others:
            with each.open("rb") as file:
                shutil.copyfileobj(file, out, _PIECE)
    return whole


def _is_webvtt(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16).removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT")


def _ending_of(path: Path, takes: Takes) -> str:
    """The extension that suits the bytes of a track."""
    with path.open("rb") as file:
        start = file.read(SNIFF_BYTES)
    if start[4:8] in BOXES:
        return "m4a" if takes == "sound" else "mp4"
    return packed_audio(start) or "ts"
