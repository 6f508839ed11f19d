"""Killed and cancelled at any moment, again and again: what comes of it is what comes at once."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest
from support.command import Command
from support.files import File
from support.hls import KEY, MIME, Cut, encrypted, playlist, put
from support.loopback import Loopback, reply
from support.outcomes import leftovers, names_in

from reelin import DiskSink, Network, Session

TIMES = 6


def stream(server: Loopback, made: Cut, kind: str) -> str:
    """Forty encrypted segments with two maps, or in MPEG-TS, in three parts."""
    server.on("/key", reply(200, KEY))
    server.on("/init.mp4", File(encrypted(made.init, KEY)))
    bodies = [encrypted(body, KEY) for body in made.segments * 10]
    lines = Cut((), made.durations * 10).lines(*put(server, "x", bodies, kind))
    lines.insert(25, "#EXT-X-DISCONTINUITY")
    lines.insert(11, "#EXT-X-DISCONTINUITY")
    map = ['#EXT-X-MAP:URI="/init.mp4"'] if made.init else []
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="/key",IV=0x{KEY.hex()}'
    return server.on("/film.m3u8", reply(200, playlist(key, *map, *lines), MIME))


def whole(url: str, home: Path) -> bytes:
    assert Command(url, "out", "--no-config", home=home).end().code == 0
    return only(home / "downloads/out")


def only(folder: Path) -> bytes:
    (name,) = names_in(folder)
    assert leftovers(folder) == []
    return (folder / name).read_bytes()


@pytest.mark.parametrize("kind", ["ts", "m4s"])
def test_killed(server: Loopback, ts: Cut, fmp4: Cut, tmp_path: Path, kind: str) -> None:
    url = stream(server, ts if kind == "ts" else fmp4, kind)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    expected = whole(url, fresh)
    server.rate = 1_500_000
    chance = random.Random(kind)
    for _ in range(TIMES):
        command = Command(url, "out", "--no-config", "--connections", "4", home=tmp_path)
        time.sleep(0.5 + chance.random())
        command.kill()
    assert whole(url, tmp_path) == expected


@pytest.mark.parametrize("kind", ["ts", "m4s"])
async def test_cancelled(server: Loopback, ts: Cut, fmp4: Cut, tmp_path: Path, kind: str) -> None:
    url = stream(server, ts if kind == "ts" else fmp4, kind)
    chance = random.Random(kind)
    network = Network(retries=1, timeout=5, connections=4)

    async def run(folder: Path) -> None:
        async with Session(network=network) as session:
            async with session.run(url, sink=DiskSink(folder)) as running:
                assert (await running.finish()).ok

    await run(tmp_path / "fresh")
    server.rate = 1_500_000
    for _ in range(2 * TIMES):
        running = asyncio.create_task(run(tmp_path / "out"))
        await asyncio.sleep(chance.random() * 0.6)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    server.rate = None
    await run(tmp_path / "out")
    assert only(tmp_path / "out") == only(tmp_path / "fresh")
