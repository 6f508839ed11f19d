"""What only yt-dlp can fetch: a real YoutubeDL in its own process, a site on loopback."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.files import MIB, File, noise
from support.films import (
    SILENT,
    SOUND,
    Films,
    films,
    in_segments,
    is_sound,
    make_media,
    page,
    segments,
    streams,
)
from support.loopback import Answer, Loopback, Request, Wire, reply, stalled
from support.outcomes import leftovers, names_in
from support.runs import finals

from reelin import (
    DiskSink,
    Event,
    Extractor,
    Failed,
    Head,
    MediaItem,
    Network,
    Order,
    Progress,
    Report,
    Saved,
    Session,
    Sink,
    Size,
    Skipped,
    Stored,
    Transfer,
)
from reelin.extractors.ytdlp import Ytdlp
from reelin.media import ffmpeg
from reelin.plugins.registry import Registry

FIRST, SECOND, THIRD = (noise(200_000, seed=each) for each in (1, 2, 3))
QUICK = Network(retries=2, timeout=5)

needs_ffmpeg = pytest.mark.skipif(ffmpeg.find() is None, reason="there is no ffmpeg")


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film in parts, made by ffmpeg."""
    folder = tmp_path_factory.mktemp("media")
    make_media(folder)
    return folder


async def fetch(
    url: str, folder: Path, extractor: Extractor | None = None, **more: Any
) -> tuple[Report, list[Event]]:
    async with Session(registry=Registry([extractor or films()]), network=QUICK) as session:
        async with session.run(url, sink=DiskSink(folder), **more) as run:
            events = [event async for event in run]
        return run.report, events


def only_failure(report: Report) -> Failed:
    (failure,) = report.failures
    return failure


def in_state(folder: Path) -> list[str]:
    """What is left in the folder of the run's state."""
    return sorted(each.name for each in (folder / ".reelin").iterdir())


CLEAN = ["lock", "manifest.jsonl"]


# What it fetches


async def test_segments_become_one_file_with_its_progress(server: Loopback, tmp_path: Path) -> None:
    server.rate = 400_000
    url = page(server, formats=[segments(server, FIRST, SECOND, THIRD)])
    report, events = await fetch(url, tmp_path)
    assert report.ok and finals(tmp_path) == {"Film.webm": FIRST + SECOND + THIRD}
    assert in_state(tmp_path) == CLEAN
    (saved,) = [each for each in events if isinstance(each, Saved)]
    assert (saved.item.url, saved.item.format) == (url, "parts")
    assert (saved.item.mime, saved.item.size) == ("video/webm", 600_000)
    done = [each.done for each in events if isinstance(each, Progress)]
    assert done and done == sorted(done) and done[-1] <= 600_000
    assert all(each.size for each in events if isinstance(each, Progress))


async def test_what_is_there_is_not_fetched_again(server: Loopback, tmp_path: Path) -> None:
    url = page(server, formats=[segments(server, FIRST)])
    await fetch(url, tmp_path)
    report, _ = await fetch(url, tmp_path)
    assert report.skipped == 1 and len(server.asked("/segment/0")) == 1
    (line,) = (tmp_path / ".reelin" / "manifest.jsonl").read_text().splitlines()
    assert (json.loads(line)["url"], json.loads(line)["format"]) == (url, "parts")


async def test_formats_of_one_page_are_files_of_their_own(server: Loopback, tmp_path: Path) -> None:
    whole = segments(server, FIRST)
    sound = in_segments(
        server.on("/sound", reply(200, SECOND)), format_id="sound", vcodec="none", ext="weba"
    )
    url = page(server, formats=[sound, whole])
    await fetch(url, tmp_path)
    report, _ = await fetch(url, tmp_path, films(format="audio"))
    assert report.ok
    assert finals(tmp_path) == {"Film.webm": FIRST, "Film.weba": SECOND}


async def test_several_films_on_one_page(server: Loopback, tmp_path: Path) -> None:
    bodies = {"one": FIRST, "two": SECOND}
    entries = [
        {
            "id": name,
            "title": name,
            "formats": [in_segments(server.on(f"/{name}", reply(200, body)))],
        }
        for name, body in bodies.items()
    ]
    report, events = await fetch(page(server, entries=entries), tmp_path)
    assert report.ok
    assert finals(tmp_path) == {"01 one.webm": FIRST, "02 two.webm": SECOND}
    saved = [each.item.format for each in events if isinstance(each, Saved)]
    assert sorted(map(str, saved)) == ["parts one", "parts two"]


@needs_ffmpeg
async def test_pictures_and_sound_are_merged(server: Loopback, media: Path, tmp_path: Path) -> None:
    silent, sound = (media / "silent.mp4").read_bytes(), (media / "sound.m4a").read_bytes()
    small = {"format_id": "small", "url": server.url("/small.mp4"), "ext": "mp4", "height": 36}
    formats = [
        {**SOUND, "url": server.on("/sound.m4a", File(sound)), "filesize": len(sound)},
        small,
        {**SILENT, "url": server.on("/silent.mp4", File(silent)), "filesize": len(silent)},
    ]
    report, events = await fetch(page(server, formats=formats), tmp_path)
    assert report.ok, report.failures
    assert names_in(tmp_path) == ["Film.mp4"]
    assert sorted(streams(tmp_path / "Film.mp4")) == ["Audio", "Video"]
    assert is_sound(tmp_path / "Film.mp4") and in_state(tmp_path) == CLEAN
    (saved,) = [each for each in events if isinstance(each, Saved)]
    assert (saved.item.format, saved.item.height) == ("v+s", 72)
    assert saved.item.size == saved.stored.size == (tmp_path / "Film.mp4").stat().st_size
    assert server.asked("/small.mp4") == []


def in_pieces(server: Loopback, media: Path, *answers: Answer) -> str:
    """A film whose pictures yt-dlp asks for in four pieces; its URL."""
    size = (media / "silent.mp4").stat().st_size
    formats = [
        {**SOUND, "url": server.on("/s", reply(200, (media / "sound.m4a").read_bytes()))},
        {
            **SILENT,
            "url": server.on("/v", *answers),
            "downloader_options": {"http_chunk_size": size // 4},
        },
    ]
    return page(server, formats=formats)


@needs_ffmpeg
@pytest.mark.parametrize("etag", ['"version-1"', None])
async def test_pieces_of_one_version_make_a_file(
    etag: str | None, server: Loopback, media: Path, tmp_path: Path
) -> None:
    file = File((media / "silent.mp4").read_bytes(), etag)
    report, _ = await fetch(in_pieces(server, media, file), tmp_path)
    assert report.ok and is_sound(tmp_path / "Film.mp4")
    asked = server.asked("/v")
    if etag is None:  # nothing could prove that the next piece is of the same file
        assert [each.first for each in asked] == [0, None]
    else:
        assert len(asked) >= 4 and {each.headers["if-range"] for each in asked[1:]} == {etag}


@needs_ffmpeg
async def test_a_server_that_takes_every_if_range_for_a_miss(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    file = File((media / "silent.mp4").read_bytes())

    def picky(request: Request, wire: Wire) -> None:
        (file.whole if "if-range" in request.headers else file)(request, wire)

    report, _ = await fetch(in_pieces(server, media, picky), tmp_path)
    assert report.ok and is_sound(tmp_path / "Film.mp4")


@needs_ffmpeg
async def test_pieces_of_two_versions_make_none(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    old = File((media / "silent.mp4").read_bytes())
    new = File(noise(len(old.body)), etag='"version-2"')
    url = in_pieces(server, media, old, old, new)
    failure = only_failure((await fetch(url, tmp_path))[0])
    assert failure.error == f"{url}: the file changed while it was fetched"
    assert names_in(tmp_path) == leftovers(tmp_path) == []


@needs_ffmpeg
async def test_real_dash(server: Loopback, media: Path, tmp_path: Path) -> None:
    for path in media.iterdir():
        server.on(f"/dash/{path.name}", reply(200, path.read_bytes()))
    report, events = await fetch(page(server, mpd=server.url("/dash/film.mpd")), tmp_path)
    assert report.ok, report.failures
    (name,) = names_in(tmp_path)
    assert name == "Film.mp4" and sorted(streams(tmp_path / name)) == ["Audio", "Video"]
    assert is_sound(tmp_path / name)


@needs_ffmpeg
async def test_a_wanted_kind_of_file_decides_what_is_merged(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    sound = server.on("/sound.m4a", reply(200, (media / "sound.m4a").read_bytes()))
    formats = [
        {**SOUND, "url": sound},
        {
            "format_id": "o",
            "url": f"{sound}?opus",
            "ext": "webm",
            "vcodec": "none",
            "acodec": "opus",
        },
        {**SILENT, "url": server.on("/v", reply(200, (media / "silent.mp4").read_bytes()))},
    ]
    report, _ = await fetch(page(server, formats=formats), tmp_path, films(format="mp4"))
    assert report.ok and names_in(tmp_path) == ["Film.mp4"]


async def test_other_sinks_get_it_as_a_stream(server: Loopback, tmp_path: Path) -> None:
    class Memory(Sink):
        name = "memory"
        body = b""

        async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
            await transfer.open()
            self.body = b"".join([chunk async for chunk in transfer.chunks()])
            return Stored(item.url, len(self.body))

    sink = Memory()
    url = page(server, formats=[segments(server, FIRST, SECOND)])
    async with Session(registry=Registry([films()])) as session:
        async with session.run(url, sink=sink) as run:
            report = await run.finish()
    assert report.ok and sink.body == FIRST + SECOND


# What goes wrong


async def test_a_film_with_a_hole_is_none(server: Loopback, tmp_path: Path) -> None:
    parts = segments(server, FIRST, SECOND, THIRD)
    server.on("/segment/1", reply(404, b"gone"))
    url = page(server, formats=[parts])
    failure = only_failure((await fetch(url, tmp_path))[0])
    assert failure.kind == "FetchError" and failure.error.startswith(f"{url}: ")
    assert "404" in failure.error and "\n" not in failure.error
    assert names_in(tmp_path) == leftovers(tmp_path) == []


async def test_a_page_that_says_sorry_is_no_film(server: Loopback, tmp_path: Path) -> None:
    url = page(server, formats=[segments(server, b"<!doctype html><title>Sorry</title>")])
    failure = only_failure((await fetch(url, tmp_path))[0])
    assert "a web page came instead of the video" in failure.error
    assert names_in(tmp_path) == leftovers(tmp_path) == []


async def test_a_format_that_has_gone_meanwhile(server: Loopback, tmp_path: Path) -> None:
    url = page(server, formats=[segments(server, FIRST)])
    before = json.dumps({"formats": [segments(server, FIRST)]}).encode()
    after = json.dumps({"formats": [segments(server, FIRST, format_id="other")]}).encode()
    server.on("/film/a", *(reply(200, each, "application/json") for each in (before, after)))
    failure = only_failure((await fetch(url, tmp_path))[0])
    assert (failure.error, failure.kind) == (
        f"{url}: format parts is no longer there",
        "FetchError",
    )


async def test_what_the_page_says_later_is_told(server: Loopback, tmp_path: Path) -> None:
    url = page(server, formats=[segments(server, FIRST)])
    first = reply(200, json.dumps({"formats": [segments(server, FIRST)]}).encode(), "text/json")
    server.on("/film/a", first, reply(403, b"no"))
    failure = only_failure((await fetch(url, tmp_path))[0])
    assert failure.kind == "FetchError" and "403" in failure.error


async def test_a_process_that_dies(server: Loopback, tmp_path: Path) -> None:
    url = page(server, dies=True, formats=[segments(server, FIRST)])
    failure = only_failure((await fetch(url, tmp_path))[0])
    assert failure.kind == "PluginError"
    assert failure.error == f"{url}: yt-dlp: its process ended (3)"


async def test_a_backend_that_cannot_be_handed_over(server: Loopback, tmp_path: Path) -> None:
    url = page(server, formats=[segments(server, FIRST)])
    extractor = Ytdlp(backend=Films(match_filter=lambda *_: None))
    failure = only_failure((await fetch(url, tmp_path, extractor))[0])
    assert failure.kind == "PluginError" and "not JSON serializable" in failure.error


async def test_too_much_is_refused_while_it_comes(server: Loopback, tmp_path: Path) -> None:
    url = page(server, formats=[segments(server, *[FIRST] * 20)])
    report, events = await fetch(url, tmp_path, filters=[Size(most=500_000)])
    assert report.ok and names_in(tmp_path) == leftovers(tmp_path) == []
    (skipped,) = [each for each in events if isinstance(each, Skipped)]
    assert skipped.rule == "size" and not server.asked("/segment/15")


async def test_no_ffmpeg_no_merge(
    server: Loopback,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    formats = [
        {**SOUND, "url": server.url("/sound.m4a")},
        {"format_id": "w", "url": server.on("/w.mp4", reply(200, FIRST)), "ext": "mp4"},
        {**SILENT, "url": server.url("/silent.mp4"), "height": 1080},
    ]
    report, _ = await fetch(page(server, formats=formats), tmp_path / "run")
    assert report.ok and finals(tmp_path / "run") == {"Film.mp4": FIRST}
    (warning,) = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert warning.getMessage().startswith("Film: without ffmpeg ")


# Versions


@pytest.mark.parametrize("reset", [False, True])
async def test_a_break_is_healed(reset: bool, server: Loopback, tmp_path: Path) -> None:
    file = File(noise(MIB))
    server.on("/segment", file.broken_off(MIB // 2, reset=reset), file)
    url = page(server, formats=[in_segments(server.url("/segment"))])
    report, _ = await fetch(url, tmp_path)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"Film.webm": file.body}
    first, second = server.asked("/segment")
    assert second.headers["if-range"] == file.etag
    assert second.first is not None and second.first > 0
    assert first.sent + second.sent < MIB + MIB // 4


OLD, NEW = File(noise(MIB, seed=1)), File(noise(MIB, seed=2), etag='"version-2"')
NAMELESS = File(NEW.body, etag=None)


def elsewhere(start: int, total: int) -> str:
    return f"bytes {start + 1}-{total - 1}/{total}"


@pytest.mark.parametrize(
    "then",
    [
        NEW,
        NEW.part,
        NEW.whole,
        NAMELESS,
        NEW.lying(elsewhere),
    ],
    ids=["by the book", "206 of another", "200", "without a validator", "another range"],
)
@pytest.mark.parametrize("etag", ['"version-1"', None])
async def test_a_file_that_changes_is_never_glued(
    etag: str | None, then: Callable[..., None], server: Loopback, tmp_path: Path
) -> None:
    server.on("/segment", File(OLD.body, etag=etag).broken_off(MIB // 2), then)
    url = page(server, formats=[in_segments(server.url("/segment"))])
    report, _ = await fetch(url, tmp_path)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"Film.webm": NEW.body}


async def test_a_later_run_starts_anew(server: Loopback, tmp_path: Path) -> None:
    parts = segments(server, FIRST, SECOND)
    server.on("/segment/1", stalled)
    url = page(server, formats=[parts])
    async with under_way(url, tmp_path, server, "/segment/1"):
        assert list(tmp_path.rglob("*.part"))
    server.on("/segment/0", reply(200, THIRD))
    server.on("/segment/1", reply(200, SECOND))
    report, _ = await fetch(url, tmp_path)
    assert report.ok and finals(tmp_path) == {"Film.webm": THIRD + SECOND}
    assert in_state(tmp_path) == CLEAN


# Its end


class under_way:
    """A run that is left once `path` was asked for."""

    def __init__(self, url: str, folder: Path, server: Loopback, path: str) -> None:
        self._arguments = url, folder
        self._server, self._path = server, path

    async def __aenter__(self) -> None:
        self._run = asyncio.create_task(fetch(*self._arguments))
        async with asyncio.timeout(30):
            while not self._server.asked(self._path):
                assert not self._run.done(), self._run.result()
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)

    async def __aexit__(self, *_: object) -> None:
        self._run.cancel()
        await asyncio.gather(self._run, return_exceptions=True)


def running() -> dict[int, int]:
    """All processes but dead ones that nobody buried, with who started them."""
    with subprocess.Popen(
        ["ps", "-eo", "pid=,ppid=,stat="], stdout=subprocess.PIPE, text=True
    ) as ps:
        rows = [line.split() for line in ps.communicate()[0].splitlines()]
    found = {int(pid): int(parent) for pid, parent, state in rows if state[0] != "Z"}
    return {pid: parent for pid, parent in found.items() if pid != ps.pid}


def descendants(pid: int) -> set[int]:
    """The processes that a process started, and those that they started."""
    parents = running()
    found: set[int] = set()
    new = {pid}
    while new := {each for each, parent in parents.items() if parent in new} - found:
        found |= new
    return found


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.05)


@pytest.fixture
def slow_ffmpeg(tmp_path: Path) -> Iterator[Path]:
    """An ffmpeg that never ends once it has something to do; then there is a file `busy`."""
    script = tmp_path / "bin" / "ffmpeg"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *bsfs*|*version*) echo "ffmpeg version 7.0";; '
        f'*) echo $$ > "{script.parent}/busy"; sleep 600;; esac\n'
    )
    script.chmod(0o755)
    yield script


def film_to_merge(server: Loopback) -> str:
    formats = [
        {**SOUND, "url": server.on("/sound.m4a", reply(200, FIRST))},
        {**SILENT, "url": server.on("/silent.mp4", reply(200, SECOND))},
    ]
    return page(server, formats=formats)


async def test_leaving_ends_all_processes(server: Loopback, tmp_path: Path) -> None:
    before = descendants(os.getpid())
    parts = segments(server, FIRST, SECOND)
    server.on("/segment/1", stalled)
    async with under_way(page(server, formats=[parts]), tmp_path, server, "/segment/1"):
        assert descendants(os.getpid()) - before
    assert descendants(os.getpid()) - before == set()
    assert names_in(tmp_path) == leftovers(tmp_path) == []


async def test_leaving_ends_ffmpeg_too(server: Loopback, slow_ffmpeg: Path, tmp_path: Path) -> None:
    before = descendants(os.getpid())
    extractor = Ytdlp(backend=Films(ffmpeg_location=str(slow_ffmpeg)))
    reading = asyncio.create_task(fetch(film_to_merge(server), tmp_path / "run", extractor))
    await until((slow_ffmpeg.parent / "busy").exists)
    assert len(descendants(os.getpid()) - before) >= 3  # yt-dlp, ffmpeg, sleep
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert leftovers(tmp_path / "run") == []
    await until(lambda: descendants(os.getpid()) - before == set())


SCRIPT = """
import asyncio, sys
from support.films import Films
from reelin import Session
from reelin.extractors.ytdlp import Ytdlp
from reelin.plugins.registry import Registry

async def main(url, folder, *ffmpeg):
    backend = Films(ffmpeg_location=ffmpeg[0]) if ffmpeg else Films()
    async with Session(registry=Registry([Ytdlp(backend=backend)])) as session:
        report = await session.download(url, folder)
    print([each.kind + ": " + each.error for each in report.failures])

asyncio.run(main(*sys.argv[1:]))
"""


def program(*arguments: object, **more: Any) -> subprocess.Popen[str]:
    """A program that fetches a film, as a process of its own."""
    tests = str(Path(__file__).parent.parent)
    path = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        **more,
    )


async def test_a_killed_program_leaves_no_processes(
    server: Loopback, slow_ffmpeg: Path, tmp_path: Path
) -> None:
    with program(film_to_merge(server), tmp_path / "run", slow_ffmpeg) as killed:
        await until((slow_ffmpeg.parent / "busy").exists)
        started = descendants(killed.pid)
        assert len(started) >= 3
        killed.send_signal(signal.SIGKILL)
    await until(lambda: started.isdisjoint(running()))
    server.on("/film/a", reply(200, json.dumps({"formats": [segments(server, FIRST)]}).encode()))
    report, _ = await fetch(server.url("/film/a"), tmp_path / "run")
    assert report.ok and in_state(tmp_path / "run") == CLEAN


def test_a_full_disk_is_an_error_of_the_sink(server: Loopback, tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    url = page(server, formats=[segments(server, FIRST, SECOND)])
    with program(url, tmp_path, preexec_fn=small_files) as limited:
        told = limited.communicate(timeout=60)[0]
    assert told.startswith("['SinkError: ") and "File too large" in told, told
    assert names_in(tmp_path) == leftovers(tmp_path) == []


# A protocol of a plugin's own


class Dice(Transfer):
    """Needs no network."""

    async def open(self, landing: object = None) -> Head:
        await self.take_slot()
        await self.admit(Head(self.item.url, mime="application/octet-stream", filename="dice.bin"))
        return self.head

    async def chunks(self) -> AsyncIterator[bytes]:  # type: ignore[override]
        for number in str(self.item.format):
            yield number.encode() * 1000


class Casino(Extractor):
    """An extractor whose items are fetched in a way of its own."""

    name = "casino"
    pattern = r"https://casino\.example/"
    examples = ["https://casino.example/1"]
    needs_page = False

    def extract(self, page: object) -> Iterator[MediaItem]:
        for thrown in ("24", "61", "7"):
            yield MediaItem("https://casino.example/1", format=thrown)

    def transfer(self, order: Order) -> Transfer | None:
        if order.item.format == "7":
            raise ValueError("a die has six sides")
        return Dice(order) if order.item.format == "24" else None


async def test_a_plugin_may_fetch_in_its_own_way(tmp_path: Path) -> None:
    report, _ = await fetch("https://casino.example/1", tmp_path, Casino())
    assert finals(tmp_path) == {"dice.bin": b"2" * 1000 + b"4" * 1000}
    raised, missing = sorted(each.error for each in report.failures)
    where = "plugin casino on https://casino.example/1: "
    assert raised.startswith(f"{where}ValueError: a die has six sides (test_ytdlp.py, line ")
    assert missing == f"{where}it has no transfer for '61'"
    assert in_state(tmp_path) == CLEAN


async def test_a_plugins_own_way_can_be_refused(tmp_path: Path) -> None:
    for most in (1500, 999):
        report, _ = await fetch(
            "https://casino.example/1", tmp_path, Casino(), filters=[Size(most=most)]
        )
        assert report.skipped == 1 and finals(tmp_path) == {} and leftovers(tmp_path) == []
