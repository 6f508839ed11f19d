"""Where ffmpeg is missing or fails: what came is kept as what it is, and the user is told."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from support import hls
from support.command import Command
from support.films import streams
from support.hls import MIME, Cut, cut, decoded, segment_requests, served
from support.loopback import Loopback, reply
from support.outcomes import names_in

from reelin import DiskSink, Network, Order, Session
from reelin.media.ffmpeg import Ffmpeg
from reelin.plugins.transfer import Watcher
from reelin.transfer.hls.stream import HlsTransfer


def failing(folder: Path) -> dict[str, str]:
    """The environment of a process whose ffmpeg cannot do anything."""
    (folder / "bin").mkdir(exist_ok=True)
    program = folder / "bin/ffmpeg"
    program.write_text("#!/bin/sh\necho 'out of order' >&2\nexit 1\n")
    program.chmod(0o755)
    return {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def manifest(home: Path) -> list[str]:
    lines = (home / "downloads/out/.reelin/manifest.jsonl").read_text().splitlines()
    return [str(json.loads(line).get("name")) for line in lines if '"url"' in line]


def apart(server: Loopback, film: Path) -> str:
    served(server, "pictures", cut(film, "m4s", "-map 0:v"), kind="m4s")
    served(server, "sound", cut(film, "m4s", "-map 0:a"), kind="m4s")
    lines = (
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="sound/film.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\npictures/film.m3u8\n'
    )
    return server.on("/master.m3u8", reply(200, f"#EXTM3U\n{lines}".encode(), MIME))


@pytest.mark.parametrize(
    ("kind", "name"),
    [("ts", "film.ts"), ("m4s", "film.mp4"), ("aac", "film.aac"), ("mp3", "film.mp3")],
)
@pytest.mark.parametrize("why", ["missing", "failing"])
def test_kept_as_it_came(
    server: Loopback, film: Path, tmp_path: Path, kind: str, name: str, why: str
) -> None:
    made = cut(film, kind)
    url = served(server, "x", made, kind=kind)
    environment = hls.without_ffmpeg(tmp_path) if why == "missing" else failing(tmp_path)
    ended = Command(url, "out", "--no-config", home=tmp_path, environment=environment).end()
    assert ended.code == 0, ended.err
    told = "pip install 'reelin[full]'" if why == "missing" else "out of order"
    assert "kept as it came" in ended.err and told in ended.err
    folder = tmp_path / "downloads/out"
    assert names_in(folder) == [name] == manifest(tmp_path)
    assert (folder / name).read_bytes() == made.init + b"".join(made.segments)
    again = Command(url, "out", "--no-config", home=tmp_path, environment=environment).end()
    assert again.code == 0 and names_in(folder) == [name]
    assert len(segment_requests(server, "x")) == len(made.segments) + bool(made.init)


def test_names_stay_unique(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    folder = tmp_path / "downloads/out"
    folder.mkdir(parents=True)
    (folder / "film.ts").write_bytes(b"mine")
    url = served(server, "x", ts)
    ended = Command(url, "out", "--no-config", home=tmp_path, environment=failing(tmp_path)).end()
    assert ended.code == 0
    assert names_in(folder) == ["film (2).ts", "film.ts"] and manifest(tmp_path) == ["film (2).ts"]
    assert (folder / "film.ts").read_bytes() == b"mine"


def test_fetched_again_with_ffmpeg(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = served(server, "x", ts)
    options = (url, "out", "--no-config", "--overwrite")
    assert Command(*options, home=tmp_path, environment=failing(tmp_path)).end().code == 0
    assert Command(*options, home=tmp_path).end().code == 0
    path = tmp_path / "downloads/out/film.mp4"
    assert decoded(path) == decoded(url) and manifest(tmp_path)[-1] == "film.mp4"


def test_tracks_apart_need_it(server: Loopback, film: Path, tmp_path: Path) -> None:
    url = apart(server, film)
    environment = hls.without_ffmpeg(tmp_path)
    ended = Command(url, "out", "--no-config", home=tmp_path, environment=environment).end()
    assert ended.code == 1 and "pip install 'reelin[full]'" in ended.err
    assert segment_requests(server, "pictures") == segment_requests(server, "sound") == []


def test_tracks_apart_stay_resumable(server: Loopback, film: Path, tmp_path: Path) -> None:
    url = apart(server, film)
    broken = Command(url, "out", "--no-config", home=tmp_path, environment=failing(tmp_path)).end()
    assert broken.code == 1 and "out of order" in broken.err
    assert names_in(tmp_path / "downloads/out") == []
    asked = len(segment_requests(server, "pictures")), len(segment_requests(server, "sound"))
    assert Command(url, "out", "--no-config", home=tmp_path).end().code == 0
    again = len(segment_requests(server, "pictures")), len(segment_requests(server, "sound"))
    assert again == (asked[0] + 1, asked[1] + 1), "the last of each, as it may have changed"
    (name,) = names_in(tmp_path / "downloads/out")
    assert streams(tmp_path / "downloads/out" / name) == ["Video", "Audio"]


@pytest.mark.parametrize("kind", ["ts", "m4s"])
async def test_the_same_bytes_in_chunks(
    server: Loopback, ts: Cut, fmp4: Cut, tmp_path: Path, kind: str
) -> None:
    url = served(server, "x", ts if kind == "ts" else fmp4, kind=kind)
    async with Session(network=Network(timeout=5)) as session:
        (item,) = [each async for each in session.items(url)]
        async with session.run(url, sink=DiskSink(tmp_path)) as run:
            report = await run.finish()
        order = Order(item, asyncio.Semaphore(1), Watcher())
        async with HlsTransfer(order, session._client, Ffmpeg()) as transfer:
            await transfer.open()
            pieces = [piece async for piece in transfer.chunks()]
    assert b"".join(pieces) == (tmp_path / report.saved[0].name).read_bytes()
    assert transfer.head.size == len(b"".join(pieces))
