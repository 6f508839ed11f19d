"""A DownloadManager at work: what is known of its tasks, and waiting for what becomes of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reelin import DownloadManager
from support.files import MIB, File, noise
from support.loopback import Answer

BODY = noise(2 * MIB)
STATE = ".reelin/tasks"


def status(manager: DownloadManager, task_id: str) -> str:
    told = manager.get_progress(task_id)
    assert told is not None
    return told["status"]


def done(manager: DownloadManager, task_id: str) -> int:
    told = manager.get_progress(task_id)
    assert told is not None
    return told["downloaded_bytes"]


def facts(manager: DownloadManager, task_id: str) -> dict[str, Any]:
    (found,) = [dict(each) for each in manager.list_all_tasks() if each["task_id"] == task_id]
    return found


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def halfway(file: File) -> Answer:
    """Half of the body, then nothing."""
    return file.stalling(len(file.body) // 2)


async def stopped_halfway(manager: DownloadManager, task_id: str, half: int) -> None:
    """Run until half is here, stop, and let the run end."""
    run = asyncio.create_task(manager.start_downloads())
    await until(lambda: done(manager, task_id) >= half)
    assert manager.stop_download(task_id)
    assert status(manager, task_id) == "paused"
    await run


def saved(path: Path) -> list[str]:
    """The statuses that a state file holds."""
    return [each["status"] for each in json.loads(path.read_bytes())["tasks"]]
