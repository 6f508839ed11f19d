"""Frames of audio that are cut: what can be heard of the rest is there, in one file that plays."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command
from support.hls import Cut, decoded, served
from support.loopback import Loopback

PACKET = 188


def pid_of(packet: bytes) -> int:
    return int.from_bytes(packet[1:3]) & 0x1FFF


def without_last(segment: bytes, count: int, pid: int | None) -> bytes:
    """A segment without its last packets, or without the last ones of one stream in it."""
    packets = [segment[at : at + PACKET] for at in range(0, len(segment), PACKET)]
    places = [at for at, each in enumerate(packets) if pid is None or pid_of(each) == pid]
    gone = set(places[-count:])
    return b"".join(each for at, each in enumerate(packets) if at not in gone)


@pytest.mark.parametrize("pid", [None, 0x101], ids=["all", "audio"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_segment_that_ends_within_a_frame(
    server: Loopback, ts: Cut, tmp_path: Path, count: int, pid: int | None
) -> None:
    first, second, *others = ts.segments
    made = Cut((first, without_last(second, count, pid), *others), ts.durations)
    url = served(server, "x", made)
    (tmp_path / "as-it-came.ts").write_bytes(b"".join(made.segments))
    ended = Command(url, "out", home=tmp_path).end()
    assert ended.code == 0, ended.err
    film = tmp_path / "downloads/out/film.mp4"
    for kind in "va":
        there = decoded(tmp_path / "as-it-came.ts", kind)
        assert len(there) > 20 and len(decoded(film, kind)) >= len(there) - 1
    assert decoded(film, "v") == decoded(tmp_path / "as-it-came.ts", "v")
