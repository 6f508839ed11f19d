"""The state file: written with every change, always whole, kept aside when it is damaged."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from support.loopback import Loopback, Request, Wire, reply
from support.manager import (
    STATE,
    done,
    facts,
    saved,
    status,
    wait_until,
)

from reelin import DownloadManager, SinkError, UsageError


async def test_every_change_is_saved(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    state, seen = tmp_path / "state.json", list[list[str]]()

    def looking(request: Request, wire: Wire) -> None:
        wait_until(lambda: saved(state) != ["pending"])
        seen.append(saved(state))
        reply(200, b"good")(request, wire)

    task_id = manager.add_download(server.on("/a", looking), tmp_path / "a")
    seen.append(saved(state))
    manager.stop_download(task_id)
    seen.append(saved(state))
    manager.resume_download(task_id)
    seen.append(saved(state))
    await manager.start_downloads()
    seen.append(saved(state))
    assert seen == [["pending"], ["paused"], ["pending"], ["downloading"], ["completed"]]
    assert DownloadManager(state_file=state).list_all_tasks() == manager.list_all_tasks()
    assert [path.name for path in tmp_path.glob("state.json*")] == ["state.json"]


async def test_a_login_is_kept_for_the_next_process_and_told_to_nobody(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a", reply(200, b"good"), reply(404)).replace("//", "//me:secret@")
    manager.add_download(url, tmp_path / "a")
    again = DownloadManager(state_file=tmp_path / "state.json")
    await again.start_downloads()
    assert server.asked("/a")[0].headers["authorization"].startswith("Basic ")
    again.add_download(url, tmp_path / "b")
    await again.start_downloads()
    assert facts(again, "task_2")["status"] == "failed"
    assert "secret" not in json.dumps(again.list_all_tasks())
    if os.name == "posix":
        assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600


GOOD = {
    "task_id": "task_1",
    "url": "http://127.0.0.1/a",
    "filepath": "/a",
    "expected_hash": None,
    "algorithm": "md5",
    "created_at": "2026-01-01T00:00:00+00:00",
    "status": "downloading",
    "downloaded_bytes": 5,
    "total_bytes": None,
    "error": None,
    "refused_hash": None,
}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\x00" * 100,
        b"[]",
        b"[" * 100_000,
        b'{"schema": 0, "tasks": []}',
        b'{"schema": 1, "tasks": {}}',
        b'{"schema": 1, "tasks": [3]}',
        json.dumps({"schema": 1, "tasks": [{**GOOD, "more": 1}]}).encode(),
        json.dumps({"schema": 1, "tasks": [{**GOOD, "status": "asleep"}]}).encode(),
        json.dumps({"schema": 1, "tasks": [{**GOOD, "downloaded_bytes": "5"}]}).encode(),
        json.dumps({"schema": 1, "tasks": [{**GOOD, "downloaded_bytes": True}]}).encode(),
        json.dumps({"schema": 1, "tasks": [{**GOOD, "task_id": "mine"}]}).encode(),
        json.dumps({"schema": 1, "tasks": [GOOD, GOOD]}).encode(),
    ],
)
def test_a_corrupt_state_file_is_kept_aside(content: bytes, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    for number in (1, 2):
        state.write_bytes(content)
        with pytest.raises(UsageError, match=rf"state\.json\.corrupt-{number}"):
            DownloadManager(state_file=state)
        assert (tmp_path / f"state.json.corrupt-{number}").read_bytes() == content
    assert not state.exists()
    assert DownloadManager(state_file=state).add_download("a.example/b", tmp_path / "b") == "task_1"


def test_a_state_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"schema": 2, "jobs": []}')
    with pytest.raises(UsageError, match="newer reelin"):
        DownloadManager(state_file=state)
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    with pytest.raises(UsageError, match="another state file"):
        DownloadManager(state_file=tmp_path)


def test_what_was_downloading_when_the_process_died_is_startable(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(
        json.dumps({"schema": 1, "tasks": [{**GOOD, "filepath": str(tmp_path / "a")}]})
    )
    manager = DownloadManager(state_file=state)
    assert status(manager, "task_1") == "pending" and done(manager, "task_1") == 0
    assert manager.add_download("a.example/b", tmp_path / "b") == "task_2"


async def test_a_state_file_that_cannot_be_written_is_told_at_the_end(
    server: Loopback, tmp_path: Path
) -> None:
    folder = tmp_path / "state"
    manager = DownloadManager(state_file=folder / "state.json")

    def spoil(request: Request, wire: Wire) -> None:
        (folder / "state.json").unlink()
        (folder / "state.json").mkdir()
        reply(200, b"good")(request, wire)

    manager.add_download(server.on("/a", spoil), tmp_path / "a")
    with pytest.raises(SinkError, match=r"state\.json"):
        await manager.start_downloads()
    assert (tmp_path / "a").read_bytes() == b"good" and status(manager, "task_1") == "completed"
    (folder / "state.json").rmdir()
    manager.add_download("a.example/b", tmp_path / "b")
    assert saved(folder / "state.json") == ["completed", "pending"]


def test_drafts_of_processes_that_were_killed_are_removed(
    manager: DownloadManager, tmp_path: Path
) -> None:
    (tmp_path / "state.json.ab_12xyz.tmp").write_text("{")
    (tmp_path / "mine.tmp").write_text("mine")
    manager.add_download("a.example/a", tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.tmp", "state.json"]


def test_what_somebody_else_wrote_is_not_overwritten(
    manager: DownloadManager, tmp_path: Path
) -> None:
    manager.add_download("a.example/a", tmp_path / "a")
    other = DownloadManager(state_file=tmp_path / "state.json")
    assert other.add_download("a.example/b", tmp_path / "b") == "task_2"
    with pytest.raises(SinkError, match="somebody else wrote it"):
        manager.add_download("a.example/c", tmp_path / "c")
    assert [each["task_id"] for each in manager.list_all_tasks()] == ["task_1"], "it was taken back"
    again = DownloadManager(state_file=tmp_path / "state.json")
    assert again.list_all_tasks() == other.list_all_tasks()


async def test_a_thousand_small_files_cost_few_writes(server: Loopback, tmp_path: Path) -> None:
    """The state file is written for what comes together, and no small file has a sidecar."""
    url, state = server.on("/a", reply(200, b"good", ETag='"1"')), tmp_path / "state.json"
    manager = DownloadManager(state_file=state)
    for number in range(200):
        manager.add_download(url, tmp_path / str(number))
    versions, drafts, run = set(), set(), asyncio.create_task(manager.start_downloads())
    while not run.done():
        versions.add(state.stat().st_ino)
        drafts.update(path.name for path in tmp_path.glob(f"{STATE}/*.part*"))
        await asyncio.sleep(0)
    assert saved(state) == ["completed"] * 200
    assert len(versions) < 100 and not [each for each in drafts if each.endswith(".json")]
