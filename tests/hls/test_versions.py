"""Two versions of one stream never get into one file, whatever their addresses are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import hls
from support.command import Command
from support.files import File
from support.hls import (
    KEY,
    MIME,
    Cut,
    cut,
    decoded,
    encrypted,
    playlist,
    put,
    segment_requests,
    served,
)
from support.loopback import Loopback, reply
from support.outcomes import names_in


def begun(server: Loopback, url: str, home: Path, missing: str) -> None:
    """A run that got as far as the segment that is not there."""
    assert Command(url, "out", "--no-config", home=home).end().code == 1
    assert names_in(home / "downloads/out") == []
    assert server.asked(missing)


def finished(url: str, home: Path) -> Path:
    ended = Command(url, "out", "--no-config", home=home).end()
    assert ended.code == 0, ended.err
    (name,) = names_in(home / "downloads/out")
    return home / "downloads/out" / name


@pytest.fixture
def other(media: Path) -> Cut:
    """Another film, cut in the same way."""
    return cut(hls.film(media, "other", tone=880), "ts")


def test_other_bytes_under_the_same_names(
    server: Loopback, ts: Cut, other: Cut, tmp_path: Path
) -> None:
    url = served(server, "x", ts)
    server.on("/x/3.ts", reply(404))
    begun(server, url, tmp_path, "/x/3.ts")
    put(server, "x", other.segments)
    path = finished(url, tmp_path)
    assert decoded(path, "a") == decoded(served(server, "plain", other), "a")


def test_another_film_by_its_query(server: Loopback, ts: Cut, other: Cut, tmp_path: Path) -> None:
    """What looks like a token may as well say which film it is."""
    for name, film in (("one", ts), ("two", other)):
        for at, body in enumerate(film.segments):
            server.on(f"/get?film={name}&part={at}", File(body))
    lists = [
        reply(200, playlist(*ts.lines(*(f"/get?film={name}&part={at}" for at in range(4)))), MIME)
        for name in ("one", "two")
    ]
    server.on("/get?film=one&part=3", reply(404))
    # The page, and the transfer, of each run.
    url = server.on("/film.m3u8", lists[0], lists[0], lists[1])
    begun(server, url, tmp_path, "/get?film=one&part=3")
    path = finished(url, tmp_path)
    assert decoded(path, "a") == decoded(served(server, "plain", other), "a")


def test_the_same_again_costs_one_segment(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    """Encrypted with another key, it is still the same."""
    server.on("/key", reply(200, KEY))
    lines = ['#EXT-X-KEY:METHOD=AES-128,URI="/key"', *ts.lines(*put(server, "x", ts.segments))]
    url = server.on("/film.m3u8", reply(200, playlist(*lines), MIME))
    put(server, "x", [encrypted(body, at) for at, body in enumerate(ts.segments)])
    server.on("/x/3.ts", reply(404))
    begun(server, url, tmp_path, "/x/3.ts")
    new = bytes(reversed(KEY))
    server.on("/key", reply(200, new))
    put(server, "x", [encrypted(body, at, new) for at, body in enumerate(ts.segments)])
    path = finished(url, tmp_path)
    assert decoded(path) == decoded(served(server, "plain", ts))
    asked = segment_requests(server, "x")
    assert [asked.count(f"/x/{at}.ts") for at in range(4)] == [1, 1, 2, 2]


def test_parts_are_of_the_same_playlist(server: Loopback, fmp4: Cut, tmp_path: Path) -> None:
    """The same segments, cut otherwise: by a map of the same name, from another place."""
    server.on("/both.mp4", File(fmp4.init * 2))
    size = len(fmp4.init)
    lines = fmp4.lines(*put(server, "x", fmp4.segments, "m4s"))
    maps = [f'#EXT-X-MAP:URI="/both.mp4",BYTERANGE="{size}@{at}"' for at in (0, size)]
    one = playlist(maps[0], lines[0], lines[1], maps[1], *lines[2:])
    two = playlist(maps[0], *lines)
    server.on("/x/3.m4s", reply(404))
    url = server.on("/film.m3u8", *[reply(200, one, MIME)] * 2, reply(200, two, MIME))
    begun(server, url, tmp_path, "/x/3.m4s")
    server.on("/x/3.m4s", File(fmp4.segments[3]))
    path = finished(url, tmp_path)
    assert decoded(path) == decoded(served(server, "plain", fmp4, kind="m4s"))


def test_keys_that_change_under_one_map(server: Loopback, fmp4: Cut, tmp_path: Path) -> None:
    """A map said again with each key is still the same, and here it is not encrypted at all."""
    server.on("/init.mp4", File(fmp4.init))
    bodies, lines = [], []
    for at, body in enumerate(fmp4.segments):
        server.on(f"/key{at}", reply(200, bytes([at]) * 16))
        bodies.append(encrypted(body, at, bytes([at]) * 16))
    for at, line in enumerate(fmp4.lines(*put(server, "x", bodies, "m4s"))):
        lines += [f'#EXT-X-KEY:METHOD=AES-128,URI="/key{at}"', '#EXT-X-MAP:URI="/init.mp4"', line]
    path = finished(server.on("/film.m3u8", reply(200, playlist(*lines), MIME)), tmp_path)
    plain = served(server, "plain", fmp4, kind="m4s")
    assert decoded(path) == decoded(plain) and decoded(path, "a") == decoded(plain, "a")
    assert len(server.asked("/init.mp4")) == 1
