"""Processes that die: what they leave is continued by the next one."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.files import MIB, File, noise
from support.loopback import Loopback
from support.manager import (
    BODY,
    STATE,
    done,
    halfway,
    saved,
    status,
    wait_until,
)

from reelin import DownloadManager

PROGRAM = """
import asyncio, sys
from reelin import DownloadManager
manager = DownloadManager(state_file="state.json")
if not manager.list_all_tasks():
    manager.add_download(sys.argv[1], "a.bin")
asyncio.run(manager.start_downloads())
"""


@pytest.mark.parametrize("changes", [False, True])
def test_kill_9_and_a_new_process(changes: bool, server: Loopback, tmp_path: Path) -> None:
    file, other = File(BODY), File(noise(2 * MIB, 2), etag='"version-2"')
    url = server.on("/a", halfway(file), other if changes else file)
    command = [sys.executable, "-c", PROGRAM, url]
    process = subprocess.Popen(command, cwd=tmp_path)
    part = tmp_path / STATE / "a.bin.part"
    wait_until(lambda: part.exists() and part.stat().st_size >= MIB // 2)
    time.sleep(0.1)
    process.kill()
    process.wait()
    kept = part.stat().st_size
    manager = DownloadManager(state_file=tmp_path / "state.json")
    assert (status(manager, "task_1"), done(manager, "task_1")) == ("pending", kept)
    assert saved(tmp_path / "state.json") == ["downloading"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    assert (tmp_path / "a.bin").read_bytes() == (other if changes else file).body
    assert server.asked("/a")[1].first == kept
    assert server.asked("/a")[1].headers["if-range"] == file.etag
    assert saved(tmp_path / "state.json") == ["completed"]
