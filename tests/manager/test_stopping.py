"""Tasks that are stopped, and go on from where they were if that is safe."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from support.files import LONG_AGO, MIB, File, noise
from support.loopback import Loopback, reply, stalled
from support.manager import (
    BODY,
    done,
    facts,
    halfway,
    status,
    stopped_halfway,
    until,
)

from reelin import DownloadManager
from reelin.disk.writer import Writer


@pytest.mark.parametrize("size", [64 * 1024, 2 * MIB])
async def test_a_stopped_download_is_continued_by_a_validated_range(
    size: int, manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    file = File(BODY[:size])
    task_id = manager.add_download(server.on("/a", halfway(file), file), tmp_path / "a")
    await stopped_halfway(manager, task_id, size // 2)
    progress = manager.get_progress(task_id)
    assert progress is not None
    assert (progress["downloaded_bytes"], progress["total_bytes"]) == (size // 2, size)
    assert progress["percentage"] == 50.0
    assert not (tmp_path / "a").exists()
    await manager.start_downloads()
    assert status(manager, task_id) == "paused" and len(server.requests) == 1
    assert manager.resume_download(task_id) and status(manager, task_id) == "pending"
    await manager.start_downloads()
    assert status(manager, task_id) == "completed"
    assert (tmp_path / "a").read_bytes() == file.body
    headers = server.asked("/a")[1].headers
    assert headers["range"] == f"bytes={size // 2}-" and headers["if-range"] == file.etag


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (File(BODY), File(noise(2 * MIB, 2), etag='"version-2"')),
        (File(BODY), File(noise(MIB, 2), etag='"version-2"')),
        (File(BODY), File(noise(1000, 2), etag='"version-2"')),
        (File(BODY), File(b"", etag='"version-2"')),
        (File(BODY, None, LONG_AGO), File(noise(2 * MIB, 2), None)),
        (File(BODY, None), File(noise(2 * MIB, 2), None)),
        (File(BODY, 'W/"weak"'), File(noise(2 * MIB, 2), 'W/"weak"')),
    ],
    ids=["etag", "shorter", "tiny", "empty", "date", "nothing to go by", "weak"],
)
async def test_versions_are_never_mixed(
    before: File, after: File, manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    task_id = manager.add_download(server.on("/a", halfway(before), after), tmp_path / "a")
    await stopped_halfway(manager, task_id, MIB)
    manager.resume_download(task_id)
    await manager.start_downloads()
    assert (tmp_path / "a").read_bytes() == after.body
    assert not (tmp_path / ".reelin").exists()
    assert facts(manager, task_id)["total_bytes"] == len(after.body)


async def test_a_server_that_ignores_if_range_is_seen_through(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    before, after = File(BODY), File(noise(2 * MIB, 2), etag='"version-2"')
    url = server.on("/a", halfway(before), after.part, after)
    task_id = manager.add_download(url, tmp_path / "a")
    await stopped_halfway(manager, task_id, MIB)
    manager.resume_download(task_id)
    await manager.start_downloads()
    assert (tmp_path / "a").read_bytes() == after.body


async def test_stopping_and_resuming_at_once_within_a_run(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    file = File(BODY)
    task_id = manager.add_download(server.on("/a", halfway(file), file), tmp_path / "a")
    run = asyncio.create_task(manager.start_downloads())
    await until(lambda: done(manager, task_id) >= MIB)
    for _ in range(5):
        assert manager.stop_download(task_id) and not manager.stop_download(task_id)
        assert manager.resume_download(task_id) and not manager.resume_download(task_id)
    await run
    assert (tmp_path / "a").read_bytes() == BODY
    assert [each.first for each in server.asked("/a")] == [None, MIB]


async def test_stopping_from_a_callback_and_another_thread(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    file, loop = File(BODY), asyncio.get_running_loop()
    one = manager.add_download(server.on("/a", halfway(file), file), tmp_path / "a")
    two = manager.add_download(server.on("/b", halfway(file), file), tmp_path / "b")
    last = manager.add_download(server.on("/c", stalled, file), tmp_path / "c")
    run = asyncio.create_task(manager.start_downloads())
    await until(lambda: min(done(manager, one), done(manager, two)) >= MIB)
    loop.call_soon(manager.stop_download, one)
    assert await asyncio.to_thread(manager.stop_download, two)
    await until(lambda: server.connections == 1)
    assert [status(manager, each) for each in (one, two, last)] == [
        "paused",
        "paused",
        "downloading",
    ]
    loop.call_soon(manager.resume_download, one)
    assert await asyncio.to_thread(manager.resume_download, two)
    await until(lambda: {status(manager, each) for each in (one, two)} == {"completed"})
    assert await asyncio.to_thread(manager.stop_all_downloads)
    await run
    assert status(manager, last) == "paused" and not manager.stop_all_downloads()


async def test_waiting_tasks_can_be_stopped(server: Loopback, tmp_path: Path) -> None:
    manager = DownloadManager(max_concurrent=1)
    first = manager.add_download(server.on("/a", stalled), tmp_path / "a")
    second = manager.add_download(server.on("/b", reply(200, b"b")), tmp_path / "b")
    run = asyncio.create_task(manager.start_downloads())
    await until(lambda: bool(server.asked("/a")))
    assert manager.stop_download(second) and manager.stop_download(first)
    await run
    assert not server.asked("/b")
    assert {each["status"] for each in manager.get_all_progress()} == {"paused"}


async def test_who_is_stopped_while_files_are_made_durable_disturbs_none(tmp_path: Path) -> None:
    writer = Writer()

    async def publish(name: str) -> None:
        descriptor = os.open(tmp_path / name, os.O_CREAT | os.O_RDWR)
        try:
            await writer.sync_file(descriptor)
        finally:
            os.close(descriptor)

    stopped, other = (asyncio.create_task(publish(each)) for each in "ab")
    await asyncio.sleep(0)
    stopped.cancel()
    assert await asyncio.gather(other, return_exceptions=True) == [None]
    assert stopped.cancelled()
    writer.close()
