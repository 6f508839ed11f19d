"""What must not become a file: every way in which a stream can be broken, or lie."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import hls
from support.command import Command
from support.files import File
from support.hls import KEY, MIME, Cut, encrypted, playlist, put, segment_requests
from support.loopback import Answer, Loopback, Request, Wire, reply, stalled
from support.outcomes import fetch, leftovers, names_in

from reelin import Network

BODY = (b"\x47\x40\0" + bytes(range(3, 188))) * 40  # taken for MPEG-TS
QUICK = Network(retries=1, timeout=2)


def plain(count: int) -> Cut:
    return Cut((BODY,) * count, ("1",) * count)


async def failure(url: str, folder: Path, network: Network = QUICK) -> str:
    """Why there is no file."""
    report, _ = await fetch(url, folder, network=network)
    (failed,) = report.failures
    assert report.saved == () and (not folder.exists() or names_in(folder) == [])
    return failed.error


def media(server: Loopback, *lines: str, ends: bool = True) -> str:
    return server.on("/film.m3u8", reply(200, playlist(*lines, ends=ends), MIME))


# Keys


async def test_a_wrong_key(server: Loopback, tmp_path: Path) -> None:
    bodies = [encrypted(BODY, at) for at in range(3)]
    server.on("/key", reply(200, bytes(16)))
    lines = plain(3).lines(*put(server, "x", bodies))
    url = media(server, '#EXT-X-KEY:METHOD=AES-128,URI="/key"', *lines)
    assert "the key is a wrong one" in await failure(url, tmp_path)


@pytest.mark.parametrize("size", [0, 15, 17, 5000])
async def test_a_key_of_another_size(server: Loopback, tmp_path: Path, size: int) -> None:
    server.on("/key", reply(200, bytes(size)))
    lines = plain(3).lines(*put(server, "x", [encrypted(BODY, at) for at in range(3)]))
    url = media(server, '#EXT-X-KEY:METHOD=AES-128,URI="/key"', *lines)
    assert "a key has 16 bytes" in await failure(url, tmp_path)
    assert len(server.asked("/key")) == 1


async def test_a_key_that_is_not_there(server: Loopback, tmp_path: Path) -> None:
    lines = plain(3).lines(*put(server, "x", [encrypted(BODY, at) for at in range(3)]))
    url = media(server, '#EXT-X-KEY:METHOD=AES-128,URI="/key"', *lines)
    assert "404" in await failure(url, tmp_path)
    assert len(server.asked("/key")) == 1


async def test_the_wrong_vector(server: Loopback, tmp_path: Path) -> None:
    """Its padding is right, its first block is not."""
    server.on("/key", reply(200, KEY))
    lines = plain(3).lines(*put(server, "x", [encrypted(BODY, bytes([99] * 16))] * 3))
    url = media(server, '#EXT-X-KEY:METHOD=AES-128,URI="/key"', *lines)
    assert "no media" in await failure(url, tmp_path)


async def test_a_part_of_a_block(server: Loopback, tmp_path: Path) -> None:
    server.on("/key", reply(200, KEY))
    lines = plain(1).lines(*put(server, "x", [encrypted(BODY, 0)[:-5]]))
    url = media(server, '#EXT-X-KEY:METHOD=AES-128,URI="/key"', *lines)
    assert "no segment encrypted with AES-128" in await failure(url, tmp_path)


# Segments


async def test_a_missing_segment(server: Loopback, tmp_path: Path) -> None:
    paths = put(server, "x", [BODY] * 200)
    server.on(paths[20], reply(404))
    assert "404" in await failure(media(server, *plain(200).lines(*paths)), tmp_path)
    assert len(segment_requests(server, "x")) < 40


async def test_the_exit_status(server: Loopback, tmp_path: Path) -> None:
    paths = put(server, "x", [BODY] * 5)
    server.on(paths[3], reply(404))
    url = media(server, *plain(5).lines(*paths))
    ended = Command(url, "out", "--no-config", home=tmp_path).end()
    assert ended.code == 1 and "404" in ended.err
    assert names_in(tmp_path / "downloads/out") == []


def short(size: int) -> Answer:
    def answer(request: Request, wire: Wire) -> None:
        wire.head(200, {"Content-Length": len(BODY) + size})
        wire.send(BODY)
        wire.close()

    return answer


def without_an_end(request: Request, wire: Wire) -> None:
    wire.head(200)
    wire.send(BODY[:1000])
    wire.reset()


def other_range(request: Request, wire: Wire) -> None:
    wire.head(206, {"Content-Range": f"bytes 0-{len(BODY) - 1}/*", "Content-Length": len(BODY)})
    wire.send(BODY)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(200, b"<!doctype html><title>Log in</title>", "text/html"), "a web page"),
        (reply(200, b"", "video/mp2t"), "is empty"),
        (reply(200, b'{"error": "expired"}', "application/json"), "no media"),
        (reply(204, b""), "is empty"),
        (short(100), "2 attempts"),
        (File(BODY).broken_off(3000), "2 attempts"),
        (without_an_end, "2 attempts"),
        (File(BODY).stalling(3000), "2 attempts"),
        (stalled, "2 attempts"),
        (other_range, "206"),
        (reply(503), "2 attempts"),
    ],
)
async def test_a_broken_segment(
    server: Loopback, tmp_path: Path, answer: Answer, words: str
) -> None:
    paths = put(server, "x", [BODY] * 4)
    server.on(paths[1], answer)
    url = media(server, *plain(4).lines(*paths))
    assert words in await failure(url, tmp_path, Network(retries=1, timeout=0.5))


async def test_a_page_instead_of_an_encrypted_segment(server: Loopback, tmp_path: Path) -> None:
    server.on("/key", reply(200, KEY))
    paths = put(server, "x", [encrypted(BODY, 0)])
    server.on(paths[0], reply(200, b"<html>log in, please".ljust(64), "text/html"))
    url = media(server, '#EXT-X-KEY:METHOD=AES-128,URI="/key"', *plain(1).lines(*paths))
    assert "a web page" in await failure(url, tmp_path)


async def test_a_broken_map(server: Loopback, tmp_path: Path) -> None:
    paths = put(server, "x", [BODY] * 3)
    url = media(server, '#EXT-X-MAP:URI="/init.mp4"', *plain(3).lines(*paths))
    assert "init.mp4: 404" in await failure(url, tmp_path)


@pytest.mark.parametrize(
    "said",
    [lambda start, size: f"bytes 0-{size - 1}/{size}", lambda *_: None, lambda *_: "bytes x"],
)
async def test_another_range(
    server: Loopback, tmp_path: Path, said: Callable[[int, int], str | None]
) -> None:
    server.on("/all.ts", File(BODY * 3).lying(said))
    lines = [f"#EXTINF:1,\n#EXT-X-BYTERANGE:{len(BODY)}@{len(BODY)}\n/all.ts"]
    assert "other bytes than" in await failure(media(server, *lines), tmp_path)


async def test_a_range_behind_the_end(server: Loopback, tmp_path: Path) -> None:
    server.on("/all.ts", hls.unranged(BODY))
    lines = [f"#EXTINF:1,\n#EXT-X-BYTERANGE:{len(BODY)}@100\n/all.ts"]
    assert "bytes came instead of" in await failure(media(server, *lines), tmp_path)


async def test_a_range_of_a_file_without_an_end(server: Loopback, tmp_path: Path) -> None:
    """Of what has no end, no more is read than the range needs."""

    def endless(request: Request, wire: Wire) -> None:
        wire.head(200)
        while True:
            wire.send(BODY)

    server.on("/all.ts", endless)
    lines = [f"#EXTINF:1,\n#EXT-X-BYTERANGE:{len(BODY)}@{len(BODY) * at}\n/all.ts" for at in (0, 1)]
    report, _ = await fetch(media(server, *lines), tmp_path, network=QUICK)
    (one,) = report.saved
    assert (tmp_path / one.name).read_bytes() == BODY * 2, "no media to ffmpeg: kept as it came"


async def test_it_is_tried_again(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = hls.served(server, "x", ts)
    server.on("/x/1.ts", reply(503), reply(503), File(ts.segments[1]))
    server.on("/x/2.ts", File(ts.segments[2]).broken_off(500), File(ts.segments[2]))
    server.on("/x/film.m3u8", reply(503), reply(200, playlist(*ts.lines(*put2(4))), MIME))
    report, _ = await fetch(url, tmp_path, network=Network(retries=2, timeout=2))
    assert report.ok and leftovers(tmp_path) == []
    assert len(server.asked("/x/1.ts")) == 3


def unannounced(body: bytes) -> Answer:
    """Its end is that of the connection."""

    def answer(request: Request, wire: Wire) -> None:
        wire.head(200)
        wire.send(body)
        wire.close()

    return answer


@pytest.mark.parametrize("kind", ["ts", "m4s"])
@pytest.mark.parametrize("left", [1, 100, 1000])
async def test_an_end_that_nobody_announced(
    server: Loopback, ts: Cut, fmp4: Cut, tmp_path: Path, kind: str, left: int
) -> None:
    made = ts if kind == "ts" else fmp4
    url = hls.served(server, "x", made, kind=kind)
    for at, body in enumerate(made.segments):
        server.on(f"/x/{at}.{kind}", unannounced(body))
    server.on(f"/x/2.{kind}", unannounced(made.segments[2][:-left]), unannounced(made.segments[2]))
    report, _ = await fetch(url, tmp_path, network=QUICK)
    assert report.ok and len(server.asked(f"/x/2.{kind}")) == 2
    saved = tmp_path / report.saved[0].name
    assert hls.decoded(saved) == hls.decoded(hls.served(server, "plain", made, kind=kind))


def put2(count: int) -> list[str]:
    return [f"{at}.ts" for at in range(count)]


# Playlists


async def test_a_playlist_of_itself(server: Loopback, tmp_path: Path) -> None:
    body = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/film.m3u8\n"
    url = server.on("/film.m3u8", reply(200, body, MIME))
    assert "never to segments" in await failure(url, tmp_path)
    assert len(server.requests) < 6


async def test_playlists_of_playlists(server: Loopback, tmp_path: Path) -> None:
    for at in range(50):
        body = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/{at + 1}.m3u8\n"
        server.on(f"/{at}.m3u8", reply(200, body.encode(), MIME))
    assert "never to segments" in await failure(server.url("/0.m3u8"), tmp_path)
    assert len(server.requests) < 8


async def test_a_few_levels_are_fine(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    hls.served(server, "x", ts)
    for at, to in enumerate(["/1.m3u8", "/x/film.m3u8"]):
        body = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{to}\n"
        server.on(f"/{at}.m3u8", reply(200, body.encode(), MIME))
    report, _ = await fetch(server.url("/0.m3u8"), tmp_path)
    assert report.ok


@pytest.mark.parametrize(
    "uri", ["file:///etc/passwd", "javascript:alert(1)", "data:,x", "ftp://x/y"]
)
@pytest.mark.parametrize(
    "line",
    [
        "#EXTINF:1,\n{}",
        '#EXT-X-MAP:URI="{}"\n#EXTINF:1,\n/x/0.ts',
        '#EXT-X-KEY:METHOD=AES-128,URI="{}"\n#EXTINF:1,\n/x/0.ts',
    ],
)
async def test_addresses_that_are_none(
    server: Loopback, tmp_path: Path, uri: str, line: str
) -> None:
    put(server, "x", [BODY] * 2)
    url = media(server, "#EXTINF:1,\n/x/1.ts", line.format(uri))
    assert await failure(url, tmp_path)


async def test_variants_elsewhere(server: Loopback, tmp_path: Path) -> None:
    body = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nfile:///etc/passwd\n"
    report, _ = await fetch(server.on("/film.m3u8", reply(200, body, MIME)), tmp_path)
    assert not report.saved and len(server.requests) < 3


async def test_private_addresses(server: Loopback, tmp_path: Path) -> None:
    """The guard sees every segment: here it already stops the playlist."""
    url = media(server, *plain(1).lines(*put(server, "x", [BODY])))
    assert await failure(url, tmp_path, Network(allow_private=False))
    assert server.requests == []


async def test_live(server: Loopback, tmp_path: Path) -> None:
    url = media(server, *plain(2).lines(*put(server, "x", [BODY] * 2)), ends=False)
    assert "is live" in await failure(url, tmp_path)
    assert segment_requests(server, "x") == []


async def test_nothing_but_gaps(server: Loopback, tmp_path: Path) -> None:
    url = media(server, "#EXT-X-GAP\n#EXTINF:1,\n/x/0.ts")
    assert "has no segments" in await failure(url, tmp_path)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (
            'METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"',
            "FairPlay",
        ),
        (
            'METHOD=SAMPLE-AES-CTR,URI="data:x",'
            'KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"',
            "Widevine",
        ),
        ('METHOD=SAMPLE-AES-CTR,URI="x",KEYFORMAT="com.microsoft.playready"', "PlayReady"),
        ('METHOD=SAMPLE-AES,URI="/key"', "SAMPLE-AES"),
    ],
)
@pytest.mark.parametrize("where", ["media", "session"])
async def test_protected(server: Loopback, tmp_path: Path, key: str, name: str, where: str) -> None:
    lines = plain(2).lines(*put(server, "x", [BODY] * 2))
    if where == "media":
        url = media(server, f"#EXT-X-KEY:{key}", *lines)
    else:
        media(server, *lines)
        body = f"#EXTM3U\n#EXT-X-SESSION-KEY:{key}\n#EXT-X-STREAM-INF:BANDWIDTH=1\nfilm.m3u8\n"
        url = server.on("/master.m3u8", reply(200, body.encode(), MIME))
    assert f"protected by {name}" in await failure(url, tmp_path)
    assert segment_requests(server, "x") == server.asked("/key") == []


# Size


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
@pytest.mark.timeout(400)
def test_tens_of_thousands_of_segments(server: Loopback, tmp_path: Path) -> None:
    count, body = 30_000, BODY[:188]
    server.on("/s", reply(200, body))
    lines = "\n".join(f"#EXTINF:1,\ns?{at}" for at in range(count))
    url = server.on("/film.m3u8", reply(200, playlist(lines), MIME))
    choose = server._choose
    server._choose = lambda request: (  # type: ignore[method-assign]
        reply(200, body) if request.path.startswith("/s?") else choose(request)
    )
    environment = hls.without_ffmpeg(tmp_path)
    command = Command(url, "out", "--no-config", home=tmp_path, environment=environment)
    peak = 0
    while command.process.poll() is None:
        peak = max(peak, hls.memory(command.process.pid))
        time.sleep(0.1)
    ended = command.end()
    assert ended.code == 0, ended.err
    assert (tmp_path / "downloads/out/film.ts").stat().st_size == count * 188
    assert 0 < peak < 150_000_000, f"{peak} bytes"
