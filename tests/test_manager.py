"""The DownloadManager: each clause of what it promises, against servers on loopback."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import inspect
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from support.disk import small_disk
from support.files import LONG_AGO, MIB, File, noise
from support.loopback import Answer, Loopback, Request, Wire, page, raw, redirect, reply, stalled

from reelin import DownloadManager, Network, SinkError, UsageError
from reelin.disk.writer import Writer

BODY = noise(2 * MIB)
STATE = ".reelin/tasks"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def manager(tmp_path: Path) -> DownloadManager:
    return DownloadManager(state_file=tmp_path / "state.json", network=Network(retries=0))


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


# Adding


def test_both_arguments_are_optional_and_the_defaults_are_told() -> None:
    signature = inspect.signature(DownloadManager)
    assert signature.parameters["max_concurrent"].default == 3
    assert DownloadManager().list_all_tasks() == []
    assert not inspect.iscoroutinefunction(DownloadManager.add_download)


def test_a_task_as_it_is_added(manager: DownloadManager, tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "c.bin"
    assert manager.add_download("http://127.0.0.1/a", str(target)) == "task_1"
    assert manager.add_download("http://127.0.0.1/a", tmp_path / "d") == "task_2"
    assert target.parent.is_dir() and not target.exists()
    progress = manager.get_progress("task_1")
    assert progress == {
        "task_id": "task_1",
        "url": "http://127.0.0.1/a",
        "status": "pending",
        "downloaded_bytes": 0,
        "total_bytes": None,
        "percentage": 0.0,
    }
    assert manager.get_all_progress() == [progress, manager.get_progress("task_2")]
    told = facts(manager, "task_1")
    assert told.pop("created_at").startswith("20")
    assert told == {**progress, "filepath": str(target), "error": None}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"hash_algorithm": "crc32"}, "md5, sha1, sha256"),
        ({"hash_algorithm": "sha512", "expected_hash": "0" * 128}, "md5, sha1, sha256"),
        ({"expected_hash": "0" * 31}, "32 hexadecimal"),
        ({"expected_hash": ""}, "32 hexadecimal"),
        ({"expected_hash": "g" * 64, "hash_algorithm": "sha256"}, "64 hexadecimal"),
        ({"expected_hash": "0" * 32, "hash_algorithm": "sha1"}, "40 hexadecimal"),
        ({"url": "ftp://example.com/a"}, "is not a URL"),
        ({"url": ""}, "is not a URL"),
        ({"filepath": "."}, "is a folder"),
        ({"filepath": "not-there/"}, "is a folder"),
        ({"filepath": "a\0b"}, "cannot be a file"),
        ({"filepath": "x" * 300}, "too long"),
    ],
)
def test_what_cannot_be_a_task_is_a_value_error(
    arguments: dict[str, str], words: str, manager: DownloadManager, tmp_path: Path
) -> None:
    good = {"url": "http://127.0.0.1/a", "filepath": str(tmp_path / "a")}
    with pytest.raises(ValueError, match=words):
        manager.add_download(**(good | arguments))
    assert manager.list_all_tasks() == []


@pytest.mark.parametrize("number", [0, -1])
def test_at_least_one_at_a_time(number: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        DownloadManager(max_concurrent=number)


def test_folders_that_cannot_be_made_are_told_at_once(
    manager: DownloadManager, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="file"):
        manager.add_download("http://127.0.0.1/a", tmp_path / "file" / "a")
    assert manager.list_all_tasks() == []


def test_nothing_is_known_of_an_unknown_task(manager: DownloadManager) -> None:
    assert manager.get_progress("task_9") is None
    assert manager.verify_file("task_9") is None
    assert not manager.stop_download("task_9")
    assert not manager.resume_download("task_9")
    assert not manager.stop_all_downloads()


# Downloading


async def test_files_land_under_exactly_the_names_that_were_given(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a.mp4", File(BODY))
    names = ["plain.mp4", "no extension", "evil.exe", "nul", "a.part", "a", "ä" * 120 + ".x"]
    for name in names:
        manager.add_download(url, tmp_path / name)
    await manager.start_downloads()
    assert {each["status"] for each in manager.list_all_tasks()} == {"completed"}
    assert all((tmp_path / name).read_bytes() == BODY for name in names)
    assert {each["percentage"] for each in manager.get_all_progress()} == {100.0}
    assert {each["downloaded_bytes"] for each in manager.get_all_progress()} == {len(BODY)}
    assert not (tmp_path / ".reelin").exists()


@pytest.mark.parametrize(
    "answer",
    [
        page("<!doctype html><title>Sorry</title>"),
        reply(
            200, b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n", "application/x-mpegurl"
        ),
        reply(200, b'{"error": 1}', "application/json"),
        reply(200, b""),
    ],
    ids=["page", "playlist", "data", "nothing"],
)
async def test_a_url_is_downloaded_whatever_it_is(
    answer: Answer, manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    task_id = manager.add_download(server.on("/film.mp4", answer), tmp_path / "film.mp4")
    await manager.start_downloads()
    told = facts(manager, task_id)
    assert told["status"] == "completed" and told["percentage"] == 100.0
    assert (tmp_path / "film.mp4").stat().st_size == told["downloaded_bytes"]
    assert len(server.requests) == 1


async def test_one_bad_task_never_stops_the_others_and_is_tried_again(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    good = [server.on(f"/{number}", reply(200, b"good")) for number in range(5)]
    bad = [
        server.on("/gone", reply(404), reply(200, b"here again")),
        server.on("/garbage", raw(b"not http\r\n\r\n")),
        server.on("/loop", reply(302, b"", Location="/loop")),
        "http://127.0.0.1:9/dead-host",
    ]
    for number, url in enumerate([*bad, *good]):
        manager.add_download(url, tmp_path / f"{number}")
    await manager.start_downloads()
    assert [each["status"] for each in manager.list_all_tasks()] == ["failed"] * 4 + [
        "completed"
    ] * 5
    errors = [each["error"] for each in manager.list_all_tasks()]
    assert "404" in (errors[0] or "") and errors[4] is None
    await manager.start_downloads()
    assert [each["status"] for each in manager.list_all_tasks()].count("failed") == 3
    assert (tmp_path / "0").read_bytes() == b"here again"
    assert all(len(server.asked(f"/{number}")) == 1 for number in range(5))


async def test_a_place_that_cannot_be_written_fails_its_own_task(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a", reply(200, b"good"))
    manager.add_download(url, tmp_path / "a" / "x")
    manager.add_download(url, tmp_path / "b")
    (tmp_path / "a" / "x").mkdir()
    await manager.start_downloads()
    assert [each["status"] for each in manager.list_all_tasks()] == ["failed", "completed"]
    assert str(tmp_path / "a") in (manager.list_all_tasks()[0]["error"] or "")


async def test_one_that_fills_the_disk_does_not_stop_the_others(
    server: Loopback, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        disk.mount("size=3m")
        manager = DownloadManager(max_concurrent=1)
        large, small = File(noise(4 * MIB)), File(BODY)
        manager.add_download(server.on("/large", large), disk.path / "large")
        manager.add_download(server.on("/small", small), disk.path / "small")
        await manager.start_downloads()
        told = manager.list_all_tasks()
        assert [each["status"] for each in told] == ["failed", "completed"]
        assert "No space left" in (told[0]["error"] or "")
        await manager.start_downloads()
        assert done(manager, "task_1") > 0, "what came of the last one is kept"
        disk.mount("remount,size=20m")
        await manager.start_downloads()
        assert (disk.path / "large").read_bytes() == large.body
    assert server.asked("/large")[2].first is not None


@pytest.mark.parametrize("most", [1, 3])
async def test_no_more_at_once_than_that(most: int, server: Loopback, tmp_path: Path) -> None:
    lock, now, highest = threading.Lock(), 0, 0

    def counted(request: Request, wire: Wire) -> None:
        nonlocal now, highest
        with lock:
            now += 1
            highest = max(highest, now)
        try:
            wire.pause(0.02)
            File(BODY)(request, wire)
        finally:
            with lock:
                now -= 1

    manager = DownloadManager(max_concurrent=most)
    for number in range(8):
        manager.add_download(server.on(f"/{number}", counted), tmp_path / str(number))
    await asyncio.gather(manager.start_downloads(), manager.start_downloads())
    assert highest == most


async def test_one_connection_for_each_even_when_the_server_is_slow(tmp_path: Path) -> None:
    body = noise(24 * MIB)
    with Loopback(rate=8 * MIB) as server:
        manager = DownloadManager()
        task_id = manager.add_download(server.on("/a", File(body)), tmp_path / "a")
        await manager.start_downloads()
        assert status(manager, task_id) == "completed" and len(server.requests) == 1


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


async def test_tasks_with_logins_of_their_own(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    def who(request: Request, wire: Wire) -> None:
        wire.pause(0.05)
        sent = request.headers.get("authorization", "").removeprefix("Basic ")
        reply(200, base64.b64decode(sent) or b"nobody")(request, wire)

    for name in ("me:1", "you:2", "nobody"):
        url = server.on(f"/{name}", redirect(f"/{name}/there"))
        server.on(f"/{name}/there", who)
        login = f"//{name}@" if ":" in name else "//"
        manager.add_download(url.replace("//", login), tmp_path / name)
    await manager.start_downloads()
    for name in ("me:1", "you:2", "nobody"):
        assert (tmp_path / name).read_text() == name


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


# Stopping and going on


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


# One file, several tasks


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


# Hashes


@pytest.mark.parametrize("algorithm", ["md5", "SHA1", "Sha256"])
async def test_a_file_with_the_expected_hash(
    algorithm: str, manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    wanted = hashlib.new(algorithm, BODY).hexdigest()
    file = File(BODY)
    task_id = manager.add_download(
        server.on("/a", halfway(file), file), tmp_path / "a", wanted.upper(), algorithm
    )
    await stopped_halfway(manager, task_id, MIB)
    assert manager.verify_file(task_id) == {
        "task_id": task_id,
        "verified": False,
        "expected_hash": wanted,
        "actual_hash": None,
        "algorithm": algorithm.lower(),
    }
    manager.resume_download(task_id)
    await manager.start_downloads()
    verified = manager.verify_file(task_id)
    assert verified is not None
    assert verified["verified"] is True and verified["actual_hash"] == wanted
    (tmp_path / "a").write_bytes(b"changed")
    verified = manager.verify_file(task_id)
    assert verified is not None
    assert verified["verified"] is False
    assert verified["actual_hash"] == hashlib.new(algorithm, b"changed").hexdigest()
    assert status(manager, task_id) == "completed"


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
async def test_a_file_with_another_hash_is_refused(
    algorithm: str, manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    wanted, actual = (hashlib.new(algorithm, each).hexdigest() for each in (BODY, b"wrong"))
    url = server.on("/a", reply(200, b"wrong"), File(BODY))
    (tmp_path / "a").write_bytes(b"old")
    task_id = manager.add_download(url, tmp_path / "a", wanted, algorithm)
    await manager.start_downloads()
    told = facts(manager, task_id)
    assert told["status"] == "failed" and wanted in told["error"] and actual in told["error"]
    assert (tmp_path / "a").read_bytes() == b"old"
    assert not (tmp_path / ".reelin").exists()
    verified = manager.verify_file(task_id)
    assert verified is not None
    assert (verified["verified"], verified["actual_hash"]) == (False, actual)
    again = DownloadManager(state_file=tmp_path / "state.json")
    assert again.verify_file(task_id) == verified and facts(again, task_id) == told
    await again.start_downloads()
    assert (tmp_path / "a").read_bytes() == BODY and status(again, task_id) == "completed"


async def test_without_an_expectation_the_hash_is_told(
    manager: DownloadManager, server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a", reply(200, b"good"))
    task_id = manager.add_download(url, tmp_path / "a", hash_algorithm="sha1")
    await manager.start_downloads()
    assert manager.verify_file(task_id) == {
        "task_id": task_id,
        "verified": False,
        "expected_hash": None,
        "actual_hash": hashlib.sha1(b"good").hexdigest(),
        "algorithm": "sha1",
    }


# The state file


def saved(path: Path) -> list[str]:
    """The statuses that a state file holds."""
    return [each["status"] for each in json.loads(path.read_bytes())["tasks"]]


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


# Death


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


# All that can be done, in any order


class Machine(RuleBasedStateMachine):
    """A manager, and what its statuses should be by the words of its documentation."""

    tasks = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self._server = Loopback().__enter__()
        self._server.on("/good", reply(200, b"good"))
        import tempfile

        self._folder = tempfile.TemporaryDirectory()
        self._manager = self._fresh()
        self._wanted: dict[str, str] = {}
        self._good: dict[str, bool] = {}

    def _fresh(self) -> DownloadManager:
        return DownloadManager(2, Path(self._folder.name) / "state.json")

    def teardown(self) -> None:
        self._server.__exit__()
        self._folder.cleanup()

    @rule(target=tasks)
    def add_good(self) -> str:
        return self._add("/good")

    @rule(target=tasks)
    def add_bad(self) -> str:
        return self._add("/bad")

    def _add(self, path: str) -> str:
        target = Path(self._folder.name) / str(len(self._wanted))
        task_id = self._manager.add_download(self._server.url(path), target)
        assert task_id == f"task_{len(self._wanted) + 1}"
        self._wanted[task_id], self._good[task_id] = "pending", path == "/good"
        return task_id

    @rule(task_id=tasks)
    def stop(self, task_id: str) -> None:
        stopped = self._wanted[task_id] == "pending"
        assert self._manager.stop_download(task_id) is stopped
        if stopped:
            self._wanted[task_id] = "paused"

    @rule()
    def stop_all(self) -> None:
        pending = [each for each, status in self._wanted.items() if status == "pending"]
        assert self._manager.stop_all_downloads() is bool(pending)
        self._wanted.update(dict.fromkeys(pending, "paused"))

    @rule(task_id=tasks)
    def resume(self, task_id: str) -> None:
        resumed = self._wanted[task_id] in ("paused", "failed")
        assert self._manager.resume_download(task_id) is resumed
        if resumed:
            self._wanted[task_id] = "pending"

    @rule()
    def start(self) -> None:
        asyncio.run(self._manager.start_downloads())
        for task_id, now in self._wanted.items():
            if now in ("pending", "failed"):
                self._wanted[task_id] = "completed" if self._good[task_id] else "failed"

    @rule()
    def restart(self) -> None:
        self._manager = self._fresh()

    @invariant()
    def as_it_should_be(self) -> None:
        told = {each["task_id"]: each["status"] for each in self._manager.list_all_tasks()}
        assert told == self._wanted
        for each in self._manager.list_all_tasks():
            assert (each["error"] is not None) == (each["status"] == "failed")
            assert Path(each["filepath"]).exists() == (each["status"] == "completed")


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
