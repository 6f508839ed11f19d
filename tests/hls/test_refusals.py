"""What playlists lead to that cannot be had as a whole: refused, or had from elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.hls import MIME, Cut, decoded, playlist, put, segment_requests, served
from support.loopback import Loopback, reply
from support.outcomes import fetch, names_in

from reelin import MediaItem, Network, Order, Session
from reelin.media.ffmpeg import Ffmpeg
from reelin.plugins.live_recording import LiveRecording
from reelin.plugins.transfer import Watcher
from reelin.transfer.hls.stream import HlsTransfer

QUICK = Network(retries=1, timeout=5)


async def failure(url: str, folder: Path) -> str:
    report, _ = await fetch(url, folder, network=QUICK)
    (failed,) = report.failures
    assert report.saved == () and names_in(folder) == []
    return failed.error


def master(server: Loopback, *lines: str) -> str:
    return server.on("/master.m3u8", reply(200, "\n".join(["#EXTM3U", *lines]).encode(), MIME))


async def test_a_delta_update(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    """Its first segments are left out, and nothing else tells."""
    lines = ts.lines(*put(server, "x", ts.segments))[2:]
    url = server.on(
        "/x.m3u8",
        reply(200, playlist("#EXT-X-SKIP:SKIPPED-SEGMENTS=2", *lines, version=9), MIME),
    )
    assert "leaves out 2 segments" in await failure(url, tmp_path)
    assert segment_requests(server, "x") == []


async def test_a_playlist_of_nothing(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    served(server, "x", ts)
    server.on("/nothing.m3u8", reply(200, b'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,NAME="x"\n', MIME))
    url = master(
        server,
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="nothing.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nx/film.m3u8',
    )
    assert "nothing.m3u8 names no stream" in await failure(url, tmp_path)


@pytest.mark.parametrize("status", [404, 503])
async def test_sound_that_is_not_there(
    server: Loopback, ts: Cut, tmp_path: Path, status: int
) -> None:
    served(server, "x", ts)
    server.on("/sound.m3u8", reply(status))
    url = master(
        server,
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="sound.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nx/film.m3u8',
    )
    assert f"sound.m3u8: {status}" in await failure(url, tmp_path)
    assert segment_requests(server, "x") == []


# Mirrors


def mirrored(server: Loopback, ts: Cut, other: str) -> str:
    """A stream of which one segment is missing, and what should stand for it."""
    served(server, "one", ts)
    server.on("/one/2.ts", reply(404))
    put(server, "two", ts.segments)
    lines = ts.lines(*(f"/two/{at}.ts" for at in range(4)))
    server.on("/two/film.m3u8", reply(200, playlist(other, *lines), MIME))
    stream = "#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=128x72"
    return master(server, stream, "one/film.m3u8", stream, "two/film.m3u8")


@pytest.mark.parametrize(
    "tag",
    [
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"',
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="/key"',
        '#EXT-X-MAP:URI="/init.mp4"',
    ],
)
async def test_mirrors_that_are_none(server: Loopback, ts: Cut, tmp_path: Path, tag: str) -> None:
    """What is protected sample by sample, or is of another container, looks whole."""
    assert "/one/2.ts: 404" in await failure(mirrored(server, ts, tag), tmp_path)


async def test_a_mirror(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    report, _ = await fetch(mirrored(server, ts, ""), tmp_path, network=QUICK)
    assert decoded(tmp_path / report.saved[0].name) == decoded(served(server, "plain", ts))


# Tracks that do not fit together


async def test_tracks_in_other_numbers_of_parts(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    lines = ts.lines(*put(server, "x", ts.segments))
    server.on("/sound.m3u8", reply(200, playlist(*lines), MIME))
    lines.insert(2, "#EXT-X-DISCONTINUITY")
    server.on("/film.m3u8", reply(200, playlist(*lines), MIME))
    url = master(
        server,
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="sound.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nfilm.m3u8',
    )
    assert "in 2 and 1 parts" in await failure(url, tmp_path)


# In chunks


async def test_what_is_missing_is_told_behind_the_last_chunk(
    server: Loopback, ts: Cut, tmp_path: Path
) -> None:
    lines = ts.lines(*put(server, "x", ts.segments))
    url = server.on("/live.m3u8", reply(200, playlist(*lines, ends=False), MIME))
    server.on("/x/2.ts", reply(404))
    server.on(
        "/live.m3u8",
        reply(200, playlist(*lines[:3], ends=False), MIME),
        reply(200, playlist(*lines), MIME),
    )
    order = Order(
        MediaItem(url, protocol="hls"), asyncio.Semaphore(1), Watcher(), live=LiveRecording(60)
    )
    async with Session(network=QUICK) as session:
        async with HlsTransfer(order, session._client, Ffmpeg()) as transfer:
            await transfer.open()
            body = b"".join([chunk async for chunk in transfer.chunks()])
            assert body and "1 segments were gone" in transfer.loss


async def test_a_list_that_breaks_off_is_not_complete(
    server: Loopback, ts: Cut, tmp_path: Path
) -> None:
    """Without its end tag one that must not change is complete, but not with half a segment."""
    lines = ts.lines(*put(server, "x", ts.segments))
    text = playlist("#EXT-X-PLAYLIST-TYPE:VOD", *lines, "#EXTINF:1,", ends=False)
    url = server.on("/film.m3u8", reply(200, text, MIME))
    assert "it breaks off" in await failure(url, tmp_path)
    assert segment_requests(server, "x") == []
