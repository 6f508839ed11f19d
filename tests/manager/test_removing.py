"""Tasks that are removed: from the manager, its state file and the disk, at any time."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from support.files import MIB, File
from support.loopback import Loopback, reply
from support.manager import BODY, done, halfway, status, stopped_halfway, until

from reelin import DownloadManager, SinkError


def ids(manager: DownloadManager) -> list[str]:
    return [each["task_id"] for each in manager.list_all_tasks()]


async def test_it_is_forgotten_here_and_in_the_state_file(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    good, bad = server.on("/a", reply(200, b"good")), server.on("/b", reply(404))
    for name, url in (("a", good), ("b", bad), ("c", good)):
        manager.add_download(url, tmp_path / name)
    await manager.start_downloads()
    assert manager.remove_download("task_1") and manager.remove_download("task_2")
    assert not manager.remove_download("task_1") and not manager.remove_download("task_9")
    assert manager.get_progress("task_1") is None and manager.verify_file("task_2") is None
    assert not manager.resume_download("task_2")
    assert (tmp_path / "a").read_bytes() == b"good", "what is complete stays"
    assert ids(manager) == ids(DownloadManager(state_file=tmp_path / "state.json")) == ["task_3"]


async def test_its_id_is_never_given_again(manager: DownloadManager, tmp_path: Path) -> None:
    for name in "ab":
        manager.add_download("http://127.0.0.1/a", tmp_path / name)
    assert manager.remove_download("task_2") and manager.remove_download("task_1")
    again = DownloadManager(state_file=tmp_path / "state.json")
    assert again.add_download("http://127.0.0.1/a", tmp_path / "a") == "task_3"


async def test_what_is_unfinished_goes_with_it(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a", halfway(File(BODY)))
    task_id = manager.add_download(url, tmp_path / "a")
    await stopped_halfway(manager, task_id, MIB)
    assert (tmp_path / ".reelin").exists()
    assert manager.remove_download(task_id)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["state.json"]


async def test_one_that_is_downloading_is_stopped(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    task_id = manager.add_download(server.on("/a", halfway(File(BODY))), tmp_path / "a")
    other = manager.add_download(server.on("/b", reply(200, b"good")), tmp_path / "b")
    run = asyncio.create_task(manager.start_downloads())
    await until(lambda: done(manager, task_id) >= MIB)
    assert manager.remove_download(task_id) and ids(manager) == [other]
    await run
    assert ids(manager) == [other] and status(manager, other) == "completed"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b", "state.json"]


async def test_another_task_with_that_file_keeps_what_there_is(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    file = File(BODY)
    url = server.on("/a", halfway(file), file)
    first = manager.add_download(url, tmp_path / "a")
    await stopped_halfway(manager, first, MIB)
    manager.add_download(url, tmp_path / "a")
    assert manager.remove_download(first)
    await manager.start_downloads()
    assert (tmp_path / "a").read_bytes() == BODY
    assert [each.first for each in server.asked("/a")] == [None, MIB]


def test_what_was_added_and_could_not_be_saved_is_not_in_the_file_later(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    manager = DownloadManager(state_file=folder / "state.json")
    folder.touch()  # a file in the way of the folder
    with pytest.raises(SinkError):
        manager.add_download("http://127.0.0.1/a", tmp_path / "a")
    folder.unlink()
    assert manager.add_download("http://127.0.0.1/b", tmp_path / "b") == "task_2"
    kept = json.loads((folder / "state.json").read_bytes())["tasks"]
    assert [each["task_id"] for each in kept] == ["task_2"]


@pytest.mark.parametrize("last", [-1, "7", None, 1.5])
def test_a_number_that_is_none_is_a_damaged_file(last: object, tmp_path: Path) -> None:
    (tmp_path / "s").write_text(json.dumps({"schema": 1, "last": last, "tasks": []}))
    with pytest.raises(ValueError, match="corrupt-1"):
        DownloadManager(state_file=tmp_path / "s")
