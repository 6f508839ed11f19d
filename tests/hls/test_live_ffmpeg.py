"""ffmpeg as the encoder of a live stream: a window that slides, with sound of its own."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.films import run, streams
from support.hls import seconds
from support.outcomes import names_in

from reelin import DiskSink, Network, Session
from reelin.media import ffmpeg

LENGTH, WANTED = 20, 8  # seconds


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def encoder(source: Path, folder: Path, kind: str) -> Iterator[None]:
    """ffmpeg shows the last four seconds of a film, as they pass by."""
    command = [
        *(str(ffmpeg.find()), "-nostdin", "-v", "error", "-re", "-i", str(source), "-c", "copy"),
        *("-map", "0:v", "-map", "0:a", "-var_stream_map", "v:0,agroup:a a:0,agroup:a"),
        *("-f", "hls", "-hls_time", "1", "-hls_list_size", "4", "-hls_flags", "delete_segments"),
        *("-hls_segment_type", kind, "-master_pl_name", "master.m3u8", "%v.m3u8"),
    ]
    process = subprocess.Popen(command, cwd=folder)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def timed(path: Path, kind: str) -> list[tuple[float, str]]:
    """When each picture (`v`) or block of samples (`a`) is played, and the hash of it decoded."""
    command = [str(ffmpeg.find()), "-v", "error", "-copyts", "-i", str(path), "-map", f"0:{kind}:0"]
    passed = ["-fps_mode", "passthrough"] if kind == "v" else []
    out = subprocess.run(
        [*command, *passed, "-f", "framemd5", "-"], capture_output=True, text=True, check=True
    ).stdout
    ((over, under),) = [
        map(int, line.split()[-1].split("/")) for line in out.splitlines() if line[:4] == "#tb "
    ]
    rows = [line.split(",") for line in out.splitlines() if line[0] != "#"]
    return [(int(row[2]) * over / under, row[-1].strip()) for row in rows]


@pytest.fixture(scope="module")
def source(media: Path) -> Path:
    """A film of which no second is like another."""
    path = media / "long.mp4"
    run(
        media,
        f"-f lavfi -i testsrc2=size=128x72:rate=10:duration={LENGTH}"
        f" -f lavfi -i aevalsrc=sin(1000*t+200*t*t):duration={LENGTH}"
        " -c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p -g 10 -keyint_min 10"
        f" -sc_threshold 0 -c:a aac -aac_pns 0 -b:a 64k {path.name}",
    )
    return path


@pytest.mark.parametrize("kind", ["mpegts", "fmp4"])
async def test_a_film_and_its_sound_are_recorded_without_a_gap(
    source: Path, tmp_path: Path, kind: str
) -> None:
    live, saved = tmp_path / "live", tmp_path / "saved"
    live.mkdir()
    with encoder(source, live, kind), serving(live) as url:
        while not all((live / name).exists() for name in ("master.m3u8", "0.m3u8", "1.m3u8")):
            time.sleep(0.1)
        time.sleep(3)
        async with Session(network=Network(retries=2, timeout=5)) as session:
            sink = DiskSink(saved)
            async with session.run(f"{url}/master.m3u8", sink=sink, live=WANTED) as running:
                report = await running.finish()
    assert report.ok, report.failures
    (name,) = names_in(saved)
    path = saved / name
    assert streams(path) == ["Video", "Audio"]
    assert seconds(path) == pytest.approx(WANTED, abs=1.5)
    pictures, sound = (place(timed(path, each), timed(source, each)) for each in "va")
    assert pictures[0] == pytest.approx(sound[0], abs=0.03), "they are played at the same time"
    assert abs(pictures[1] - WANTED) < 1.5 and abs(sound[1] - WANTED) < 1.5


def place(found: list[tuple[float, str]], whole: list[tuple[float, str]]) -> tuple[float, float]:
    """How much earlier than in the whole this is played, and how long, without any gap."""
    found = found[2:]  # what sound begins with depends on what was before
    hashes = [each for _, each in whole]
    at = hashes.index(found[0][1])
    assert [each for _, each in found] == hashes[at : at + len(found)]
    apart = [there - here for (here, _), (there, _) in zip(found, whole[at:], strict=False)]
    assert max(apart) - min(apart) < 0.005
    return apart[0], found[-1][0] - found[0][0]
