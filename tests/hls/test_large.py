"""Very large segments: memory stays bounded, as no two of them are in it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from support import hls
from support.command import Command
from support.hls import KEY, MIME, encrypted, playlist
from support.loopback import Loopback, reply

SIZE, COUNT = 60 * 10**6 // 188 * 188, 4


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
@pytest.mark.parametrize("hidden", [False, True])
def test_memory(server: Loopback, tmp_path: Path, hidden: bool) -> None:
    body = (b"\x47" + bytes(187)) * (SIZE // 188)
    server.on("/key", reply(200, KEY))
    server.on("/0.ts", reply(200, encrypted(body, KEY) if hidden else body))
    key = [f'#EXT-X-KEY:METHOD=AES-128,URI="/key",IV=0x{KEY.hex()}'] if hidden else []
    lines = playlist(*key, *["#EXTINF:1,\n/0.ts"] * COUNT)
    url = server.on("/film.m3u8", reply(200, lines, MIME))
    environment = hls.without_ffmpeg(tmp_path)
    command = Command(url, "out", "--no-config", home=tmp_path, environment=environment)
    peak = 0
    while command.process.poll() is None:
        peak = max(peak, hls.memory(command.process.pid))
        time.sleep(0.02)
    assert command.end().code == 0
    assert (tmp_path / "downloads/out/film.ts").stat().st_size == SIZE * COUNT
    (tmp_path / "downloads/out/film.ts").unlink()
    assert 0 < peak < 150_000_000, f"{peak} bytes"
