"""Calls of `start_downloads`: twice, cancelled, in a loop that is closed, with signals meanwhile."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.files import MIB, File, noise
from support.loopback import Loopback, Request, Wire, reply
from support.manager import (
    BODY,
    STATE,
    done,
    halfway,
    status,
    until,
)

from reelin import DownloadManager


async def test_called_twice_at_once_it_downloads_once(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    task_id = manager.add_download(server.on("/a", File(BODY)), tmp_path / "a")
    other = threading.Thread(target=lambda: asyncio.run(manager.start_downloads()))
    other.start()
    await asyncio.gather(manager.start_downloads(), manager.start_downloads())
    assert status(manager, task_id) == "completed"
    other.join()
    assert len(server.requests) == 1
    await manager.start_downloads()
    assert len(server.requests) == 1


async def test_a_second_call_goes_on_when_the_first_is_cancelled(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    file = File(BODY)
    task_id = manager.add_download(server.on("/a", halfway(file), file), tmp_path / "a")
    first = asyncio.create_task(manager.start_downloads())
    await until(lambda: done(manager, task_id) >= MIB)
    second = asyncio.create_task(manager.start_downloads())
    third = asyncio.create_task(manager.start_downloads())
    await asyncio.sleep(0)
    third.cancel()
    first.cancel()
    await second
    assert first.cancelled() and third.cancelled()
    assert (tmp_path / "a").read_bytes() == BODY
    assert [each.first for each in server.asked("/a")] == [None, MIB]


async def test_a_run_that_is_cancelled_leaves_its_tasks_startable(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    file = File(BODY)
    task_id = manager.add_download(server.on("/a", halfway(file), file), tmp_path / "a")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(manager.start_downloads(), 0.5)
    assert status(manager, task_id) == "pending"
    await manager.start_downloads()
    assert (tmp_path / "a").read_bytes() == BODY
    assert server.asked("/a")[1].first == MIB


async def test_what_is_added_during_a_run_is_taken_up(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    held = threading.Event()

    def waiting(request: Request, wire: Wire) -> None:
        held.wait(20)
        reply(200, b"first")(request, wire)

    manager.add_download(server.on("/a", waiting), tmp_path / "a")
    run = asyncio.create_task(manager.start_downloads())
    await until(lambda: bool(server.asked("/a")))
    url = server.on("/b", reply(200, b"second"))
    second = await asyncio.to_thread(manager.add_download, url, tmp_path / "b")
    await until(lambda: status(manager, second) == "completed")
    assert not run.done()
    held.set()
    await run
    assert (tmp_path / "a").read_bytes() == b"first"


@pytest.mark.parametrize("turns", range(8))
async def test_a_run_that_is_cancelled_twice_still_cleans_up(
    turns: int, manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    """The second time comes so many turns of the loop after the first."""
    file, before = File(noise(4 * MIB)), asyncio.all_tasks()
    task_id = manager.add_download(server.on("/a", file.stalling(3 * MIB), file), tmp_path / "a")
    run = asyncio.create_task(manager.start_downloads())
    while done(manager, task_id) < 3 * MIB:  # what came last is not written yet
        await asyncio.sleep(0)
    run.cancel()
    for _ in range(turns):
        await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert asyncio.all_tasks() == before
    assert (tmp_path / STATE / "a.part").stat().st_size == 3 * MIB
    assert not (tmp_path / STATE / "a.lock").exists()
    await manager.start_downloads()
    assert [each.first for each in server.asked("/a")] == [None, 3 * MIB]


CLOSED = """
import asyncio, sys
from reelin import DownloadManager
manager = DownloadManager()
manager.add_download(sys.argv[1], "a")
loop = asyncio.new_event_loop()
run = loop.create_task(manager.start_downloads())
while not manager.get_progress("task_1")["downloaded_bytes"]:
    loop.run_until_complete(asyncio.sleep(0.01))
loop.close()
asyncio.run(manager.start_downloads())
"""


def test_a_loop_that_was_closed_in_the_middle_holds_up_nobody(
    server: Loopback, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", CLOSED, server.on("/a", halfway(File(BODY)))]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1 and "UsageError: the event loop of an earlier" in ended.stderr


SIGNALS = """
import asyncio, os, signal, sys
from reelin import DownloadManager
manager = DownloadManager(state_file="state.json")
signal.signal(signal.SIGALRM, lambda *_: manager.stop_all_downloads())
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
for number in range(200):
    manager.add_download(sys.argv[1], f"{number}")
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
for _ in range(10):
    for task in manager.list_all_tasks():
        manager.resume_download(task["task_id"])
    asyncio.run(manager.start_downloads())
signal.setitimer(signal.ITIMER_REAL, 0)
for task in manager.list_all_tasks():
    manager.resume_download(task["task_id"])
asyncio.run(manager.start_downloads())
again = DownloadManager(state_file="state.json").list_all_tasks()
assert again == manager.list_all_tasks() and {each["status"] for each in again} == {"completed"}
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_stopping_from_a_signal_handler(server: Loopback, tmp_path: Path) -> None:
    """It comes in the middle of whatever the main thread does, also of another call."""
    command = [sys.executable, "-c", SIGNALS, server.on("/a", reply(200, b"good"))]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
