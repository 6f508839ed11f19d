"""Several tasks, managers and processes with one URL, file or folder."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from support.files import MIB, File, noise
from support.loopback import Loopback, reply
from support.manager import (
    BODY,
    halfway,
    stopped_halfway,
)

from reelin import DownloadManager


async def test_the_same_url_may_become_two_files(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a", File(BODY))
    manager.add_download(url, tmp_path / "one" / "a")
    manager.add_download(url, tmp_path / "one" / "b")
    manager.add_download(url, tmp_path / "two" / "a")
    await manager.start_downloads()
    assert [path.read_bytes() == BODY for path in tmp_path.glob("*/[ab]")] == [True] * 3


async def test_two_managers_with_one_file_take_turns(server: Loopback, tmp_path: Path) -> None:
    bodies = [noise(2 * MIB, seed) for seed in range(4)]
    managers = [DownloadManager() for _ in range(2)]
    for number, body in enumerate(bodies):
        url = server.on(f"/{number}", File(body, etag=f'"{number}"'))
        managers[number % 2].add_download(url, tmp_path / "a")
    await asyncio.gather(*(each.start_downloads() for each in managers))
    assert all(task["status"] == "completed" for each in managers for task in each.list_all_tasks())
    assert (tmp_path / "a").read_bytes() in bodies
    assert not (tmp_path / ".reelin").exists()


def test_folders_that_vanish_when_they_are_empty_are_in_nobodys_way(
    server: Loopback, tmp_path: Path
) -> None:
    url, failed = server.on("/a", reply(200, b"good")), []

    def work(name: str) -> None:
        manager = DownloadManager()
        for number in range(30):
            manager.add_download(url, tmp_path / f"{name}{number}")
            asyncio.run(manager.start_downloads())
        failed.extend(each["error"] for each in manager.list_all_tasks() if each["error"])

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and len(list(tmp_path.iterdir())) == 90


async def test_a_file_that_is_there_stays_until_the_new_one_is_whole(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a.part").write_bytes(b"somebody else's")
    file = File(BODY)
    task_id = manager.add_download(server.on("/a", halfway(file), file), tmp_path / "a")
    await stopped_halfway(manager, task_id, MIB)
    assert (tmp_path / "a").read_bytes() == b"old"
    manager.resume_download(task_id)
    await manager.start_downloads()
    assert (tmp_path / "a").read_bytes() == BODY
    assert (tmp_path / "a.part").read_bytes() == b"somebody else's"
