"""Packed audio beside pictures with a clock: it begins when its ID3 tag says so (3.1.4)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.hls import MIME, Cut, cut, served
from support.loopback import Loopback, reply
from support.outcomes import fetch

from reelin.media import ffmpeg

OWNER = b"com.apple.streaming.transportStreamTimestamp\0"


def tagged(body: bytes, seconds: float) -> bytes:
    """A segment that says when it begins."""
    data = OWNER + (round(seconds * 90_000) % (1 << 33)).to_bytes(8, "big")
    frame = b"PRIV" + len(data).to_bytes(4, "big") + b"\0\0" + data
    return b"ID3\4\0\0" + len(frame).to_bytes(4, "big") + frame + body


def first(path: Path, kind: str) -> float:
    """When the first picture or sound of a file is played."""
    command = [str(ffmpeg.find()), "-v", "error", "-copyts", "-i", str(path)]
    command += ["-map", f"0:{kind}", "-c", "copy", "-f", "framecrc", "-"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (base,) = [line.split()[-1] for line in out.splitlines() if line.startswith("#tb")]
    over, under = map(int, base.split("/"))
    rows = [line.split(",") for line in out.splitlines() if line[0] != "#"]
    return min(int(row[2]) for row in rows) * over / under


async def apart(
    server: Loopback, film: Path, folder: Path, kind: str, says: float | None = None
) -> float:
    """How much later than the pictures the sound begins in what is saved."""
    pictures, sound = cut(film, "ts", "-map 0:v"), cut(film, kind)
    if says is not None:
        bodies = [tagged(body, says + at) for at, body in enumerate(sound.segments)]
        sound = Cut(tuple(bodies), sound.durations)
    served(server, "pictures", pictures)
    served(server, "sound", sound, kind=kind)
    lines = (
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="sound/film.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=90000,AUDIO="a"\npictures/film.m3u8\n'
    )
    url = server.on("/master.m3u8", reply(200, f"#EXTM3U\n{lines}".encode(), MIME))
    report, _ = await fetch(url, folder)
    assert report.ok, report.failures
    path = folder / report.saved[0].name
    return first(path, "a") - first(path, "v")


@pytest.mark.parametrize("kind", ["aac", "mp3"])
@pytest.mark.parametrize("later", [0.0, 0.5, -0.25])
async def test_it_begins_when_it_says(
    server: Loopback, film: Path, tmp_path: Path, kind: str, later: float
) -> None:
    begin = first_of_ts(film) + later
    found = await apart(server, film, tmp_path, kind, begin)
    assert found == pytest.approx(later, abs=0.06)


@pytest.mark.parametrize("kind", ["aac", "mp3"])
async def test_without_a_word_it_begins_with_the_pictures(
    server: Loopback, film: Path, tmp_path: Path, kind: str
) -> None:
    assert await apart(server, film, tmp_path, kind) == pytest.approx(0, abs=0.06)


def first_of_ts(film: Path) -> float:
    """When the pictures of its segments begin, on their own clock."""
    path = film.with_suffix(".first.ts")
    path.write_bytes(cut(film, "ts", "-map 0:v").segments[0])
    return first(path, "v")
