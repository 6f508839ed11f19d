"""A full disk, wherever it fills up: no file, exit 1, and a run with more room completes it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import hls
from support.command import Command
from support.disk import Disk, small_disk
from support.films import streams
from support.hls import MIME, Cut, cut, segment_requests, served
from support.loopback import Loopback, reply
from support.outcomes import leftovers, names_in

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mount")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture(scope="module")
def large(media: Path) -> Cut:
    """A film of a few hundred KB."""
    return cut(hls.film(media, "large", "1280x720"), "ts")


@pytest.mark.parametrize("share", [0.5, 0.95, 1.2, 1.9])
@pytest.mark.parametrize("apart", [False, True])
def test_a_full_disk(
    server: Loopback, media: Path, large: Cut, disk: Disk, tmp_path: Path, share: float, apart: bool
) -> None:
    """Where segments are written, and where ffmpeg puts them together."""
    size = sum(map(len, large.segments))
    url = served(server, "x", large)
    if apart:
        served(server, "x", cut(media / "large.mp4", "ts", "-map 0:v"))
        served(server, "sound", cut(media / "large.mp4", "ts", "-map 0:a"))
        lines = (
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="sound/film.m3u8"\n'
            '#EXT-X-STREAM-INF:BANDWIDTH=90000,AUDIO="a"\nx/film.m3u8\n'
        )
        url = server.on("/master.m3u8", reply(200, f"#EXTM3U\n{lines}".encode(), MIME))
    disk.mount(f"size={int(size * share) + 32768}")
    options = (url, "out", "--no-config", "-o", disk.path)
    ended = Command(*options, home=tmp_path).end()
    assert ended.code == 1 and "No space left on device" in ended.err, ended.err
    assert names_in(disk.path / "out") == []
    asked = len(segment_requests(server, "x"))
    disk.mount(f"remount,size={size * 4}")
    assert Command(*options, home=tmp_path).end().code == 0
    (name,) = names_in(disk.path / "out")
    assert streams(disk.path / "out" / name) == ["Video", "Audio"]
    assert leftovers(disk.path / "out") == []
    if share > 1:
        assert len(segment_requests(server, "x")) == asked + 1
