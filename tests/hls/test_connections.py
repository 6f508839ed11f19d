"""N downloads never hold more than N connections to a host, unless more are asked for."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from support.command import Command, write_list
from support.files import MIB, File, noise
from support.hls import cut, served
from support.loopback import Loopback, page, reply

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/net/tcp")

ESTABLISHED = "01"
SONG = reply(200, b"ID3" + bytes(3000), "audio/mpeg")


class Meter:
    """The most connections to a server that its clients had open at once while it was watched."""

    def __init__(self, server: Loopback) -> None:
        self.most = 0
        self._to = f"{server.port:04X}"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Meter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
            now = sum(each[2].endswith(f":{self._to}") and each[3] == ESTABLISHED for each in lines)
            self.most = max(self.most, now)


@pytest.mark.parametrize("workers", [1, 2])
def test_urls_of_files_that_wait_hold_no_connection(
    server: Loopback, tmp_path: Path, workers: int
) -> None:
    """Each URL is asked once to see what it is; those answers are no reserve of connections."""
    urls = [server.on(f"/{n}.mp3", SONG) for n in range(40)]
    with Meter(server) as meter:
        ended = Command(
            *("-i", write_list(tmp_path, *urls), "all", "-w", workers), home=tmp_path
        ).end()
    assert ended.code == 0, ended.err
    assert len(list(tmp_path.glob("downloads/all/*.mp3"))) == 40
    assert 1 <= meter.most <= workers


def test_the_first_url_of_a_file_is_asked_once(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/only.mp3", SONG)
    ended = Command(url, "-w", 1, home=tmp_path).end()
    assert ended.code == 0, ended.err
    assert len(server.asked("/only.mp3")) == 1


@pytest.mark.parametrize("way", ["page", "list"])
@pytest.mark.parametrize("workers", [1, 3])
def test_pages_and_their_files_share_the_connections(
    server: Loopback, tmp_path: Path, workers: int, way: str
) -> None:
    pages = []
    for number in range(4):
        names = [f"/{number}/{name}.mp3" for name in range(5)]
        for name in names:
            server.on(name, SONG)
        links = "".join(f'<a href="{name}">{name}</a>' for name in names)
        further = f'<a rel="next" href="/{number + 1}.html">next</a>' if way == "page" else ""
        pages.append(server.on(f"/{number}.html", page(f"<main>{links}</main>{further}")))
    with Meter(server) as meter:
        ended = Command(
            "-i", write_list(tmp_path, *pages), "all", "-w", workers, home=tmp_path
        ).end()
    assert len(list(tmp_path.glob("downloads/all/*.mp3"))) == 20, ended.err
    assert 1 <= meter.most <= workers


@pytest.mark.parametrize(
    ("options", "most"),
    [
        (["-w", 1], 1),
        (["-w", 3], 3),
        (["-w", 1, "--connections", 4], 4),
        (["-w", 5, "--per-host", 2], 2),
    ],
)
def test_the_ranges_of_slow_files_count(tmp_path: Path, options: list[object], most: int) -> None:
    with Loopback(rate=12e6) as server:
        bodies = [noise(24 * MIB, seed) for seed in range(2)]
        names = [server.on(f"/{n}.mp4", File(body)) for n, body in enumerate(bodies)]
        with Meter(server) as meter:
            ended = Command(server.page(*names), "x", *options, home=tmp_path).end()
    assert ended.code == 0, ended.err
    for number, body in enumerate(bodies):
        assert (tmp_path / f"downloads/x/{number}.mp4").read_bytes() == body
    assert 1 <= meter.most <= most


@pytest.mark.parametrize(("options", "most"), [(["-w", 1], 1), (["-w", 3], 3)])
@pytest.mark.parametrize("kind", ["ts", "m4s"])
def test_the_segments_of_streams_count(
    server: Loopback, film: Path, tmp_path: Path, kind: str, options: list[object], most: int
) -> None:
    """Some break off once, so that they are asked for again while others are ahead of them."""
    streams = []
    for name in "ab":
        made = cut(film, kind)
        served(server, name, made, kind=kind)
        for number, body in enumerate(made.segments):
            whole = reply(200, body, "video/mp2t")
            broken = File(body).broken_off(len(body) // 2)
            server.on(f"/{name}/{number}.{kind}", *([broken, whole] if number % 2 else [whole]))
        streams.append(server.url(f"/{name}/film.m3u8"))
    with Meter(server) as meter:
        ended = Command("-i", write_list(tmp_path, *streams), "x", *options, home=tmp_path).end()
    assert ended.code == 0, ended.err
    assert len(list(tmp_path.glob("downloads/x/*.mp4"))) == 2
    assert meter.most <= most
