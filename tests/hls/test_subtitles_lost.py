"""Subtitles as they are, and are not: the film is saved, what can be read is in it, the rest told."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from obstore.store import MemoryStore
from support import hls
from support.command import Command
from support.files import File
from support.hls import KEY, MIME, Cut, decoded, encrypted, playlist, put, served
from support.live import QUICK
from support.loopback import Answer, Loopback, reply
from support.outcomes import fetch, names_in
from support.zips import entries

from reelin import (
    Audio,
    DiskSink,
    MediaItem,
    ObjectSink,
    Report,
    Session,
    Sink,
    StdoutSink,
    Stored,
    Transfer,
    ZipSink,
)
from reelin.extractors.m3u8 import M3U8
from reelin.plugins.registry import Registry

MAP = "X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:126000\n"
ONE = b"00:00.500 --> 00:01.000\nOne\n"
TWO = b"00:02.500 --> 00:03.000\nTwo\n"
VTT = b"WEBVTT\n\n" + ONE + b"\n" + TWO
SRT = b"1\n00:00:00,500 --> 00:00:01,000\nOne\n\n2\n00:00:02,500 --> 00:00:03,000\nTwo\n"


def film(server: Loopback, ts: Cut, uri: str = "text.m3u8") -> str:
    """A film whose subtitles are at that address."""
    served(server, "x", ts)
    body = (
        f'#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="English",URI="{uri}"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="t"\nx/film.m3u8\n'
    )
    return server.on("/master.m3u8", reply(200, body.encode(), MIME))


def texts(server: Loopback, *bodies: bytes | Answer, key: str = "", ends: bool = True) -> None:
    """Subtitles in so many segments."""
    for at, body in enumerate(bodies):
        server.on(f"/{at}.vtt", reply(200, body, "text/vtt") if isinstance(body, bytes) else body)
    lines = [key] * bool(key) + [f"#EXTINF:1,\n/{at}.vtt" for at in range(len(bodies))]
    server.on("/text.m3u8", reply(200, playlist(*lines, ends=ends), MIME))


async def saved(server: Loopback, ts: Cut, url: str, folder: Path) -> tuple[Report, str]:
    """What came of it, and the words; the film is whole."""
    extractors = [M3U8(subtitles="all")]
    report, _ = await fetch(url, folder, network=QUICK, extractors=extractors)
    (name,) = names_in(folder)
    path = folder / name
    for kind in "va":
        assert decoded(path, kind) == decoded(server.url("/x/film.m3u8"), kind)

    return report, hls.subtitles(path) if hls.subtitle_streams(path) else ""


@pytest.mark.parametrize(
    "body",
    [
        VTT,
        b"\xef\xbb\xbf" + VTT,
        VTT.replace(b"\n", b"\r\n"),
        SRT,
        SRT.decode().encode("utf-16"),
        b"\n\n" + SRT.replace(b"00:00:0", b"0:00:0"),
    ],
)
async def test_the_address_is_the_text(
    server: Loopback, ts: Cut, tmp_path: Path, body: bytes
) -> None:
    url = film(server, ts, "words")
    server.on("/words", File(body, mime="application/octet-stream"))
    report, words = await saved(server, ts, url, tmp_path)
    assert report.ok, report.failures
    assert "One" in words and "Two" in words and "00:00:02,500" in words


@pytest.mark.parametrize(
    "empty",
    [
        b"",
        b"\n",
        b"\r\n\r\n",
        b"\xef\xbb\xbf",
        b"\0",
        b"WEBVTT",
        b"WEBVTT\n\nNOTE nothing\n",
        reply(204, b""),
    ],
)
async def test_nobody_speaks(
    server: Loopback, ts: Cut, tmp_path: Path, empty: bytes | Answer
) -> None:
    texts(server, VTT, empty, empty)
    report, words = await saved(server, ts, film(server, ts), tmp_path)
    assert report.ok and "One" in words and "Two" in words
    texts(server, empty)
    report, words = await saved(server, ts, film(server, ts), tmp_path / "silent")
    assert report.ok and words == ""


async def test_only_the_first_has_a_header(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    texts(server, f"WEBVTT\n{MAP}\n".encode() + ONE, TWO)
    report, words = await saved(server, ts, film(server, ts), tmp_path)
    assert report.ok and "One" in words and "00:00:02," in words


async def test_letters_of_windows(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    texts(server, SRT.replace(b"One", "Où".encode("cp1252")))
    report, words = await saved(server, ts, film(server, ts), tmp_path)
    assert report.ok and "Où" in words


async def test_without_an_end(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    texts(server, VTT, ends=False)
    report, words = await saved(server, ts, film(server, ts), tmp_path)
    assert report.ok and "Two" in words


async def test_encrypted_or_not_under_a_key(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    server.on("/key", reply(200, KEY))
    first, later = f"WEBVTT\n{MAP}\n".encode() + ONE, b"WEBVTT\n\n" + TWO
    key = '#EXT-X-KEY:METHOD=AES-128,URI="/key"'
    texts(server, encrypted(first, 0), later, b"", key=key)
    report, words = await saved(server, ts, film(server, ts), tmp_path)
    assert report.ok and "One" in words and "Two" in words


# What is lost, and told


@pytest.mark.parametrize(
    "bad",
    [
        reply(404),
        reply(503),
        b"<!doctype html><title>Sorry</title>",
        b'{"code": 403}',
        b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        b"GIF89a\x01\0\x01\0",
        b"Gone",
    ],
)
async def test_a_segment_that_cannot_be_read(
    server: Loopback, ts: Cut, tmp_path: Path, bad: bytes | Answer
) -> None:
    texts(server, b"WEBVTT\n\n" + ONE, bad, b"WEBVTT\n\n" + TWO)
    report, words = await saved(server, ts, film(server, ts), tmp_path)
    (failed,) = report.failures
    assert "1 of 3 segments of its subtitles English are missing" in failed.error
    assert "One" in words and "Two" in words


@pytest.mark.parametrize(
    "bad",
    [
        reply(404),
        reply(200, b"<!doctype html><title>Sorry</title>", "text/html"),
        reply(200, b"Gone", "text/vtt"),
        reply(200, b"", MIME),
        reply(200, playlist("#EXT-X-SKIP:SKIPPED-SEGMENTS=2", "#EXTINF:1,\n/1.vtt"), MIME),
        reply(200, playlist('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="/k"', "#EXTINF:1,\n/1.vtt"), MIME),
        reply(200, playlist("#EXTINF:1,\nfile:///etc/passwd"), MIME),
    ],
)
async def test_a_playlist_that_cannot_be_read(
    server: Loopback, ts: Cut, tmp_path: Path, bad: Answer
) -> None:
    server.on("/text.m3u8", bad)
    report, words = await saved(server, ts, film(server, ts), tmp_path)
    assert words == ""
    if report.failures:
        assert "its subtitles English" in report.failures[0].error


async def test_no_more_is_asked_for_where_nothing_comes(
    server: Loopback, ts: Cut, tmp_path: Path
) -> None:
    texts(server, VTT, *[reply(404)] * 100)
    report, words = await saved(server, ts, film(server, ts), tmp_path)
    assert "One" in words and "of 101 segments" in report.failures[0].error
    assert len([each for each in server.requests if ".vtt" in each.path]) < 20


async def test_without_ffmpeg_the_film_is_kept(
    server: Loopback, ts: Cut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reelin.media.ffmpeg import Ffmpeg
    from reelin.model.errors import UsageError

    def refuse(self: Ffmpeg) -> None:
        raise UsageError("there is no ffmpeg")

    monkeypatch.setattr(Ffmpeg, "require", refuse)
    texts(server, VTT)
    extractors = [M3U8(subtitles="all")]
    report, _ = await fetch(film(server, ts), tmp_path, network=QUICK, extractors=extractors)
    assert "its subtitles English cannot be put in" in report.failures[0].error
    (name,) = names_in(tmp_path)
    assert (tmp_path / name).read_bytes() == b"".join(ts.segments)


# Discontinuities of the film


def cut_in_two(server: Loopback, ts: Cut, uri: str = "text.m3u8") -> str:
    url = film(server, ts, uri)
    lines = ts.lines(*put(server, "x", ts.segments))
    lines.insert(2, "#EXT-X-DISCONTINUITY")
    server.on("/x/film.m3u8", reply(200, playlist(*lines), MIME))
    return url


@pytest.mark.parametrize("header", ["", MAP])
async def test_the_film_is_cut_and_the_words_are_not(
    server: Loopback, ts: Cut, tmp_path: Path, header: str
) -> None:
    texts(server, f"WEBVTT\n{header}\n".encode() + ONE + b"\n" + TWO)
    report, words = await saved(server, ts, cut_in_two(server, ts), tmp_path)
    assert report.ok and "One" in words and "00:00:02," in words


async def test_a_clock_that_begins_anew(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    """Nobody knows which of the two times is meant: without them the film is saved."""
    texts(server, f"WEBVTT\n{MAP}\n".encode() + ONE)
    url = film(server, ts)
    lines = ts.lines(*put(server, "x", ts.segments))
    lines += ["#EXT-X-DISCONTINUITY", *lines]
    server.on("/x/film.m3u8", reply(200, playlist(*lines), MIME))
    extractors = [M3U8(subtitles="all")]
    report, _ = await fetch(url, tmp_path, network=QUICK, extractors=extractors)
    assert "do not say where the video is discontinuous" in report.failures[0].error
    assert len(names_in(tmp_path)) == 1


# Wherever the film goes


class Memory(Sink):
    """A stranger's sink, which knows nothing of losses."""

    name = "memory"

    def __init__(self) -> None:
        self.body = b""

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        await transfer.open()
        self.body = b"".join([chunk async for chunk in transfer.chunks()])
        return Stored("film.mp4", len(self.body))


def memory() -> tuple[Sink, Callable[[], bytes]]:
    sink = Memory()
    return sink, lambda: sink.body


def pipe() -> tuple[Sink, Callable[[], bytes]]:
    stream = io.BytesIO()
    return StdoutSink(stream), stream.getvalue


def zipped(spool: bool) -> tuple[Sink, Callable[[], bytes]]:
    stream = io.BytesIO()

    def body() -> bytes:
        (name, film), (failed, told) = entries(stream.getvalue()).items()
        assert failed == "_failed.txt" and told.count(b"\n") == 1
        assert "subtitles English" in told.decode() and f"saved as {name}" in told.decode()
        return film

    return ZipSink(stream, spool=spool), body


def stored() -> tuple[Sink, Callable[[], bytes]]:
    store = MemoryStore()

    def body() -> bytes:
        names = [each["path"] for batch in store.list() for each in batch]
        (name,) = [each for each in names if not each.startswith(".reelin/")]
        return bytes(store.get(name).bytes())

    return ObjectSink("memory:///", store=store), body


def lossy(server: Loopback, ts: Cut) -> str:
    """A film whose subtitles break in the middle."""
    texts(server, b"WEBVTT\n\n" + ONE, reply(404), b"WEBVTT\n\n" + TWO)
    return film(server, ts)


@pytest.mark.parametrize(
    "make", [memory, pipe, stored, lambda: zipped(spool=False), lambda: zipped(spool=True)]
)
async def test_every_sink_gets_the_film(
    server: Loopback,
    ts: Cut,
    tmp_path: Path,
    make: Callable[[], tuple[Sink, Callable[[], bytes]]],
) -> None:
    sink, body = make()
    registry = Registry([M3U8(subtitles="all")])
    async with Session(network=QUICK, registry=registry) as session:
        async with session.run(lossy(server, ts), sink=sink) as run:
            report = await run.finish()
    (failed,) = report.failures
    assert "1 of 3 segments of its subtitles English are missing" in failed.error
    assert "the rest is saved as" in failed.error
    path = tmp_path / "film.mp4"
    path.write_bytes(body())
    assert decoded(path, "v") == decoded(server.url("/x/film.m3u8"), "v")
    assert "One" in hls.subtitles(path) and "Two" in hls.subtitles(path)


async def test_an_archive_for_a_web_server(server: Loopback, ts: Cut) -> None:
    registry = Registry([M3U8(subtitles="all")])
    async with Session(network=QUICK, registry=registry) as session:
        for sized in (False, True):
            async with session.stream_zip(lossy(server, ts), sized=sized) as archive:
                made = b"".join([chunk async for chunk in archive])
            name, failed = entries(made)
            assert failed == "_failed.txt" and len(archive.report.failures) == 1
            assert f"saved as {name}" in entries(made)[failed].decode()


async def test_its_sound_alone(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    """Also what is made of a film that is not whole tells so."""
    registry = Registry([M3U8(subtitles="all")])
    url = lossy(server, ts)
    async with Session(network=QUICK, registry=registry) as session:
        sink = Memory()
        async with session.run(url, sink=sink, audio=Audio("wav")) as run:
            report = await run.finish()
        on_disk = await session.download(url, tmp_path, audio=Audio("wav"))
    for each in (report, on_disk):
        assert "subtitles English" in each.failures[0].error
    (name,) = names_in(tmp_path)
    assert (tmp_path / name).read_bytes() == sink.body


@pytest.mark.parametrize("words", [["-o", "-"], ["--zip", "-"], ["--zip", "all.zip"]])
def test_the_exit_status(server: Loopback, ts: Cut, tmp_path: Path, words: list[str]) -> None:
    options = ("--no-config", "-O", "m3u8.subtitles=all")
    ended = Command(lossy(server, ts), *words, *options, home=tmp_path).end()
    assert ended.code == 1
    assert "segments of its subtitles English are missing" in ended.err
    assert "the rest is saved as" in ended.err


@pytest.mark.parametrize("place", ["folder", "store"])
@pytest.mark.parametrize("audio", [None, Audio("wav")], ids=["film", "sound"])
async def test_a_rerun_tells_it_again(
    server: Loopback, ts: Cut, tmp_path: Path, place: str, audio: Audio | None
) -> None:
    """Without another request for what is here, until it is fetched again and whole."""
    store = MemoryStore()

    def sink(overwrite: bool = False) -> Sink:
        if place == "store":
            return ObjectSink("memory:///", store=store, overwrite=overwrite)
        return DiskSink(tmp_path, overwrite=overwrite)

    async def again(overwrite: bool = False) -> Report:
        registry = Registry([M3U8(subtitles="all")])
        async with Session(network=QUICK, registry=registry) as session:
            async with session.run(url, sink=sink(overwrite), audio=audio) as run:
                return await run.finish()

    url = lossy(server, ts)
    first, asked = await again(), len(hls.segment_requests(server, "x"))
    for _ in range(2):
        (failed,) = (await again()).failures
        assert failed.error == first.failures[0].error + ", which --overwrite fetches again"
    assert len(hls.segment_requests(server, "x")) == asked
    texts(server, VTT)
    assert (await again(overwrite=True)).ok
    assert (await again()).ok
