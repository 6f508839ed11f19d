"""Sound that is converted once it is here: real ffmpeg, a server on loopback."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.command import Command
from support.files import MIB, File, noise
from support.films import Films, films, in_segments
from support.films import page as film_page
from support.loopback import Loopback, reply
from support.media import frames, make, programs, said, samples
from support.outcomes import leftovers, names_in

from reelin import (
    Audio,
    DiskSink,
    Event,
    Extractor,
    Failed,
    MediaItem,
    Network,
    Page,
    Progress,
    Report,
    Saved,
    Session,
    Sink,
    Stored,
    Transfer,
    Type,
    UsageError,
)
from reelin import download as blocking_download
from reelin.disk.check import verify
from reelin.plugins.registry import Registry

QUICK = Network(retries=2, timeout=5)
MP3 = Audio("mp3", "192k")


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make(folder / "song.wav", "", pictures=False)
    make(folder / "long.wav", "-ac 2", pictures=False, seconds=20)
    make(folder / "film.mp4", "-c:v mpeg4 -c:a aac")
    make(folder / "cover.png", "-frames:v 1", sound=False)
    return folder


class Songs(Extractor):
    """What a page of JSON lists: items as their arguments."""

    name = "songs"
    pattern = r"http://127\.0\.0\.1:\d+/songs"

    def extract(self, page: Page) -> Any:
        for each in json.loads(page.text):
            yield MediaItem(page.absolute(each.pop("url")), **each)


def songs(server: Loopback, *items: dict[str, Any]) -> str:
    return server.on("/songs", reply(200, json.dumps(items).encode(), "application/json"))


async def fetch(
    url: str,
    folder: Path,
    audio: Audio | None = MP3,
    extractor: Extractor | None = None,
    **more: Any,
) -> tuple[Report, list[Event]]:
    registry = Registry([extractor or Songs()])
    async with Session(registry=registry, network=QUICK) as session:
        sink = more.pop("sink", None) or DiskSink(folder)
        async with session.run(url, sink=sink, audio=audio, **more) as run:
            events = [event async for event in run]
        return run.report, events


def only_failure(report: Report) -> Failed:
    (failure,) = report.failures
    return failure


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / ".reelin" / "manifest.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def on(server: Loopback, path: Path) -> str:
    return server.on(f"/{path.name}", File(path.read_bytes(), mime="application/octet-stream"))


# What comes out


async def test_sound_and_films_are_converted_and_nothing_else(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    for name in ("song.wav", "film.mp4", "cover.png"):
        on(server, media / name)
    server.on("/text.pdf", reply(200, b"%PDF-1.4 text", "application/pdf"))
    server.on("/nameless", reply(200, (media / "song.wav").read_bytes(), "audio/x-wav"))
    server.on("/picture", reply(200, (media / "cover.png").read_bytes(), "image/png"))
    names = ("song.wav", "film.mp4", "cover.png", "text.pdf", "nameless", "picture")
    url = songs(server, *({"url": name} for name in names))
    report, events = await fetch(url, tmp_path)
    assert report.ok, report.failures
    converted = ["film.mp3", "nameless.mp3", "song.mp3"]
    assert names_in(tmp_path) == sorted([*converted, "cover.png", "picture.png", "text.pdf"])
    for name in converted:
        assert "Audio: mp3" in said(tmp_path / name) and "192 kb/s" in said(tmp_path / name)
    assert (tmp_path / "cover.png").read_bytes() == (media / "cover.png").read_bytes()
    by_name = {line["name"]: line for line in lines(tmp_path)}
    assert (
        by_name["song.mp3"]["mime"] == "audio/mpeg" and by_name["song.mp3"]["audio"] == "mp3 192k"
    )
    assert "audio" not in by_name["cover.png"] and by_name["picture.png"]["mime"] == "image/png"
    assert all(check.ok for check in verify(tmp_path)) and len(by_name) == 6
    assert sorted(path.name for path in (tmp_path / ".reelin").iterdir()) == [
        "lock",
        "manifest.jsonl",
    ]
    saved = {each.stored.name: each for each in events if isinstance(each, Saved)}
    assert saved["song.mp3"].stored.size == (tmp_path / "song.mp3").stat().st_size


async def test_a_rerun_asks_nothing_and_another_wish_makes_another_file(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    on(server, media / "song.wav")
    url = songs(server, {"url": "song.wav"})
    await fetch(url, tmp_path)
    report, _ = await fetch(url, tmp_path)
    assert (report.skipped, len(report.saved)) == (1, 0) and len(server.asked("/song.wav")) == 1
    for wish in (Audio("flac"), Audio("mp3", "128k"), None):
        for new in (1, 0):
            report, _ = await fetch(url, tmp_path, wish)
            assert len(report.saved) == new, wish
    assert names_in(tmp_path) == ["song (2).mp3", "song.flac", "song.mp3", "song.wav"]
    assert len(server.asked("/song.wav")) == 4 and all(check.ok for check in verify(tmp_path))


async def test_names_tags_and_cover(server: Loopback, media: Path, tmp_path: Path) -> None:
    on(server, media / "song.wav")
    cover = on(server, media / "cover.png")
    about = {"url": "song.wav", "artist": "Her", "album": "Songs", "total": 12, "thumbnail": cover}
    url = songs(
        server,
        {**about, "title": "One", "position": 1},
        {**about, "url": "song.wav?2", "title": "Two: 1/2", "position": 2},
        {
            **about,
            "url": "song.wav?3",
            "title": "A.wav",
            "filename": "My song.wav",
            "thumbnail": server.url("/none.png"),
        },
    )
    for query in "23":
        server.on(f"/song.wav?{query}", File((media / "song.wav").read_bytes(), mime="audio/wav"))
    report, _ = await fetch(url, tmp_path, Audio("m4a"))
    assert report.ok, report.failures
    assert names_in(tmp_path) == ["01 One.m4a", "02 Two_ 1_2.m4a", "My song.m4a"]
    shown = said(tmp_path / "02 Two_ 1_2.m4a")
    for tag in ("title           : Two: 1/2", "artist          : Her", "track           : 2/12"):
        assert tag in shown
    assert "attached pic" in shown and "attached pic" not in said(tmp_path / "My song.m4a")
    assert len(server.asked("/cover.png")) == 1


async def test_a_film_is_fetched_as_its_sound_alone_where_it_is_offered(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    sound = server.on("/s", reply(200, (media / "song.wav").read_bytes(), "audio/wav"))

    class Both(Songs):
        name = "both"

        def extract(self, page: Page) -> Any:
            from reelin import Alternative

            other = Alternative(sound, type="audio", mime="audio/wav")
            yield MediaItem(server.url("/v.mp4"), "video", title="Both", alternatives=(other,))

    url = songs(server)
    report, _ = await fetch(url, tmp_path, MP3, Both())
    assert report.ok and names_in(tmp_path) == ["s.mp3"] and not server.asked("/v.mp4")
    server.on("/v.mp4", reply(200, (media / "film.mp4").read_bytes(), "video/mp4"))
    report, _ = await fetch(url, tmp_path, MP3, Both(), filters=[Type({"video"})])
    assert report.ok and names_in(tmp_path) == ["s.mp3", "v.mp3"]


async def test_what_is_offered_as_it_is_wanted_is_not_encoded_again(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    kinds = {"ogg": "-c:a libvorbis", "mp3": "-c:a libmp3lame -b:a 64k", "wav": ""}
    for kind, codec in kinds.items():
        make(tmp_path / f"song.{kind}", codec, pictures=False)
        on(server, tmp_path / f"song.{kind}")
    sources = "".join(f'<source src="/song.{kind}">' for kind in kinds)
    html = f"<audio controls>{sources}</audio>".encode()
    url = server.on("/album.html", reply(200, html, "text/html"))
    async with Session(network=QUICK) as session:
        async with session.run(url, sink=DiskSink(tmp_path / "out"), audio=Audio("mp3")) as run:
            _ = [event async for event in run]
        assert run.report.ok
    assert not server.asked("/song.ogg") and not server.asked("/song.wav")
    assert frames(tmp_path / "out" / "song.mp3", "0:a") == frames(tmp_path / "song.mp3", "0:a")


async def test_progress_is_told(server: Loopback, media: Path, tmp_path: Path) -> None:
    on(server, media / "long.wav")
    _, events = await fetch(songs(server, {"url": "long.wav"}), tmp_path, Audio("opus", "320k"))
    shares = [
        each.converted
        for each in events
        if isinstance(each, Progress) and each.converted is not None
    ]
    assert shares and shares == sorted(shares) and shares[0] >= 0 and shares[-1] == 1.0


async def test_other_sinks_get_it_as_a_stream(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    class Memory(Sink):
        name = "memory"
        files: dict[str | None, bytes] = {}

        async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
            head = await transfer.open()
            self.files[head.mime] = b"".join([chunk async for chunk in transfer.chunks()])
            return Stored(item.url, 1)

    on(server, media / "song.wav")
    on(server, media / "cover.png")
    sink = Memory()
    report, _ = await fetch(
        songs(server, {"url": "song.wav"}, {"url": "cover.png"}), tmp_path, sink=sink
    )
    assert report.ok, report.failures
    (tmp_path / "a.mp3").write_bytes(sink.files["audio/mpeg"])
    assert len(samples(tmp_path / "a.mp3")) > 100_000
    assert sink.files["image/png"] == (media / "cover.png").read_bytes()


# What goes wrong


@pytest.mark.parametrize("size", [30_000, 3 * MIB])
async def test_what_cannot_be_converted_fails_and_is_not_fetched_again(
    size: int, server: Loopback, tmp_path: Path
) -> None:
    server.on("/bad.mp3", File(noise(size), mime="audio/mpeg"))
    url = songs(server, {"url": "bad.mp3"})
    for _ in range(2):
        failure = only_failure((await fetch(url, tmp_path))[0])
        assert failure.kind == "ConvertError" and failure.error.startswith(
            f"{server.url('/bad.mp3')}: no mp3 of it: ffmpeg: "
        ), failure
        assert names_in(tmp_path) == ["bad.mp3.part"]
        assert (tmp_path / "bad.mp3.part").read_bytes() == noise(size)
    assert sum(each.sent for each in server.asked("/bad.mp3")) < size + 2000
    (tmp_path / "bad.mp3.part").write_bytes(noise(size, seed=2))
    await fetch(url, tmp_path)
    assert (tmp_path / "bad.mp3.part").read_bytes() == noise(size)


async def test_a_playlist_leads_to_no_local_file(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    text = f"#EXTM3U\n#EXTINF:2,\n{media / 'song.wav'}\n#EXT-X-ENDLIST\n"
    server.on("/a.mp3", reply(200, text.encode(), "audio/mpeg"))
    failure = only_failure((await fetch(songs(server, {"url": "a.mp3"}), tmp_path))[0])
    assert failure.kind == "FetchError" and leftovers(tmp_path) == []


async def test_an_interrupted_download_goes_on(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    body = (media / "long.wav").read_bytes()
    file = File(body, mime="audio/wav")
    server.on("/long.wav", file.stalling(2 * MIB), file)
    url = songs(server, {"url": "long.wav"})
    work = asyncio.create_task(fetch(url, tmp_path))
    async with asyncio.timeout(20):
        while not any(path.stat().st_size >= MIB for path in tmp_path.glob("*.part")):
            await asyncio.sleep(0.02)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    report, _ = await fetch(url, tmp_path)
    assert report.ok, report.failures
    assert names_in(tmp_path) == ["long.mp3"] and leftovers(tmp_path) == []
    second = server.asked("/long.wav")[1]
    assert second.first is not None and second.first >= MIB


async def test_without_ffmpeg_nothing_is_fetched(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    url = songs(server, {"url": "song.wav"})
    with pytest.raises(UsageError, match=r"reelin\[full\].*--ffmpeg-location"):
        await fetch(url, tmp_path)
    assert not server.requests
    # What a plugin wants is known later, but before the file is asked for.

    class Wishes(Songs):
        name = "wishes"

        def extract(self, page: Page) -> Any:
            yield MediaItem(server.url("/song.wav"), "audio", audio=MP3)

    report, _ = await fetch(url, tmp_path, None, Wishes())
    assert "--ffmpeg-location" in only_failure(report).error and not server.asked("/song.wav")


# yt-dlp


async def test_what_ytdlp_finds_becomes_what_is_wanted(
    server: Loopback, media: Path, tmp_path: Path
) -> None:
    body = (media / "song.wav").read_bytes()
    url = film_page(
        server,
        title="Song",
        artist="Her",
        formats=[
            {
                "format_id": "w",
                "url": server.on("/w", reply(200, body, "audio/wav")),
                "ext": "wav",
                "vcodec": "none",
            },
            {"format_id": "v", "url": server.url("/v"), "ext": "mp4", "height": 72},
        ],
    )
    wanted = films(format="mp3", quality="192k")
    report, _ = await fetch(url, tmp_path, None, wanted)
    assert report.ok, report.failures
    assert names_in(tmp_path) == ["Song.mp3"]
    assert "192 kb/s" in said(tmp_path / "Song.mp3") and "artist          : Her" in said(
        tmp_path / "Song.mp3"
    )
    report, _ = await fetch(url, tmp_path, None, wanted)
    assert report.skipped == 1 and len(server.asked("/w")) == 1
    report, _ = await fetch(url, tmp_path / "as it is", None, films(format="wav"))
    assert (tmp_path / "as it is" / "Song.wav").read_bytes() == body


async def test_what_only_ytdlp_can_fetch_too(server: Loopback, media: Path, tmp_path: Path) -> None:
    body = (media / "song.wav").read_bytes()
    parts = [
        server.on(f"/{n}", reply(200, body[n * 50_000 : (n + 1) * 50_000 if n < 2 else None]))
        for n in range(3)
    ]
    url = film_page(server, title="Song", formats=[in_segments(*parts, vcodec="none", ext="wav")])
    report, _ = await fetch(url, tmp_path, None, films(format="opus"))
    assert report.ok, report.failures
    assert names_in(tmp_path) == ["Song.opus"] and leftovers(tmp_path) == []
    assert "Audio: opus" in said(tmp_path / "Song.opus")


def test_ytdlp_has_the_sessions_ffmpeg() -> None:
    backend = Films().for_session(Network(), "/somewhere/ffmpeg")
    assert backend.downloader().params["ffmpeg_location"] == "/somewhere/ffmpeg"
    assert backend.can_merge


# The command


def test_the_command_is_killed_and_goes_on(server: Loopback, media: Path, tmp_path: Path) -> None:
    on(server, media / "long.wav")
    busy = tmp_path / "bin" / "ffmpeg"
    busy.parent.mkdir()
    own = programs()[0]
    busy.write_text(
        f'#!/bin/sh\ncase "$*" in *libmp3lame*) touch "{busy.parent}/busy"; exec sleep 600;; esac\nexec {own} "$@"\n'
    )
    busy.chmod(0o755)
    line = [server.page("long.wav"), "run", "--audio-format", "mp3", "--ffmpeg-location"]
    command = Command(*line, busy.parent, home=tmp_path)
    deadline = time.monotonic() + 30
    while not (busy.parent / "busy").exists():
        if time.monotonic() > deadline or command.process.poll() is not None:
            raise AssertionError(command.end(0))
        time.sleep(0.05)
    command.kill()
    done = Command(*line, own, home=tmp_path).end()
    folder = tmp_path / "downloads" / "run"
    assert done.code == 0 and names_in(folder) == ["long.mp3"] and leftovers(folder) == []
    assert len(server.asked("/long.wav")) == 1


def test_from_a_script(server: Loopback, media: Path, tmp_path: Path) -> None:
    on(server, media / "song.wav")
    report = blocking_download(
        server.page("song.wav"), tmp_path, audio=Audio("flac"), ffmpeg=programs()[0]
    )
    assert [each.name for each in report.saved] == ["song.flac"]
    assert samples(tmp_path / "song.flac") == samples(media / "song.wav")
